"""What follows intake: each piece keeps which segments it came from and what its company paid on that day."""

from collections.abc import Sequence
from typing import Any

from services.chassis.events import Event
from services.chassis.feed_handlers import Handler
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.segments.repository import StandingRepository
from services.requirements.segments.service import ruled_segments


class FreezeStanding(Handler[dict[str, Any], None]):
    """In one statement for neighbouring events; a piece that was frozen and names the same customers stays as it is."""

    types = ("feedback.recorded", "feedback.updated")

    async def apply(self, work: UnitOfWork, events: Sequence[Event[dict[str, Any]]], prepared: None) -> None:
        del prepared
        feedback_ids = sorted({event.subject for event in events})
        standings = StandingRepository(work.session)
        await standings.freeze(feedback_ids, await ruled_segments(work), now=work.clock.now())
