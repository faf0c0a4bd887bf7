"""Keeps what Segment's libraries send as usage events."""

from collections.abc import Iterable
from uuid import UUID

from services.chassis.unit_of_work import Work
from services.metrics.adapters.segment.messages import Message, read_batch, read_json, read_message
from services.metrics.usage_events.repository import NewEvent
from services.metrics.usage_events.service import UsageEventService


class SegmentService:
    """One workspace's Segment source."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.events = UsageEventService(work)

    async def take_batch(self, body: bytes) -> None:
        """Raises BadRequest for what is no batch; a message that cannot be used fails no other."""
        await self._take(list(read_batch(read_json(body), received_at=self.work.clock.now())))

    async def take(self, kind: str, body: bytes) -> None:
        """Raises BadRequest for what is no message."""
        message = read_message(kind, read_json(body), self.work.clock.now())
        await self._take([message] if message is not None else [])

    async def _take(self, messages: Iterable[Message]) -> None:
        """Links first, so that events of the same batch are counted for whom they turn out to be of."""
        messages = list(messages)
        links = dict(each.link for each in messages if each.link is not None)
        if links:
            await self.events.link(links)
        events = [self._event(each) for each in messages if each.name is not None]
        await self.events.take_in(events, origin="segment")

    def _event(self, message: Message) -> NewEvent:
        event_id: UUID = self.work.ids()
        return NewEvent(
            id=event_id,
            dedupe_key=f"segment:{message.message_id or event_id}",
            name=message.name or "",
            occurred_at=message.occurred_at or self.work.clock.now(),
            person=None if message.person is None else self.events.pseudonym(message.person),
            account=None if message.account is None else self.events.pseudonym(message.account),
            properties=dict(message.properties),
        )
