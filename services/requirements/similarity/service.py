"""Finds what is asked for already, and carries out what people decide about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, Conflict, FieldError, UnknownReference
from services.chassis.unit_of_work import UnitOfWork, Work
from services.requirements.backlog.repository import EvidenceRepository, RequirementRepository
from services.requirements.backlog.schemas import EvidenceCreate
from services.requirements.backlog.service import BacklogService
from services.requirements.domain.calibration import Calibrator
from services.requirements.domain.evidence import opening
from services.requirements.domain.likeness import Likeness, standings
from services.requirements.feedback.repository import FeedbackRepository
from services.requirements.models import Suggestion
from services.requirements.similarity.candidates import Asked, CandidateRepository, LikeRequirement
from services.requirements.similarity.repository import CalibratorRepository, MergeRepository, SuggestionRepository
from services.requirements.similarity.schemas import SuggestionAccept, SuggestionCreate, SuggestionDismiss

NEIGHBOURS = 40
BY_WORDS = 20
ANY = Precondition(("*",))


class AlreadyDecided(Conflict):
    code, title = "already_decided", "The suggestion was decided on already"


@dataclass(frozen=True)
class Judged:
    """A candidate with its likeness, what the calibrator saw of it, and what it makes of that."""

    candidate: Any
    likeness: Likeness
    features: tuple[float, ...]
    probability: float


@dataclass(frozen=True)
class Piece:
    """Feedback that is alike."""

    feedback_id: UUID
    text: str
    theme_id: UUID | None
    similarity: float
    words: float


@dataclass(frozen=True)
class Found:
    """What is asked for already."""

    requirements: Sequence[Judged]
    themes: Sequence[Judged]
    feedback: Sequence[Piece]
    calibrator: str


class SimilarityService:
    """What callers do with likenesses and suggestions."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def suggestions(self) -> SuggestionRepository:
        return SuggestionRepository(self.work.session)

    @property
    def calibrators(self) -> CalibratorRepository:
        return CalibratorRepository(self.work.session)

    @property
    def candidates(self) -> CandidateRepository:
        return CandidateRepository(self.work.session)

    async def find(self, asked: Asked, *, limit: int) -> Found:
        """Requirements, themes and feedback that say the same, the most likely first."""
        calibrator = await self.calibrators.in_force()
        (requirements,) = await self.candidates.requirements([asked])
        pieces = await self._pieces(asked)
        themes = await self._themes(asked, pieces, calibrator)
        ordered = sorted(pieces, key=lambda each: (-each.similarity, each.feedback_id))
        return Found(judged(requirements, calibrator)[:limit], themes[:limit], ordered[:limit], calibrator.name)

    async def like_requirement(self, requirement_id: UUID, *, limit: int) -> list[Judged]:
        """Other requirements that may ask the same; nothing while its meaning is not computed."""
        await RequirementRepository(self.work.session).get(requirement_id)
        asked = await self.candidates.of_requirement(requirement_id)
        if asked is None:
            return []
        (found,) = await self.candidates.requirements([asked])
        others = [each for each in found if each.requirement_id != requirement_id]
        return judged(others, await self.calibrators.in_force())[:limit]

    async def propose(self, new: SuggestionCreate) -> Suggestion:
        """A person's own suggestion. Raises UnknownReference, AlreadyExists."""
        await self._require(new)
        if await self.suggestions.is_known(new.feedback_id, new.requirement_id):
            raise AlreadyExists("It was suggested already.")
        asked = await self.candidates.asked([new.feedback_id])
        found = await self.candidates.requirements(list(asked.values()))
        calibrator = await self.calibrators.in_force()
        mine = [
            each
            for each in judged(found[0] if found else [], calibrator)
            if each.candidate.requirement_id == new.requirement_id
        ]
        suggestion = await self.suggestions.add(
            as_suggestion(new.feedback_id, new.requirement_id, mine[0] if mine else None, calibrator)
        )
        await tell(self.work, "suggestion.created", [suggestion])
        return suggestion

    async def accept(self, suggestion_id: UUID, how: SuggestionAccept) -> Suggestion:
        """The requirement, or the one that it was merged into, then quotes the feedback. Raises AlreadyDecided."""
        suggestion = await self._open(suggestion_id)
        quote, start = how.quote, how.start
        if quote is None:
            texts = await EvidenceRepository(self.work.session).texts({suggestion.feedback_id})
            begins = opening(texts[suggestion.feedback_id])
            quote, start = begins.text, begins.start
        target = await MergeRepository(self.work.session).kept_at_last(suggestion.requirement_id)
        evidence = await BacklogService(self.work).add_evidence(
            target,
            EvidenceCreate(feedback_id=suggestion.feedback_id, quote=quote, start=start, strength=how.strength),
        )
        suggestion.evidence_id = evidence.id
        return await self._decide(suggestion, "accepted", reason=None)

    async def dismiss(self, suggestion_id: UUID, why: SuggestionDismiss) -> Suggestion:
        """It will not be suggested again. Raises AlreadyDecided."""
        return await self._decide(await self._open(suggestion_id), "dismissed", reason=why.reason)

    async def reopen(self, suggestion_id: UUID) -> Suggestion:
        """As it was before the decision; a quote that came of it is taken away again. Raises Conflict."""
        suggestion = await self.suggestions.get(suggestion_id, lock=True)
        if suggestion.status == "open":
            raise Conflict("The suggestion is open.")
        evidence_id, suggestion.evidence_id = suggestion.evidence_id, None
        suggestion.status, suggestion.reason = "open", None
        suggestion.decided_by = suggestion.decided_at = None
        await self.work.session.flush()
        if evidence_id is not None:
            evidence = await EvidenceRepository(self.work.session).get(evidence_id)
            await BacklogService(self.work).remove_evidence(evidence.requirement_id, evidence_id, if_match=ANY)
        await tell(self.work, "suggestion.reopened", [suggestion])
        return suggestion

    async def _open(self, suggestion_id: UUID) -> Suggestion:
        suggestion = await self.suggestions.get(suggestion_id, lock=True)
        if suggestion.status != "open":
            raise AlreadyDecided(f"It was {suggestion.status}; reopen it first.")
        return suggestion

    async def _decide(self, suggestion: Suggestion, status: str, *, reason: str | None) -> Suggestion:
        suggestion.status, suggestion.reason = status, reason
        suggestion.decided_by, suggestion.decided_at = self.work.principal.id, self.work.clock.now()
        await tell(self.work, "suggestion.decided", [suggestion])
        return suggestion

    async def _require(self, new: SuggestionCreate) -> None:
        feedback = await FeedbackRepository(self.work.session).find(new.feedback_id)
        requirement = await RequirementRepository(self.work.session).find(new.requirement_id)
        missing = {"/feedback_id": feedback, "/requirement_id": requirement}
        errors = [FieldError(at, "There is no such thing.", "unknown") for at, row in missing.items() if row is None]
        if errors:
            raise UnknownReference(errors=errors)

    async def _pieces(self, asked: Asked) -> list[Piece]:
        """Neighbours by meaning and by rare words, in one list."""
        near = await FeedbackRepository(self.work.session).nearest_to(asked.vector, limit=NEIGHBOURS)
        spoken = await self.candidates.by_words(asked.words, most=BY_WORDS)
        ids = {*(each.feedback_id for each in near), *spoken}
        rows = await self.candidates.compare(sorted(ids), vector=asked.vector)
        return [Piece(row.id, row.text, row.theme_id, row.cosine, spoken.get(row.id, 0.0)) for row in rows]

    async def _themes(self, asked: Asked, pieces: Sequence[Piece], calibrator: Calibrator) -> list[Judged]:
        members: dict[UUID, list[Piece]] = {}
        for each in pieces:
            if each.theme_id is not None:
                members.setdefault(each.theme_id, []).append(each)
        rows = await self.candidates.themes(sorted(members), vector=asked.vector)
        likenesses = [(row, _of_theme(row, members.get(row.id, []))) for row in rows]
        return _judged(likenesses, calibrator)


