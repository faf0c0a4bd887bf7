"""From the service's own feed: meanings of requirements, suggestions for what was said, and what decisions teach."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.chassis.child import run_in_child
from services.chassis.database import Database
from services.chassis.events import Event
from services.chassis.feed_handlers import Handler
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.domain.calibration import Calibrator
from services.requirements.models import Suggestion
from services.requirements.similarity.candidates import CandidateRepository
from services.requirements.similarity.meanings import OwnMeaning, RequirementMeanings
from services.requirements.similarity.repository import CalibratorRepository, SuggestionRepository
from services.requirements.similarity.service import as_suggestion, judged, tell
from services.requirements.themes.meaning import Embedder

SUGGESTED = 0.5
"""Probability from which a requirement is suggested; three at most for a piece of feedback."""
MOST = 3
AT_ONCE = 50
ENOUGH, EITHER, NEWS = 50, 10, 10
"""Decisions before a first fit, of either kind at least, and new ones before each later fit."""
FIT = "services.requirements.similarity.calibrating:fit"


class KeepMeanings(Handler[dict[str, Any], list[OwnMeaning]]):
    """A requirement's meaning and words follow its title, its problem and its quotes."""

    types = ("requirement.created", "requirement.updated")

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder

    async def prepare(self, events: Sequence[Event[dict[str, Any]]]) -> list[OwnMeaning]:
        async with self._database.session(workspace_id=events[0].workspace_id, read_only=True) as session:
            stale = await RequirementMeanings(session).stale({event.subject for event in events})
        if not stale:
            return []
        vectors = await self._embedder.vectors([each.words for each in stale])
        return [OwnMeaning(own, vector) for own, vector in zip(stale, vectors, strict=True)]

    async def apply(
        self, work: UnitOfWork, events: Sequence[Event[dict[str, Any]]], prepared: list[OwnMeaning] | None
    ) -> None:
        meanings = RequirementMeanings(work.session)
        await meanings.store(prepared or [])
        await meanings.refresh({event.subject for event in events})


class SuggestRequirements(Handler[dict[str, Any], None]):
    """Each new text is held against the requirements that are there; after it has its meaning."""

    types = ("feedback.recorded", "feedback.updated")

    async def apply(self, work: UnitOfWork, events: Sequence[Event[dict[str, Any]]], prepared: None) -> None:
        del prepared
        ids = sorted({event.subject for event in events})
        meanings = RequirementMeanings(work.session)
        await meanings.refresh(await meanings.quoting(ids))
        if not await meanings.is_any():
            return
        await self._withdraw(work, sorted({event.subject for event in events if event.type == "feedback.updated"}))
        for start in range(0, len(ids), AT_ONCE):
            await self._suggest(work, ids[start : start + AT_ONCE])

    async def _suggest(self, work: UnitOfWork, feedback_ids: Sequence[UUID]) -> None:
        candidates, suggestions = CandidateRepository(work.session), SuggestionRepository(work.session)
        asked = await candidates.asked(feedback_ids)
        found = await candidates.requirements(list(asked.values()))
        settled = await suggestions.settled_pairs(list(asked))
        calibrator = await CalibratorRepository(work.session).in_force()
        made: list[Suggestion] = []
        for feedback_id, likely in zip(asked, found, strict=True):
            for each in judged(likely, calibrator)[:MOST]:
                pair = feedback_id, each.candidate.requirement_id
                if each.probability >= SUGGESTED and pair not in settled:
                    made.append(as_suggestion(*pair, each, calibrator))
        work.session.add_all(made)
        await tell(work, "suggestion.created", made)

    async def _withdraw(self, work: UnitOfWork, feedback_ids: Sequence[UUID]) -> None:
        """What was suggested of words that were corrected since."""
        if not feedback_ids:
            return
        gone = await SuggestionRepository(work.session).withdraw_open(feedback_ids)
        await work.events.append_all(
            [
                work.events.new(
                    "suggestion.withdrawn", subject_type="suggestion", subject_id=row.id, version=row[1] + 1
                )
                for row in gone
            ]
        )


@dataclass(frozen=True)
class Fitted:
    """A calibrator and how many decisions it rests on."""

    calibrator: Calibrator
    decisions: int


class LearnFromDecisions(Handler[dict[str, Any], Fitted]):
    """Enough new decisions fit the workspace's calibrator anew, in a child process."""

    types = ("suggestion.decided",)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def prepare(self, events: Sequence[Event[dict[str, Any]]]) -> Fitted | None:
        async with self._database.session(workspace_id=events[0].workspace_id, read_only=True) as session:
            decisions = await SuggestionRepository(session).decisions()
            known = await CalibratorRepository(session).row()
        told = Counter(row.status for row in decisions)
        is_enough = len(decisions) >= ENOUGH and min(told["accepted"], told["dismissed"]) >= EITHER
        if not is_enough or (known is not None and len(decisions) < known.decisions + NEWS):
            return None
        name = f"workspace-{len(decisions)}"
        payload = (name, [(list(row.features), row.status == "accepted") for row in decisions])
        return Fitted(await run_in_child(FIT, payload), len(decisions))

    async def apply(self, work: UnitOfWork, events: Sequence[Event[dict[str, Any]]], prepared: Fitted | None) -> None:
        del events
        if prepared is not None:
            await CalibratorRepository(work.session).keep(
                prepared.calibrator, decisions=prepared.decisions, fitted_at=work.clock.now()
            )
