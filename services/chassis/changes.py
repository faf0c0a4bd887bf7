"""What changed since a feed position: the ground that sync tokens rest on, rather than on clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.errors import Gone
from services.chassis.tables import event, feed_head


@dataclass(frozen=True)
class Changes:
    """The subjects that changed, each once, and the position up to which this is told."""

    subject_ids: Sequence[UUID]
    position: list[Any]


async def feed_position(session: AsyncSession) -> list[Any]:
    """The feed's identity and its last position: what is numbered up to here was committed before this read."""
    head = (await session.execute(select(feed_head.c.feed_id, feed_head.c.position))).one()
    return [str(head.feed_id), head.position]


async def changed_since(
    session: AsyncSession, since: list[Any], *, subject_types: Sequence[str], limit: int
) -> Changes:
    """At most `limit` events are read; raises Gone when the feed is another one, or no longer reaches back so far."""
    feed_id, after = since
    head = (await session.execute(select(feed_head))).one()
    if str(head.feed_id) != feed_id or after < head.oldest_position - 1 or after > head.position:
        raise Gone("The sync token is too old: read the list from its beginning.")
    rows = (
        await session.execute(
            select(event.c.subject_id, event.c.position)
            .where(
                event.c.workspace_id == session.info["workspace_id"],
                event.c.subject_type.in_(subject_types),
                event.c.position > after,
                event.c.position <= head.position,
            )
            .order_by(event.c.position)
            .limit(limit)
        )
    ).all()
    reached = rows[-1].position if len(rows) == limit else head.position
    return Changes(list(dict.fromkeys(row.subject_id for row in rows)), [feed_id, reached])
