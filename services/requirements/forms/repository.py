"""The only SQL about forms and votes."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, func, select

from services.chassis.repository import Repository
from services.requirements.models import Contact, FormSubmission, IntakeForm, Requirement, Theme, Vote


class FormRepository(Repository[IntakeForm]):
    """Forms of one workspace."""

    model: ClassVar[Any] = IntakeForm

    async def taken_since(self, form_id: UUID, moment: datetime) -> int:
        """How much has come through a form; the form's row is locked, so that two at once count each other."""
        query = (
            select(func.count())
            .select_from(FormSubmission)
            .where(
                FormSubmission.workspace_id == self.workspace_id,
                FormSubmission.form_id == form_id,
                FormSubmission.submitted_at > moment,
            )
        )
        return await self.session.scalar(query) or 0

    def note(self, submission: FormSubmission) -> None:
        self.session.add(submission)


class VoteRepository(Repository[Vote]):
    """Votes of one workspace."""

    model: ClassVar[Any] = Vote

    def matching(self, **wanted: UUID | None) -> Select[Vote]:
        query = self.rows()
        for name, value in wanted.items():
            if value is not None:
                query = query.where(getattr(Vote, name) == value)
        return query

    async def of(self, contact_id: UUID, *, requirement_id: UUID | None, theme_id: UUID | None) -> Vote | None:
        query = self.matching(contact_id=contact_id, requirement_id=requirement_id, theme_id=theme_id)
        return (await self.session.scalars(query.with_for_update(of=Vote))).one_or_none()

    async def exists(self, *, requirement_id: UUID | None, theme_id: UUID | None) -> bool:
        """Whether there is such a requirement or theme."""
        model: Any = Requirement if requirement_id is not None else Theme
        query = select(model.id).where(
            model.workspace_id == self.workspace_id, model.id == (requirement_id or theme_id)
        )
        return await self.session.scalar(query) is not None

    async def is_known(self, email: str) -> bool:
        """Whether a contact has this address."""
        query = select(Contact.id).where(Contact.workspace_id == self.workspace_id, Contact.email == email)
        return await self.session.scalar(query) is not None
