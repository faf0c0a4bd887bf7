"""The feed: events in one gap-free order, given after the commit, read by position."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database import Database
from services.chassis.errors import Gone
from services.chassis.events import FEED_TOPIC
from services.chassis.wakeup import Wakeup

NUMBER_BATCH = 1_000
PURGE_BATCH = 5_000
SCAN_WINDOW = 10_000
# Where nothing can be heard: who hears is told, at the latest by the service's upkeep.
LOOK_AGAIN_S = 5.0
# A reader for whom there was nothing among the new events learns that it has passed them: else it would seem behind.
PASSED_S = 1.0
MAX_PAGE = 1_000

# In a statement of its own: the next statement's snapshot then sees everything the previous holder has numbered.
LOCK_HEAD = text("SELECT position FROM feed_head FOR UPDATE")

# The planner cannot know how few rows have no position at a given moment, and would read the whole table for them.
BY_INDEX = text("SELECT set_config('enable_seqscan', 'off', true)")

IS_ANY_UNNUMBERED = text("SELECT EXISTS (SELECT FROM event WHERE position IS NULL)")

NUMBER = text(
    """
    WITH pending AS MATERIALIZED (
        SELECT sequence, row_number() OVER (ORDER BY sequence) AS place
        FROM event WHERE position IS NULL ORDER BY sequence LIMIT :batch
    ), numbered AS (
        UPDATE event SET position = feed_head.position + pending.place
        FROM pending, feed_head WHERE event.sequence = pending.sequence
        RETURNING event.workspace_id
    ), met AS (
        INSERT INTO known_workspace (workspace_id)
        SELECT DISTINCT workspace_id FROM numbered ORDER BY workspace_id ON CONFLICT DO NOTHING
    )
    UPDATE feed_head SET position = position + (SELECT count(*) FROM numbered)
    RETURNING (SELECT count(*) FROM numbered)
    """
)

# One statement, so one snapshot: head, oldest position and page agree, whatever is numbered or purged meanwhile.
READ_PAGE = text(
    """
    SELECT head.feed_id, head.position AS head, head.oldest_position AS oldest, page.position, page.document
    FROM feed_head AS head LEFT JOIN LATERAL (
        SELECT position, json_build_object(
            'specversion', '1.0', 'id', id, 'source', CAST(:source AS text), 'type', type, 'subject', subject_id,
            'time', occurred_at, 'datacontenttype', 'application/json', 'workspaceid', workspace_id,
            'subjecttype', subject_type, 'subjectversion', subject_version, 'actorid', actor ->> 'id',
            'actorkind', actor ->> 'kind', 'traceparent', traceparent, 'position', position, 'data', data
        )::text AS document
        FROM event
        WHERE position > :after AND position <= :after + :window
          AND (CAST(:types AS text[]) IS NULL OR type = ANY (CAST(:types AS text[])))
        ORDER BY position LIMIT :limit
    ) AS page ON true
    ORDER BY page.position
    """
)

EXPIRED = text(
    """
    SELECT coalesce(min(position) FILTER (WHERE occurred_at >= :before) - 1, max(position))
    FROM event
    WHERE position >= (SELECT oldest_position FROM feed_head)
      AND position < (SELECT oldest_position FROM feed_head) + :batch
    """
)


class FeedGone(Gone):
    """The reader cannot go on from its position: it is behind what is kept, ahead of the head, or of another feed."""

    code, title = "feed_gone", "Start again from the snapshot"


@dataclass(frozen=True, kw_only=True)
class FeedQuery:
    """Where a reader stands and what it wants; no types means all."""

    after: int = 0
    feed_id: UUID | None = None
    types: tuple[str, ...] = ()
    limit: int = 500


@dataclass(frozen=True)
class FeedPage:
    """Events as CloudEvents documents, and the position up to which the feed was read for them."""

    feed_id: UUID
    head: int
    position: int
    documents: tuple[str, ...]

    def body(self) -> bytes:
        """The page in the CloudEvents JSON batch format."""
        return ("[" + ",".join(self.documents) + "]").encode()


class Feed:
    """One service's events, for its neighbours and for itself."""

    def __init__(self, database: Database, wakeup: Wakeup, *, service: str) -> None:
        self._database = database
        self._wakeup = wakeup
        self.service = service

    async def read(self, query: FeedQuery, *, wait_s: float = 0) -> FeedPage:
        """The next page; with `wait_s` it waits for the first event, without holding a pooled connection.

        Where others than the wanted events were told meanwhile, an empty page says so soon, by its position. Raises
        FeedGone when the reader has to start again from the snapshot.
        """
        clock = asyncio.get_running_loop()
        until, asked_after = clock.time() + wait_s, query.after
        with self._wakeup.subscribe(FEED_TOPIC) as subscription:
            while True:
                page = await self.page(query)
                if page.position > asked_after:
                    until = min(until, clock.time() + PASSED_S)
                remaining = until - clock.time()
                if page.documents or remaining <= 0 or self._wakeup.is_released:
                    return page
                query = replace(query, after=page.position, feed_id=page.feed_id)
                if page.position >= page.head:
                    await subscription.wait(remaining if self._wakeup.is_connected else min(remaining, LOOK_AGAIN_S))

    async def page(self, query: FeedQuery) -> FeedPage:
        """The next page as it is now; numbers what was committed meanwhile. Raises FeedGone."""
        async with self._database.engine.begin() as connection:
            await number(connection)
        async with self._database.engine.connect() as connection:
            rows = (
                await connection.execute(
                    READ_PAGE,
                    {
                        "source": f"/{self.service}",
                        "after": query.after,
                        "window": SCAN_WINDOW,
                        "types": list(query.types) or None,
                        "limit": min(query.limit, MAX_PAGE),
                    },
                )
            ).all()
        first = rows[0]
        _require_readable(query, feed_id=first.feed_id, head=first.head, oldest=first.oldest)
        documents = tuple(row.document for row in rows if row.document is not None)
        is_full = len(documents) == min(query.limit, MAX_PAGE)
        position = rows[-1].position if is_full else min(query.after + SCAN_WINDOW, first.head)
        return FeedPage(feed_id=first.feed_id, head=first.head, position=position, documents=documents)

    async def head(self) -> tuple[UUID, int]:
        """The feed's id and the position of its last event, all committed events numbered."""
        async with self._database.engine.begin() as connection:
            await number(connection)
            row = (await connection.execute(text("SELECT feed_id, position FROM feed_head"))).one()
        return row.feed_id, row.position

    async def purge(self, *, keep: timedelta) -> int:
        """Forget the events older than `keep`; answers how many."""
        before = self._database.clock.now() - keep
        purged = 0
        while True:
            async with self._database.engine.begin() as connection:
                await connection.execute(LOCK_HEAD)
                upto = await connection.scalar(EXPIRED, {"before": before, "batch": PURGE_BATCH})
                gone = await _forget(connection, upto) if upto is not None else 0
            purged += gone
            if gone < PURGE_BATCH:
                return purged

    async def renew(self) -> UUID:
        """Become another feed, so that every reader starts from the snapshot: for a database set back in time."""
        async with self._database.engine.begin() as connection:
            feed_id: UUID = (
                await connection.execute(text("UPDATE feed_head SET feed_id = gen_random_uuid() RETURNING feed_id"))
            ).scalar_one()
        return feed_id


