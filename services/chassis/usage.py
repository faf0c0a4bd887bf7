"""How much of a service's database is one workspace's: rows counted as far as that is cheap, and estimated beyond.

Counting a large tenant's rows would read every one of them. Up to `COUNTED` rows a table is counted through its primary
key; beyond that PostgreSQL's planner is asked what it expects, which costs the same for any size. Bytes are the
workspace's share, by rows, of what the table takes on disk with its indexes.
"""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select, table, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

COUNTED = 10_000

# A partitioned table has neither size nor rows of its own: its leaves have. What carries a policy is a tenant's.
_TABLES = text(
    """
    SELECT c.relname AS name, sum(pg_total_relation_size(leaf.relid))::bigint AS bytes,
           sum(greatest(part.reltuples, 0))::bigint AS rows
    FROM pg_class c
    CROSS JOIN LATERAL (
        SELECT relid FROM pg_partition_tree(c.oid) WHERE isleaf
        UNION SELECT c.oid WHERE c.relkind = 'r'
    ) AS leaf
    JOIN pg_class part ON part.oid = leaf.relid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relrowsecurity AND has_table_privilege(c.oid, 'SELECT')
      AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'workspace_id')
    GROUP BY c.relname ORDER BY c.relname
    """
)


@dataclass(frozen=True)
class TableUsage:
    """One table's rows of a workspace, and about what they take on disk."""

    name: str
    rows: int
    is_estimate: bool
    bytes: int


async def workspace_usage(session: AsyncSession) -> list[TableUsage]:
    """Every table that holds rows of the session's workspace."""
    tables = (await session.execute(_TABLES)).all()
    counts = await _counted(session, [each.name for each in tables])
    found = []
    for each in tables:
        rows, is_estimate = counts[each.name], counts[each.name] > COUNTED
        if is_estimate:
            rows = await _estimated(session, each.name)
        if rows:
            found.append(TableUsage(each.name, rows, is_estimate, _share(each.bytes, rows, of=each.rows)))
    return found


async def _counted(session: AsyncSession, names: list[str]) -> dict[str, int]:
    """One statement for all tables, each read no further than one row beyond the bound."""
    if not names:
        return {}
    parts = [
        select(literal(place).label("place"), func.count().label("rows")).select_from(
            select(literal(1)).select_from(table(name)).limit(COUNTED + 1).subquery()
        )
        for place, name in enumerate(names)
    ]
    found = await session.execute(union_all(*parts))
    return {names[row.place]: row.rows for row in found}


async def _estimated(session: AsyncSession, name: str) -> int:
    """What the planner expects: the policy names the workspace, and the statistics know how common it is."""
    plan: Any = await session.scalar(text(f"EXPLAIN (FORMAT JSON) SELECT FROM {_quoted(name)}"))
    told = json.loads(plan) if isinstance(plan, str) else plan
    return max(int(told[0]["Plan"]["Plan Rows"]), COUNTED + 1)


def _quoted(name: str) -> str:
    """A name from the catalogue, as an identifier."""
    return '"' + name.replace('"', '""').replace(":", "\\:") + '"'


def _share(size: int, rows: int, *, of: int) -> int:
    return round(size * rows / max(of, rows))
