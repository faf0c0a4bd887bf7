"""The only SQL about usage events."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from sqlalchemy import Select, select, update
from sqlalchemy.dialects.postgresql import insert

from services.chassis.repository import Repository
from services.metrics.measurements.intake import execute
from services.metrics.models import Kpi, PersonLink, UsageEvent


class NewEvent(msgspec.Struct, gc=False, eq=False):
    """A usage event about to be kept."""

    id: UUID
    dedupe_key: str
    name: str
    occurred_at: datetime
    person: int | None
    account: int | None
    properties: dict[str, Any]


TAKE_IN = """
WITH incoming AS MATERIALIZED (
    SELECT * FROM unnest($4::uuid[], $5::text[], $6::text[], $7::timestamptz[], $8::bigint[], $9::bigint[], $10::text[])
         WITH ORDINALITY AS new (id, dedupe_key, name, occurred_at, person, account, properties, place)
), added AS (
    INSERT INTO usage_event (workspace_id, id, dedupe_key, name, occurred_at, person, account, properties, origin,
                             received_at)
    SELECT $1, new.id, dedupe_key, name, occurred_at, coalesce(link.same_as, new.person), account, properties::jsonb,
           $2, $3
    FROM incoming AS new
    LEFT JOIN person_link AS link ON link.workspace_id = $1 AND link.person = new.person
    ORDER BY place
    ON CONFLICT (workspace_id, dedupe_key) DO NOTHING
    RETURNING id, person
)
SELECT place, added.person FROM added JOIN incoming USING (id)
"""
KNOWN_ALREADY = "SELECT id, dedupe_key FROM usage_event WHERE workspace_id = $1 AND dedupe_key = ANY ($2::text[])"


class UsageEventRepository(Repository[UsageEvent]):
    model: ClassVar[Any] = UsageEvent

    async def take_in(self, new: Sequence[NewEvent], *, origin: str, now: datetime) -> list[NewEvent]:
        """Keep what is new by its dedupe key; answers that, with the person it is counted for."""
        new = sorted(new, key=lambda each: (each.dedupe_key, each.id.bytes))
        columns = (
            [each.id for each in new],
            [each.dedupe_key for each in new],
            [each.name for each in new],
            [each.occurred_at for each in new],
            [each.person for each in new],
            [each.account for each in new],
            [msgspec.json.encode(each.properties).decode() for each in new],
        )
        added = []
        for row in await execute(self.session, TAKE_IN, self.workspace_id, origin, now, *columns):
            event = new[row.place - 1]
            event.person = row.person
            added.append(event)
        return added

    async def held(self, keys: Collection[str]) -> dict[str, UUID]:
        """The ids under which these dedupe keys are held."""
        rows = await execute(self.session, KNOWN_ALREADY, self.workspace_id, list(keys))
        return {row.dedupe_key: row.id for row in rows}

    def search(self, *, name: str | None) -> Select[UsageEvent]:
        query = self.rows()
        return query if name is None else query.where(UsageEvent.name == name)

    async def named(self, name: str, *, after: UUID | None, limit: int) -> Sequence[UsageEvent]:
        """Events of a name, oldest first."""
        query = self.rows().where(UsageEvent.name == name).order_by(UsageEvent.id).limit(limit)
        return await self.all(query if after is None else query.where(UsageEvent.id > after))

    async def counting(self, names: Collection[str]) -> Sequence[Kpi]:
        """The KPIs that count events of these names."""
        source = Kpi.calculation[("source", "event")].astext
        query = select(Kpi).where(
            Kpi.workspace_id == self.workspace_id, source.in_(names), source.is_not(None), Kpi.kind == "simple"
        )
        return (await self.session.scalars(query)).all()

    async def link(self, links: Mapping[int, int]) -> None:
        """From now on the first of each pair is the second; what they did before is theirs, too."""
        rows = [
            {"workspace_id": self.workspace_id, "person": person, "same_as": same_as}
            for person, same_as in sorted(links.items())
            if person != same_as
        ]
        if not rows:
            return
        statement = insert(PersonLink).values(rows)
        await self.session.execute(
            statement.on_conflict_do_update(
                index_elements=["workspace_id", "person"], set_={"same_as": statement.excluded.same_as}
            )
        )
        for row in rows:
            mine = UsageEvent.workspace_id == self.workspace_id, UsageEvent.person == row["person"]
            await self.session.execute(update(UsageEvent).where(*mine).values(person=row["same_as"]))
