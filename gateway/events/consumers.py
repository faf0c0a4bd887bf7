"""Takes every event of every service into its workspace's log and to the webhooks: one transaction for both."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from gateway.events.log.repository import EventLogRepository
from gateway.events.log.stream import log_topic
from gateway.events.webhooks.fanout import Fanout
from services.chassis.events import Event, signal_after_commit
from services.chassis.feed_handlers import Handler, Handlers, Run
from services.chassis.feed_sources import RawEvent
from services.chassis.following import Follow
from services.chassis.unit_of_work import UnitOfWork

SOURCES = ("requirements", "roadmap", "metrics", "gateway")


class LogHandler(Handler[msgspec.Raw, None]):
    """Appends neighbours of one workspace to its log, and each webhook's share of them to its ledger."""

    types = ()
    data = msgspec.Raw

    async def apply(self, work: UnitOfWork, events: Sequence[Event[Any]], prepared: None) -> None:
        del prepared
        logged = await EventLogRepository(work.session).append(events, at=work.clock.now())
        await Fanout(work.session, clock=work.clock, ids=work.ids).spread(logged)
        signal_after_commit(work.session, log_topic(work.principal.workspace), work.context.signal)


class EveryType(Handlers):
    """One handler for all events; workspaces in one order, so that two consumers cannot wait for each other's heads."""

    def __init__(self, handler: Handler[Any, Any]) -> None:
        super().__init__()
        self._handler = handler

    def runs(self, events: Iterable[RawEvent]) -> list[Run]:
        by_workspace: defaultdict[UUID, list[RawEvent]] = defaultdict(list)
        for event in events:
            by_workspace[event.workspace_id].append(event)
        return [Run(self._handler, workspace, tuple(by_workspace[workspace])) for workspace in sorted(by_workspace)]


def follows() -> list[Follow]:
    """The feeds that the log is made of. Whoever is too far behind goes on from the oldest event there is."""
    handlers = EveryType(LogHandler())
    return [
        Follow(source=source, handlers=handlers, name=f"event-log-{source}", on_gone="oldest") for source in SOURCES
    ]
