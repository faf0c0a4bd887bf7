"""Keeps forms, takes what comes through them within their bounds, and counts votes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from services.chassis.bulk import invalid_line
from services.chassis.concurrency import Precondition
from services.chassis.errors import Conflict, FieldError, Forbidden, Invalid, TooManyRequests, UnknownReference
from services.chassis.types import Body
from services.chassis.unit_of_work import Work
from services.requirements.customers.schemas import ContactReference
from services.requirements.domain.form_fields import as_document, faults_in
from services.requirements.feedback.schemas import FeedbackCreate
from services.requirements.feedback.service import FeedbackService
from services.requirements.forms.repository import FormRepository, VoteRepository
from services.requirements.forms.schemas import (
    FormFieldEntry,
    FormSubmissionCreate,
    FormVoteCreate,
    IntakeFormCreate,
    IntakeFormUpdate,
    Subject,
    Thanks,
)
from services.requirements.models import FormSubmission, IntakeForm, Vote

MINUTE = timedelta(minutes=1)
SOURCE = "form"


class FormClosed(Conflict):
    code, title = "form_closed", "This form takes nothing any more"


class OriginNotAllowed(Forbidden):
    code, title = "origin_not_allowed", "This form may not be sent from that page"


class ConsentMissing(Invalid):
    code, title = "consent_missing", "This form takes nothing without consent"


class FormService:
    """What callers do with forms, and what visitors send through them."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def forms(self) -> FormRepository:
        return FormRepository(self.work.session)

    @property
    def votes(self) -> VoteRepository:
        return VoteRepository(self.work.session)

    async def create(self, new: IntakeFormCreate) -> IntakeForm:
        form = await self.forms.add(IntakeForm(**{name: _plain(value) for name, value in new.fields().items()}))
        await self._tell("intake_form.created", form)
        return form

    async def update(self, form_id: UUID, change: IntakeFormUpdate, *, if_match: Precondition) -> IntakeForm:
        form = await self.forms.get(form_id, lock=True)
        if_match.check(form)
        for name, value in change.changes().items():
            setattr(form, name, _plain(value))
        await self._tell("intake_form.updated", form)
        return form

    async def delete(self, form_id: UUID, *, if_match: Precondition) -> None:
        form = await self.forms.get(form_id, lock=True)
        if_match.check(form)
        await self.forms.remove(form)
        await self._tell("intake_form.deleted", form, version=form.version + 1)

    async def submit(self, form_id: UUID, new: FormSubmissionCreate, *, origin: str) -> Thanks:
        """Raises FormClosed, OriginNotAllowed, TooManyRequests, ConsentMissing, Invalid."""
        form = await self._entered(form_id, origin=origin)
        feedback_id = None
        if not new.website:  # a machine is thanked too, so that it learns nothing
            feedback_id = await self._record(form, new)
        return self._note(form, feedback_id)

    async def vote_through(self, form_id: UUID, new: FormVoteCreate, *, origin: str) -> Thanks:
        """Raises as `submit` does, and UnknownReference for what the form lets nobody vote for."""
        form = await self._entered(form_id, origin=origin)
        if new.subject_id not in form.votable_ids:
            raise UnknownReference(errors=[FieldError("/requirement_id", "Nobody may vote for this here.", "unknown")])
        if not new.website:
            _require_consent(form, has_consented=new.has_consented)
            await self.vote(new, ContactReference(email=new.email))
        return self._note(form, None)

    async def vote(self, subject: Subject, contact: ContactReference) -> tuple[Vote, bool]:
        """The vote, and whether it is new: a second one by the same contact is the first. Raises UnknownReference."""
        wanted = {"requirement_id": subject.requirement_id, "theme_id": subject.theme_id}
        if not await self.votes.exists(**wanted):
            name = "requirement_id" if subject.requirement_id is not None else "theme_id"
            raise UnknownReference(errors=[FieldError(f"/{name}", "There is no such thing to vote for.", "unknown")])
        contact_id = await FeedbackService(self.work).contact_named(contact, source=SOURCE)
        found = await self.votes.of(contact_id, **wanted)
        if found is not None:
            return found, False
        made = await self.votes.add(Vote(contact_id=contact_id, **wanted))
        await self._tell_of(made, "vote.cast", version=made.version)
        return made, True

    async def withdraw(self, vote_id: UUID, *, if_match: Precondition) -> None:
        vote = await self.votes.get(vote_id, lock=True)
        if_match.check(vote)
        await self.votes.remove(vote)
        await self._tell_of(vote, "vote.withdrawn", version=vote.version + 1)

    async def _entered(self, form_id: UUID, *, origin: str) -> IntakeForm:
        """The form, if it takes something from this page just now."""
        form = await self.forms.get(form_id, lock=True)
        if not form.is_open:
            raise FormClosed
        if form.allowed_origins and origin not in form.allowed_origins:
            raise OriginNotAllowed
        since = self.work.clock.now() - MINUTE
        if await self.forms.taken_since(form.id, since) >= form.max_per_minute:
            raise TooManyRequests("Too much has come through this form.", headers={"Retry-After": "60"})
        return form

    async def _record(self, form: IntakeForm, new: FormSubmissionCreate) -> UUID:
        fields = [FormFieldEntry.model_validate(each).field() for each in form.questions]
        errors = [FieldError(f"/answers/{each.name}", each.detail, "answer") for each in faults_in(fields, new.answers)]
        if errors:
            raise Invalid(errors=errors)
        _require_consent(form, has_consented=new.has_consented)
        document = as_document(fields, new.answers)
        contact = document.get("contact")
        if contact and await self.votes.is_known(str(contact["email"]).strip().lower()):
            del contact["name"]  # whoever fills in an address does not rename its owner
        document |= {"source": SOURCE, "channel": form.channel, "product_area": form.product_area}
        if form.consent_wording is not None and new.has_consented:
            given_at = self.work.clock.now().isoformat()
            purposes, wording = form.consent_purposes, form.consent_wording
            document["consent"] = {"purposes": purposes, "given_at": given_at, "wording": wording}
        try:
            content = FeedbackCreate.model_validate(document)
        except ValidationError as fault:
            raise invalid_line(fault) from None
        _, recorded, _ = await FeedbackService(self.work).record(content)
        return recorded.id

    def _note(self, form: IntakeForm, feedback_id: UUID | None) -> Thanks:
        now = self.work.clock.now()
        self.forms.note(
            FormSubmission(
                workspace_id=self.work.principal.workspace,
                id=self.work.ids(),
                form_id=form.id,
                feedback_id=feedback_id,
                submitted_at=now,
            )
        )
        return Thanks(received_at=now)

    async def _tell(self, kind: str, form: IntakeForm, *, version: int | None = None) -> None:
        await self.work.session.flush()
        await self.work.events.append(
            kind, subject_type="intake_form", subject_id=form.id, version=version or form.version
        )

    async def _tell_of(self, vote: Vote, kind: str, *, version: int) -> None:
        data = {"requirement_id": vote.requirement_id, "theme_id": vote.theme_id, "contact_id": vote.contact_id}
        await self.work.events.append(kind, subject_type="vote", subject_id=vote.id, version=version, data=data)


def _require_consent(form: IntakeForm, *, has_consented: bool) -> None:
    if form.consent_wording is not None and not has_consented:
        raise ConsentMissing(errors=[FieldError("/has_consented", form.consent_wording, "consent")])


def _plain(value: Any) -> Any:
    """As JSON columns keep it."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.model_dump(mode="json") if isinstance(value, Body) else value
