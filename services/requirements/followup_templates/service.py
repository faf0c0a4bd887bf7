"""Keeps a workspace's own words, and shows what would be said."""

from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists
from services.chassis.unit_of_work import Work
from services.requirements.domain.following_up import DEFAULTS, FollowUpEvent, Template, compose
from services.requirements.followup_templates.repository import TemplateRepository
from services.requirements.followup_templates.schemas import (
    FollowUpPreview,
    FollowUpPreviewRead,
    FollowUpTemplateCreate,
    FollowUpTemplateUpdate,
)
from services.requirements.models import FollowUpTemplate


class TemplateService:
    """What callers do with templates."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def templates(self) -> TemplateRepository:
        return TemplateRepository(self.work.session)

    async def create(self, new: FollowUpTemplateCreate) -> FollowUpTemplate:
        """Raises AlreadyExists."""
        if await self.templates.of(new.event) is not None:
            raise AlreadyExists(f"There are words of your own for {new.event} already: change those.")
        template = await self.templates.add(FollowUpTemplate(event=new.event, subject=new.subject, body=new.body))
        await self._tell("follow_up_template.created", template)
        return template

    async def update(
        self, template_id: UUID, change: FollowUpTemplateUpdate, *, if_match: Precondition
    ) -> FollowUpTemplate:
        template = await self.templates.get(template_id, lock=True)
        if_match.check(template)
        for name, value in change.changes().items():
            setattr(template, name, value)
        await self._tell("follow_up_template.updated", template)
        return template

    async def remove(self, template_id: UUID, *, if_match: Precondition) -> None:
        """The words that Fullcircle brings are in force again."""
        template = await self.templates.get(template_id, lock=True)
        if_match.check(template)
        await self.templates.remove(template)
        await self._tell("follow_up_template.deleted", template, version=template.version + 1)

    async def preview(self, wanted: FollowUpPreview) -> FollowUpPreviewRead:
        """What somebody would read."""
        own = await template_in_force(self.templates, wanted.event)
        template = Template(wanted.subject or own.subject, wanted.body or own.body)
        message = compose(
            wanted.event,
            quote=wanted.quote,
            title=wanted.title,
            reason=wanted.reason,
            verdict=wanted.verdict,
            template=template,
        )
        return FollowUpPreviewRead(
            subject=message.subject,
            body=message.body,
            is_default=template == DEFAULTS[wanted.event],
            subject_template=template.subject,
            body_template=template.body,
        )

    async def _tell(self, kind: str, template: FollowUpTemplate, *, version: int | None = None) -> None:
        await self.work.session.flush()
        await self.work.events.append(
            kind,
            subject_type="follow_up_template",
            subject_id=template.id,
            version=version or template.version,
            data=template_facts(template),
        )


async def template_in_force(templates: TemplateRepository, event: FollowUpEvent) -> Template:
    """The workspace's own words for the event, or those that Fullcircle brings."""
    own = await templates.of(event)
    return DEFAULTS[event] if own is None else Template(own.subject, own.body)


def template_facts(template: FollowUpTemplate) -> dict[str, Any]:
    """What the feed tells of a template."""
    return {"event": template.event}
