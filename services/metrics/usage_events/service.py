"""Takes usage events in exactly once, and has them counted in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast
from uuid import UUID

from services.chassis.bulk import Line
from services.chassis.errors import Problem
from services.chassis.events import signal_after_commit
from services.chassis.unit_of_work import Work
from services.metrics.clients.context import MetricsContext
from services.metrics.measurements.sketching import TOPIC
from services.metrics.usage_events.counting import count_events
from services.metrics.usage_events.repository import NewEvent, UsageEventRepository
from services.metrics.usage_events.schemas import UsageEventCreate, UsageEventRead


class UsageEventService:
    """The usage events of one workspace."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.context = cast("MetricsContext", work.context)
        self.events = UsageEventRepository(work.session)

    async def record(self, new: UsageEventCreate) -> UsageEventRead:
        """Once per dedupe key. What is held is shown to those who may read: a dedupe key can be guessed."""
        (line,) = await self.record_all([(1, new)])
        event_id = cast("UUID", line.id)
        return await self.get(event_id) if "metrics:read" in self.work.principal.scopes else self._sent(event_id, new)

    async def record_all(self, lines: Iterable[tuple[int, UsageEventCreate | Problem]]) -> list[Line]:
        """Each line on its own: 201 for what is new, 200 for what was known, or its problem."""
        parsed = list(lines)
        events = {number: self.prepared(new) for number, new in parsed if isinstance(new, UsageEventCreate)}
        fresh = {each.id for each in await self.take_in(list(events.values()), origin="api")}
        again = {each.dedupe_key for each in events.values() if each.id not in fresh}
        held = await self.events.held(again) if again else {}
        lines_out = []
        for number, new in parsed:
            if isinstance(new, Problem):
                lines_out.append(Line(number, new.status, problem=new))
                continue
            event = events[number]
            is_new = event.id in fresh
            lines_out.append(Line(number, 201 if is_new else 200, event.id if is_new else held[event.dedupe_key]))
        return lines_out

    async def take_in(self, new: Sequence[NewEvent], *, origin: str) -> list[NewEvent]:
        """Keep and count what is new; answers it."""
        if not new:
            return []
        now = self.work.clock.now()
        added = await self.events.take_in(new, origin=origin, now=now)
        kpis = await self.events.counting({each.name for each in added}) if added else []
        if await count_events(self.work.session, added, kpis, new_id=self.work.ids, now=now):
            signal_after_commit(self.work.session, TOPIC, self.work.context.signal)
        return added

    async def link(self, links: Mapping[str, str]) -> None:
        """People who turned out to be others."""
        await self.events.link({self.pseudonym(each): self.pseudonym(other) for each, other in links.items()})

    async def get(self, event_id: UUID) -> UsageEventRead:
        return UsageEventRead.model_validate(await self.events.get(event_id))

    def prepared(self, new: UsageEventCreate) -> NewEvent:
        """The event as it is kept: with numbers in place of names."""
        event_id = self.work.ids()
        return NewEvent(
            id=event_id,
            dedupe_key=new.dedupe_key or str(event_id),
            name=new.name,
            occurred_at=new.occurred_at,
            person=None if new.person is None else self.pseudonym(new.person),
            account=None if new.account is None else self.pseudonym(new.account),
            properties=new.properties,
        )

    def _sent(self, event_id: UUID, new: UsageEventCreate) -> UsageEventRead:
        return UsageEventRead(
            id=event_id,
            name=new.name,
            occurred_at=new.occurred_at,
            dedupe_key=new.dedupe_key or str(event_id),
            properties=new.properties,
            origin="api",
            received_at=self.work.clock.now(),
        )

    def pseudonym(self, name: str) -> int:
        return self.context.pseudonym(name, self.work.principal.workspace)
