"""Makes requirements, rests them on quotes, and leads them through their life."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import Conflict, FieldError, Invalid, UnknownReference
from services.chassis.unit_of_work import UnitOfWork, Work
from services.requirements.backlog.history import MOST_REVISIONS, remember, restored
from services.requirements.backlog.references import require_roadmap
from services.requirements.backlog.repository import EvidenceRepository, RequirementRepository, RevisionRepository
from services.requirements.backlog.schemas import (
    AccountEvidenceRead,
    AccountsRead,
    EvidenceCreate,
    RequirementCreate,
    RequirementHistoryRead,
    RequirementRevisionRead,
    RequirementTransitionCreate,
    RequirementUpdate,
)
from services.requirements.domain.evidence import QuoteAmbiguous, QuoteNotFound, locate, opening
from services.requirements.domain.states import RequirementStatus, TransitionRefused, check_step
from services.requirements.feedback.declared import refusal_of
from services.requirements.fields.repository import CustomFieldRepository
from services.requirements.models import Evidence, Requirement, Theme
from services.requirements.themes.repository import ThemeRepository

MOST_ACCOUNTS = 200


class WordsNotFound(Invalid):
    code, title = "quote_not_found", "The quoted words do not stand there"


class ImpossibleTransition(Conflict):
    code, title = "transition_refused", "The requirement cannot take this step"


class BacklogService:
    """What callers do with requirements."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def requirements(self) -> RequirementRepository:
        return RequirementRepository(self.work.session)

    @property
    def evidence(self) -> EvidenceRepository:
        return EvidenceRepository(self.work.session)

    async def create(self, new: RequirementCreate) -> Requirement:
        """Raises UnknownReference, WordsNotFound, NeighbourDown."""
        await require_roadmap(self.work, objectives=new.objectives, persona_id=new.persona_id, need_id=new.need_id)
        await self._check_fields(new.custom_fields)
        theme = await self._theme(new.theme_id) if new.theme_id is not None else None
        quotes = await self._quotes(new.evidence, pointer="/evidence")
        if theme is not None and not new.evidence:
            quotes = await self._typical_quotes(theme.shown_as_id, limit=new.quotes_from_theme)
        requirement = await self.requirements.add(
            Requirement(
                title=new.title or (theme.name[:200] if theme is not None else ""),
                problem=new.problem,
                theme_id=new.theme_id,
                kind=new.kind,
                owner=new.owner,
                product_area=new.product_area,
                acceptance_criteria=new.acceptance_criteria,
                persona_id=new.persona_id,
                need_id=new.need_id,
                objectives=[link.model_dump(mode="json") for link in new.objectives],
                custom_fields=new.custom_fields,
                status=RequirementStatus.DRAFT,
                estimates=new.estimates.kept(),
                evidence_count=len(quotes),
                attributes=new.metadata,
            )
        )
        for quote in quotes:
            quote.requirement_id = requirement.id
            self.work.session.add(quote)
        await tell(self.work, "requirement.created", requirement)
        return requirement

    async def update(self, requirement_id: UUID, change: RequirementUpdate, *, if_match: Precondition) -> Requirement:
        """Raises UnknownReference, NeighbourDown."""
        changes = change.changes()
        await require_roadmap(
            self.work,
            objectives=changes.get("objectives", []),
            persona_id=changes.get("persona_id"),
            need_id=changes.get("need_id"),
        )
        requirement = await self.requirements.get(requirement_id, lock=True)
        if_match.check(requirement)
        if changes.get("theme_id") is not None:
            await self._theme(changes["theme_id"])
        if "estimates" in changes:
            changes["estimates"] = change.estimates.merged_into(requirement.estimates)
        if "objectives" in changes:
            changes["objectives"] = [link.model_dump(mode="json") for link in changes["objectives"]]
        if "custom_fields" in changes:
            await self._check_fields(changes["custom_fields"])
            values = requirement.custom_fields | changes["custom_fields"]
            changes["custom_fields"] = {name: value for name, value in values.items() if value is not None}
        for name, value in changes.items():
            setattr(requirement, "attributes" if name == "metadata" else name, value)
        await tell(self.work, "requirement.updated", requirement)
        return requirement

    async def take_step(self, requirement_id: UUID, step: RequirementTransitionCreate) -> Requirement:
        """Raises ImpossibleTransition."""
        requirement = await self.requirements.get(requirement_id, lock=True)
        try:
            check_step(RequirementStatus(requirement.status), step.to, reason=step.reason)
        except TransitionRefused as refused:
            raise ImpossibleTransition(f"{refused}.") from None
        await change_status(self.work, requirement, step.to, reason=step.reason)
        return requirement

    async def add_evidence(self, requirement_id: UUID, new: EvidenceCreate) -> Evidence:
        """Raises UnknownReference, WordsNotFound."""
        requirement = await self.requirements.get(requirement_id, lock=True)
        (quote,) = await self._quotes([new], pointer=None)
        quote.requirement_id = requirement.id
        await self.evidence.add(quote)
        requirement.evidence_count += 1
        await tell(self.work, "requirement.updated", requirement)
        await self._tell_of(quote, "evidence.added", version=quote.version)
        return quote

    async def remove_evidence(self, requirement_id: UUID, evidence_id: UUID, *, if_match: Precondition) -> None:
        requirement = await self.requirements.get(requirement_id, lock=True)
        quote = await self.evidence.get_of(requirement_id, evidence_id, lock=True)
        if_match.check(quote)
        await self.evidence.remove(quote)
        requirement.evidence_count -= 1
        await tell(self.work, "requirement.updated", requirement)
        await self._tell_of(quote, "evidence.removed", version=quote.version + 1)

    async def history(self, requirement_id: UUID, *, before: int | None) -> RequirementHistoryRead:
        """Raises NotFound."""
        await self.requirements.get(requirement_id)
        rows = await RevisionRepository(self.work.session).before(
            requirement_id, version=before, limit=MOST_REVISIONS + 1
        )
        told = [
            RequirementRevisionRead(
                version=row.version,
                change=row.change,
                changed_by=row.changed_by,
                at=row.at,
                requirement=restored(row.state),
            )
            for row in rows[:MOST_REVISIONS]
        ]
        return RequirementHistoryRead(
            revisions=told, next_before=told[-1].version if len(rows) > MOST_REVISIONS else None
        )

    async def accounts(self, requirement_id: UUID) -> AccountsRead:
        """Raises NotFound."""
        await self.requirements.get(requirement_id)
        rows = await self.evidence.by_account(requirement_id, limit=MOST_ACCOUNTS)
        return AccountsRead(
            requirement_id=requirement_id, accounts=[AccountEvidenceRead.model_validate(row) for row in rows]
        )

    async def _check_fields(self, values: Mapping[str, Any]) -> None:
        """Raises Invalid for values that no declared field takes."""
        if not values:
            return
        declared = await CustomFieldRepository(self.work.session).declared(applies_to="requirement")
        if (refusal := refusal_of(values, declared)) is not None:
            raise refusal

    async def _theme(self, theme_id: UUID) -> Theme:
        theme = await ThemeRepository(self.work.session).find(theme_id)
        if theme is None:
            raise UnknownReference(errors=[FieldError("/theme_id", f"There is no theme {theme_id}.", "unknown")])
        return theme

    async def _quotes(self, wanted: Sequence[EvidenceCreate], *, pointer: str | None) -> list[Evidence]:
        """Each quote found in its feedback, all faults told at once."""
        texts = await self.evidence.texts({each.feedback_id for each in wanted})
        quotes, unknown, absent = [], [], []
        for place, each in enumerate(wanted):
            at = "" if pointer is None else f"{pointer}/{place}"
            text = texts.get(each.feedback_id)
            if text is None:
                unknown.append(FieldError(f"{at}/feedback_id", f"There is no feedback {each.feedback_id}.", "unknown"))
                continue
            try:
                quotes.append(self._quoted(each, text))
            except (QuoteNotFound, QuoteAmbiguous) as fault:
                absent.append(FieldError(f"{at}/quote", f"{fault}.", "quote"))
        if unknown:
            raise UnknownReference(errors=unknown)
        if absent:
            raise WordsNotFound(errors=absent)
        return quotes

    def _quoted(self, wanted: EvidenceCreate, text: str) -> Evidence:
        quote = locate(wanted.quote, within=text, start=wanted.start)
        return Evidence(
            feedback_id=wanted.feedback_id,
            quote=quote.text,
            start_offset=quote.start,
            end_offset=quote.end,
            strength=wanted.strength,
            judged_by=self.work.principal.id,
        )

    async def _typical_quotes(self, theme_id: UUID, *, limit: int) -> list[Evidence]:
        feedback_ids = await self.evidence.typical(theme_id, limit=limit)
        texts = await self.evidence.texts(feedback_ids)
        quotes = ((feedback_id, opening(texts[feedback_id])) for feedback_id in feedback_ids if feedback_id in texts)
        return [
            self._quoted(EvidenceCreate(feedback_id=feedback_id, quote=each.text, start=each.start), texts[feedback_id])
            for feedback_id, each in quotes
        ]

    async def _tell_of(self, quote: Evidence, kind: str, *, version: int) -> None:
        data = {"requirement_id": quote.requirement_id, "feedback_id": quote.feedback_id, "strength": quote.strength}
        await self.work.events.append(kind, subject_type="evidence", subject_id=quote.id, version=version, data=data)


async def change_status(
    work: UnitOfWork, requirement: Requirement, status: RequirementStatus, *, reason: str | None = None
) -> None:
    """Takes the step, and tells of it."""
    requirement.status, requirement.status_reason = status, reason
    await tell(work, "requirement.status_changed", requirement)


async def tell(work: UnitOfWork, kind: str, requirement: Requirement) -> None:
    """The event of a requirement that was changed and is locked."""
    await work.session.flush()
    remember(work, requirement, change=kind)
    await work.events.append(
        kind,
        subject_type="requirement",
        subject_id=requirement.id,
        version=requirement.version,
        data=requirement_facts(requirement),
    )


def requirement_facts(requirement: Requirement) -> dict[str, Any]:
    """What the feed tells of a requirement, the same by event and by snapshot: ids and facts, no one's words."""
    return {
        "status": requirement.status,
        "theme_id": requirement.theme_id,
        "evidence_count": requirement.evidence_count,
        "kind": requirement.kind,
        "persona_id": requirement.persona_id,
        "need_id": requirement.need_id,
        "objectives": requirement.objectives,
        "estimates": requirement.estimates,
    }
