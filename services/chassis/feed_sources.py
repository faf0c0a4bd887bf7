"""Where a consumer reads from: a neighbour's feed over HTTP, or the service's own."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

import httpx
import msgspec

from services.chassis.errors import NotFound
from services.chassis.events import Event
from services.chassis.feed import Feed, FeedGone, FeedQuery
from services.chassis.http_client import NeighbourDown, new_http
from services.chassis.identity import TokenSigner, system_principal
from services.chassis.snapshot import Snapshots

PATIENCE_S = 10.0

RawEvent = Event[msgspec.Raw]

_events = msgspec.json.Decoder(list[RawEvent])


class IncomingPage(msgspec.Struct, frozen=True):
    """A page of a feed as its reader gets it; the data of the events is read by their handlers."""

    feed_id: UUID
    position: int
    head: int
    events: list[RawEvent]


class IncomingSnapshot(msgspec.Struct, frozen=True):
    """A page of a snapshot as its reader gets it."""

    feed_id: UUID
    position: int
    items: list[RawEvent]
    next: str | None


_snapshot = msgspec.json.Decoder(IncomingSnapshot)


class FeedSource(Protocol):
    """A feed and its snapshot, wherever they are. Raises FeedGone and NeighbourDown."""

    name: str

    async def read(self, query: FeedQuery, *, wait_s: float) -> IncomingPage: ...

    async def snapshot(self, *, cursor: str | None, types: Sequence[str]) -> IncomingSnapshot: ...

    async def close(self) -> None: ...


class LocalSource:
    """The service's own feed: work that follows a change without making its author wait."""

    def __init__(self, feed: Feed, snapshots: Snapshots | None = None) -> None:
        self.name = feed.service
        self._feed = feed
        self._snapshots = snapshots

    async def read(self, query: FeedQuery, *, wait_s: float) -> IncomingPage:
        page = await self._feed.read(query, wait_s=wait_s)
        return IncomingPage(page.feed_id, page.position, page.head, _events.decode(page.body()))

    async def snapshot(self, *, cursor: str | None, types: Sequence[str]) -> IncomingSnapshot:
        if self._snapshots is None:
            raise NotFound("This service gives no snapshot.")
        return _snapshot.decode(msgspec.json.encode(await self._snapshots.page(cursor=cursor, types=types)))

    async def close(self) -> None:
        """Nothing is held open."""


class HttpSource:
    """A neighbour's feed, read in the name of this service."""

    def __init__(
        self, name: str, base_url: str, *, signer: TokenSigner, reader: str, http: httpx.AsyncClient | None = None
    ) -> None:
        self.name = name
        self._signer = signer
        self._reader = system_principal(reader)
        self._http = http or new_http(base_url)

    async def read(self, query: FeedQuery, *, wait_s: float) -> IncomingPage:
        parameters: dict[str, Any] = {"after": query.after, "limit": query.limit, "wait": wait_s, "type": query.types}
        if query.feed_id is not None:
            parameters["feed_id"] = str(query.feed_id)
        answer = await self._get("/internal/feed", parameters, timeout_s=wait_s + PATIENCE_S)
        try:
            return IncomingPage(
                feed_id=UUID(answer.headers["feed-id"]),
                position=int(answer.headers["feed-position"]),
                head=int(answer.headers["feed-head"]),
                events=_events.decode(answer.content),
            )
        except (KeyError, ValueError) as fault:  # msgspec's errors are ValueErrors too
            raise NeighbourDown(f"The feed of {self.name} cannot be read.") from fault

    async def snapshot(self, *, cursor: str | None, types: Sequence[str]) -> IncomingSnapshot:
        parameters: dict[str, Any] = {"type": types} | ({"cursor": cursor} if cursor else {})
        answer = await self._get("/internal/snapshot", parameters, timeout_s=PATIENCE_S)
        try:
            return _snapshot.decode(answer.content)
        except msgspec.MsgspecError as fault:
            raise NeighbourDown(f"The snapshot of {self.name} cannot be read.") from fault

    async def close(self) -> None:
        await self._http.aclose()

    async def _get(self, path: str, parameters: dict[str, Any], *, timeout_s: float) -> httpx.Response:
        token = self._signer.sign(self._reader, audience=self.name)
        try:
            async with asyncio.timeout(timeout_s):
                answer = await self._http.get(
                    path, params=parameters, headers={"Authorization": f"Bearer {token}"}, timeout=timeout_s
                )
        except (httpx.TransportError, TimeoutError) as fault:
            raise NeighbourDown(f"{self.name} did not answer.") from fault
        if answer.status_code == FeedGone.status:
            raise _gone(answer)
        if answer.status_code != httpx.codes.OK:
            raise NeighbourDown(f"{self.name} answered {answer.status_code}.")
        return answer


def _gone(answer: httpx.Response) -> FeedGone:
    try:
        problem = answer.json()
        return FeedGone(problem["detail"], feed_id=problem["feed_id"], oldest_position=int(problem["oldest_position"]))
    except (ValueError, KeyError, TypeError) as fault:
        raise NeighbourDown("A neighbour said 410, but not where its feed begins.") from fault
