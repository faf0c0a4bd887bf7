"""The snapshot: current state in pages, for readers that are new or too far behind the feed."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid5

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.database import Database
from services.chassis.errors import BadRequest
from services.chassis.events import Event
from services.chassis.feed import Feed
from services.chassis.identity import system_principal

NEXT_WORKSPACE = text(
    "SELECT workspace_id FROM known_workspace "
    "WHERE CAST(:after AS uuid) IS NULL OR workspace_id > CAST(:after AS uuid) ORDER BY workspace_id LIMIT 1"
)


@dataclass(frozen=True, kw_only=True)
class CurrentState:
    """One subject as it is now: what its next state event would carry."""

    subject_id: UUID
    version: int
    time: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


class SnapshotProvider(Protocol):
    """Lists one type of subject; its items look like events of `event_type`, so one handler takes both."""

    subject_type: str
    event_type: str

    async def page(self, session: AsyncSession, *, after: UUID | None, limit: int) -> Sequence[CurrentState]:
        """Subjects of the session's workspace in the order of their ids, from the one after `after`."""
        ...


class SnapshotPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the current state; go on with `next`, and when it is null read the feed from `position`."""

    feed_id: UUID
    position: int
    items: list[Event[dict[str, Any]]]
    next: str | None


class _Place(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """How far a snapshot has come: the place is all that is kept between two pages, and the reader keeps it."""

    feed_id: UUID
    position: int
    workspace_id: UUID | None = None
    provider: int = 0
    after: UUID | None = None

    def token(self) -> str:
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode()


class Snapshots:
    """Pages through every workspace and every provider, parents before children as they were registered.

    The position is that of the beginning. What changes while the pages are read comes again by the feed, and the
    version of its subject tells a copy which is newer, so no long transaction is held.
    """

    def __init__(self, database: Database, feed: Feed, providers: Sequence[SnapshotProvider] = ()) -> None:
        self._database = database
        self._feed = feed
        self._providers = tuple(providers)

    async def page(self, *, cursor: str | None, types: Sequence[str] = (), limit: int = 500) -> SnapshotPage:
        """Up to about `limit` items; the providers are those of `types`, or all."""
        begun = await self._begin() if cursor is None else _read_place(cursor)
        place: _Place | None = begun
        providers = [each for each in self._providers if not types or each.event_type in types]
        items: list[Event[dict[str, Any]]] = []
        while place is not None and len(items) < limit:
            place = await self._step(place, providers, items, limit=limit - len(items))
        return SnapshotPage(
            feed_id=begun.feed_id, position=begun.position, items=items, next=place.token() if place else None
        )

    async def _begin(self) -> _Place:
        feed_id, position = await self._feed.head()
        return _Place(feed_id=feed_id, position=position)

    async def _step(
        self, place: _Place, providers: Sequence[SnapshotProvider], items: list[Event[dict[str, Any]]], *, limit: int
    ) -> _Place | None:
        workspace_id = place.workspace_id
        if workspace_id is None or place.provider >= len(providers):
            workspace_id = await self._workspace_after(workspace_id)
            if workspace_id is None or not providers:
                return None
            return msgspec.structs.replace(place, workspace_id=workspace_id, provider=0, after=None)
        provider = providers[place.provider]
        async with self._database.session(workspace_id=workspace_id, read_only=True) as session:
            states = await provider.page(session, after=place.after, limit=limit)
        items.extend(self._item(place, provider, workspace_id, state) for state in states)
        if len(states) < limit:
            return msgspec.structs.replace(place, provider=place.provider + 1, after=None)
        return msgspec.structs.replace(place, after=states[-1].subject_id)

    async def _workspace_after(self, workspace_id: UUID | None) -> UUID | None:
        async with self._database.engine.connect() as connection:
            found: UUID | None = await connection.scalar(NEXT_WORKSPACE, {"after": workspace_id})
        return found

    def _item(
        self, place: _Place, provider: SnapshotProvider, workspace_id: UUID, state: CurrentState
    ) -> Event[dict[str, Any]]:
        actor = system_principal(self._feed.service)
        return Event(
            id=uuid5(place.feed_id, f"{state.subject_id}:{state.version}"),
            source=f"/{self._feed.service}",
            type=provider.event_type,
            subject=state.subject_id,
            time=state.time,
            workspace_id=workspace_id,
            subject_type=provider.subject_type,
            subject_version=state.version,
            actor_id=actor.id,
            actor_kind=actor.kind,
            position=place.position,
            data=dict(state.data),
            is_snapshot=True,
        )


def _read_place(token: str) -> _Place:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(token), type=_Place)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as fault:
        raise BadRequest("The snapshot's cursor cannot be read.") from fault