def judged(candidates: Sequence[LikeRequirement], calibrator: Calibrator) -> list[Judged]:
    """Candidates by falling score, each with its probability."""
    return _judged([(each, each.likeness) for each in candidates], calibrator)


def as_suggestion(feedback_id: UUID, requirement_id: UUID, found: Judged | None, calibrator: Calibrator) -> Suggestion:
    """An open suggestion with what is known of it."""
    return Suggestion(
        feedback_id=feedback_id,
        requirement_id=requirement_id,
        status="open",
        probability=found.probability if found else None,
        best=found.likeness.best if found else None,
        centre=found.likeness.centre if found else None,
        words=found.likeness.words if found else None,
        features=list(found.features) if found else None,
        calibrator=calibrator.name if found else None,
    )


async def tell(work: UnitOfWork, kind: str, suggestions: Sequence[Suggestion]) -> None:
    """The events of suggestions that were changed and are about to be written."""
    await work.session.flush()
    await work.events.append_all(
        [
            work.events.new(
                kind,
                subject_type="suggestion",
                subject_id=each.id,
                version=each.version,
                data=_facts(each),
            )
            for each in suggestions
        ]
    )


def _facts(suggestion: Suggestion) -> Mapping[str, Any]:
    return {
        "feedback_id": suggestion.feedback_id,
        "requirement_id": suggestion.requirement_id,
        "status": suggestion.status,
        "probability": suggestion.probability,
        "evidence_id": suggestion.evidence_id,
    }


def _judged(found: Sequence[tuple[Any, Likeness]], calibrator: Calibrator) -> list[Judged]:
    owners = {id(likeness): owner for owner, likeness in found}
    return [
        Judged(owners[id(each.likeness)], each.likeness, each.features, round(calibrator.probability(each.features), 4))
        for each in standings([likeness for _, likeness in found])
    ]


def _of_theme(row: Any, members: Sequence[Piece]) -> Likeness:
    """The nearest members stand for the theme; where none is near, its centre does."""
    best = max((each.similarity for each in members), default=row.centre)
    words = max((each.words for each in members), default=0.0)
    return Likeness(best=best, centre=row.centre, words=words, texts=max(2, row.size))
