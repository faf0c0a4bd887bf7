"""Keeps studies, who takes part, what comes in answer, and what was found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, FieldError, Invalid, UnknownReference
from services.chassis.unit_of_work import Work
from services.requirements.customers.repository import ContactRepository
from services.requirements.domain.evidence import QuoteAmbiguous, QuoteNotFound, locate
from services.requirements.feedback.recording import Draft, Recorded
from services.requirements.feedback.schemas import FeedbackCreate
from services.requirements.feedback.service import FeedbackService
from services.requirements.models import Finding, FindingQuote, Study, StudyParticipant
from services.requirements.studies.repository import FindingRepository, ParticipantRepository, StudyRepository
from services.requirements.studies.schemas import (
    FindingCreate,
    FindingQuoteCreate,
    FindingUpdate,
    StudyCreate,
    StudyRead,
    StudyUpdate,
)

CHANNELS = {
    "interview": "interview",
    "market_analysis": "market_research",
    "competitor_analysis": "competitor_analysis",
    "usage_analysis": "usage_analytics",
}


class StudyService:
    """What callers do with studies."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def studies(self) -> StudyRepository:
        return StudyRepository(self.work.session)

    @property
    def participants(self) -> ParticipantRepository:
        return ParticipantRepository(self.work.session)

    @property
    def findings(self) -> FindingRepository:
        return FindingRepository(self.work.session)

    async def read(self, studies: Sequence[Study]) -> list[StudyRead]:
        """Studies with their counts, in two statements for any number of them."""
        counts = await self.studies.counts([each.id for each in studies])
        return [StudyRead.model_validate(each).model_copy(update=counts[each.id]) for each in studies]

    async def create(self, new: StudyCreate) -> Study:
        study = await self.studies.add(Study(**new.fields()))
        await self._tell("study.created", study)
        return study

    async def update(self, study_id: UUID, change: StudyUpdate, *, if_match: Precondition) -> Study:
        """Raises Invalid when it would end before it starts."""
        study = await self.studies.get(study_id, lock=True)
        if_match.check(study)
        for name, value in change.changes().items():
            setattr(study, name, value)
        if study.starts_on is not None and study.ends_on is not None and study.ends_on < study.starts_on:
            raise Invalid(errors=[FieldError("/ends_on", "It ends no earlier than it starts.")])
        await self._tell("study.updated", study)
        return study

    async def delete(self, study_id: UUID, *, if_match: Precondition) -> None:
        """With its participants and findings; the feedback stays."""
        study = await self.studies.get(study_id, lock=True)
        if_match.check(study)
        await self.studies.remove(study)
        await self._tell("study.deleted", study, version=study.version + 1)

    async def take_response(self, study_id: UUID, new: FeedbackCreate) -> tuple[Draft, Recorded, datetime]:
        """Feedback in answer to the study. Raises AlreadyExists for an external id that is taken."""
        study = await self.studies.get(study_id)
        channel = new.channel or CHANNELS.get(study.method, "survey")
        content = new.model_copy(update={"channel": channel})
        content.model_fields_set.add("channel")
        recorded = await FeedbackService(self.work).record(content)
        await self.studies.add_response(study_id, recorded[1].id)
        return recorded

    async def add_participant(self, study_id: UUID, contact_id: UUID) -> StudyParticipant:
        """Raises UnknownReference, AlreadyExists."""
        await self.studies.get(study_id, lock=True)
        contact = await ContactRepository(self.work.session).find(contact_id)
        if contact is None:
            raise UnknownReference(errors=[FieldError("/contact_id", f"There is no contact {contact_id}.", "unknown")])
        meant = contact.merged_into_id or contact.id
        mine = self.participants.of(study_id).where(StudyParticipant.contact_id == meant)
        if await self.participants.all(mine):
            raise AlreadyExists("They take part already.")
        participant = await self.participants.add(StudyParticipant(study_id=study_id, contact_id=meant))
        await self._tell("study_participant.created", participant)
        return participant

    async def remove_participant(self, study_id: UUID, participant_id: UUID, *, if_match: Precondition) -> None:
        participant = await self.participants.get_of(study_id, participant_id)
        if_match.check(participant)
        await self.participants.remove(participant)
        await self._tell("study_participant.deleted", participant, version=participant.version + 1)

    async def add_finding(self, study_id: UUID, new: FindingCreate) -> Finding:
        """Raises UnknownReference and Invalid for words that do not stand where they are said to."""
        await self.studies.get(study_id, lock=True)
        finding = Finding(study_id=study_id, statement=new.statement, quotes=await self._quotes(new.quotes))
        await self.findings.add(finding)
        await self._tell("finding.created", finding)
        return finding

    async def update_finding(
        self, study_id: UUID, finding_id: UUID, change: FindingUpdate, *, if_match: Precondition
    ) -> Finding:
        """Raises UnknownReference, Invalid."""
        finding = await self.findings.get_of(study_id, finding_id, lock=True)
        if_match.check(finding)
        changes = change.changes()
        finding.updated_at = self.work.clock.now()
        if "statement" in changes:
            finding.statement = changes["statement"]
        if "quotes" in changes:
            quotes = await self._quotes(change.quotes)
            finding.quotes = []
            await self.work.session.flush()
            finding.quotes = quotes
        await self._tell("finding.updated", finding)
        return finding

    async def delete_finding(self, study_id: UUID, finding_id: UUID, *, if_match: Precondition) -> None:
        finding = await self.findings.get_of(study_id, finding_id, lock=True)
        if_match.check(finding)
        await self.findings.remove(finding)
        await self._tell("finding.deleted", finding, version=finding.version + 1)

    async def _quotes(self, wanted: Sequence[FindingQuoteCreate]) -> list[FindingQuote]:
        """Each found in its feedback, all faults told at once."""
        texts = await self.studies.texts({each.feedback_id for each in wanted})
        quotes, faults = [], []
        for place, each in enumerate(wanted):
            at = f"/quotes/{place}"
            if each.feedback_id not in texts:
                faults.append(FieldError(f"{at}/feedback_id", f"There is no feedback {each.feedback_id}.", "unknown"))
                continue
            try:
                quote = locate(each.quote, within=texts[each.feedback_id], start=each.start)
            except (QuoteNotFound, QuoteAmbiguous) as fault:
                faults.append(FieldError(f"{at}/quote", f"{fault}.", "quote"))
                continue
            quotes.append(
                FindingQuote(
                    workspace_id=self.work.principal.workspace,
                    place=place,
                    feedback_id=each.feedback_id,
                    quote=quote.text,
                    start_offset=quote.start,
                    end_offset=quote.end,
                )
            )
        if faults:
            raise UnknownReference(errors=faults)
        return quotes

    async def _tell(self, kind: str, row: Any, *, version: int | None = None) -> None:
        await self.work.session.flush()
        data = {} if isinstance(row, Study) else {"study_id": row.study_id}
        await self.work.events.append(
            kind, subject_type=row.__tablename__, subject_id=row.id, version=version or row.version, data=data
        )
