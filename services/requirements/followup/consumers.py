"""A requirement that shipped, was declined or measured: those who asked are entered into the ledger."""

import msgspec

from services.chassis.events import Event
from services.chassis.feed_handlers import Handlers
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.backlog.repository import RequirementRepository
from services.requirements.domain.following_up import FollowUpEvent
from services.requirements.followup.service import FollowUpService, channel_of


class StatusNews(msgspec.Struct):
    """What is read of a requirement's event."""

    status: str


def follow_statuses(handlers: Handlers) -> None:
    """From the service's own feed."""

    @handlers.on("requirement.status_changed", data=StatusNews)
    async def enter(work: UnitOfWork, event: Event[StatusNews]) -> None:
        if event.data.status not in set(FollowUpEvent):
            return
        requirement = await RequirementRepository(work.session).find(event.subject)
        if requirement is not None:
            reached = FollowUpEvent(event.data.status)
            await FollowUpService(work).enter(requirement, reached, by=channel_of(work))