async def number(connection: AsyncConnection) -> int:
    """Give every committed event without a position its own, in the order of their sequence; answers how many.

    An event of a subject is appended under the subject's row lock, so its sequence is drawn after the previous one's
    commit: whoever sees the later event sees the earlier one too, and numbers it first.
    """
    await connection.execute(BY_INDEX)
    if not await connection.scalar(IS_ANY_UNNUMBERED):
        return 0
    await connection.execute(LOCK_HEAD)
    total = 0
    while True:
        numbered: int = (await connection.execute(NUMBER, {"batch": NUMBER_BATCH})).scalar_one()
        total += numbered
        if numbered < NUMBER_BATCH:
            return total


async def _forget(connection: AsyncConnection, upto: int) -> int:
    gone = await connection.execute(text("DELETE FROM event WHERE position <= :upto"), {"upto": upto})
    await connection.execute(
        text("UPDATE feed_head SET oldest_position = greatest(oldest_position, :upto + 1)"), {"upto": upto}
    )
    return gone.rowcount


def _require_readable(query: FeedQuery, *, feed_id: UUID, head: int, oldest: int) -> None:
    reason = None
    if query.feed_id is not None and query.feed_id != feed_id:
        reason = "This is another feed than the one you have read so far."
    elif query.after > head:
        reason = "Your position is ahead of the feed."
    elif query.after < oldest - 1:
        reason = "The events after your position are no longer kept."
    if reason is not None:
        raise FeedGone(reason, feed_id=str(feed_id), oldest_position=oldest)
