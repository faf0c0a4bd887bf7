"""Moves what points at one customer to another, and back; each place in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, func, select, text

from services.chassis.repository import Repository
from services.requirements.models import Company, Contact, CustomerMerge, CustomerMergeItem

MODELS: Mapping[str, Any] = {"contact": Contact, "company": Company}

# Every column that points at a customer: a new one belongs here, or a merge leaves it behind (a test compares).
PLACES: Mapping[str, Sequence[tuple[str, str]]] = {
    "contact": (
        ("feedback", "contact_id"),
        ("feedback", "author_id"),
        ("kano_answer", "contact_id"),
        ("follow_up", "contact_id"),
        ("unsubscription", "contact_id"),
        ("study_participant", "contact_id"),
        ("vote", "contact_id"),
        ("contact", "merged_into_id"),
    ),
    "company": (
        ("feedback", "company_id"),
        ("contact", "company_id"),
        ("company_revenue", "company_id"),
        ("company", "merged_into_id"),
    ),
}

# Of these a customer has one for each: where both have one, each keeps theirs.
ONE_FOR_EACH = {
    "kano_answer": ("requirement_id",),
    "follow_up": ("requirement_id", "event"),
    "unsubscription": (),
    "study_participant": ("study_id",),
    "vote": ("requirement_id", "theme_id"),
}
UNLESS_BOTH = """
AND NOT EXISTS (
    SELECT FROM {table} AS other
    WHERE other.workspace_id = row.workspace_id AND other.{column} = :to_id {each}
)
"""

MOVE = """
WITH mine AS (
    SELECT row.id FROM {table} AS row
    WHERE row.workspace_id = :workspace_id AND row.{column} = :from_id {unless} ORDER BY row.id FOR UPDATE
), moved AS (
    UPDATE {table} AS row SET {column} = :to_id, version = row.version + 1, updated_at = :now
    FROM mine WHERE row.workspace_id = :workspace_id AND row.id = mine.id
    RETURNING row.id, row.version
), remembered AS (
    INSERT INTO customer_merge_item (workspace_id, merge_id, place, row_id)
    SELECT :workspace_id, :merge_id, :place, id FROM moved
)
SELECT id, version FROM moved ORDER BY id
"""

MOVE_BACK = """
WITH mine AS (
    SELECT row.id FROM {table} AS row
    JOIN customer_merge_item AS item
      ON item.workspace_id = row.workspace_id AND item.row_id = row.id
     AND item.merge_id = :merge_id AND item.place = :place
    WHERE row.workspace_id = :workspace_id AND row.{column} = :from_id {unless} ORDER BY row.id FOR UPDATE OF row
), moved AS (
    UPDATE {table} AS row SET {column} = :to_id, version = row.version + 1, updated_at = :now
    FROM mine WHERE row.workspace_id = :workspace_id AND row.id = mine.id
    RETURNING row.id, row.version
)
SELECT id, version FROM moved ORDER BY id
"""


@dataclass(frozen=True)
class Moved:
    """A row that points elsewhere now."""

    table: str
    id: UUID
    version: int


class MergeRepository(Repository[CustomerMerge]):
    """Merges of one workspace."""

    model: ClassVar[Any] = CustomerMerge

    def matching(self, *, subject: str | None, customer_id: UUID | None) -> Select[CustomerMerge]:
        query = self.rows()
        if subject is not None:
            query = query.where(CustomerMerge.subject == subject)
        if customer_id is not None:
            query = query.where((CustomerMerge.kept_id == customer_id) | (CustomerMerge.merged_id == customer_id))
        return query

    async def both(self, subject: str, ids: Sequence[UUID]) -> dict[UUID, Any]:
        """The two rows, locked in the order of their ids."""
        model = MODELS[subject]
        query = select(model).where(model.workspace_id == self.workspace_id, model.id.in_(ids)).order_by(model.id)
        locked = query.with_for_update(of=model).execution_options(populate_existing=True)
        return {row.id: row for row in (await self.session.scalars(locked)).all()}

    async def move(self, merge: CustomerMerge, *, now: Any) -> list[Moved]:
        """Everything that points at the merged one points at the kept one."""
        return await self._each(MOVE, merge, now=now, ends=(merge.merged_id, merge.kept_id))

    async def move_back(self, merge: CustomerMerge, *, now: Any) -> list[Moved]:
        """What this merge has moved, and what has not been moved again since, points where it did."""
        return await self._each(MOVE_BACK, merge, now=now, ends=(merge.kept_id, merge.merged_id))

    async def counts(self, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
        """How much each merge has moved, by place."""
        item = CustomerMergeItem
        query = (
            select(item.merge_id, item.place, func.count())
            .where(item.workspace_id == self.workspace_id, item.merge_id.in_(ids))
            .group_by(item.merge_id, item.place)
        )
        found: dict[UUID, dict[str, int]] = {each: {} for each in ids}
        for merge_id, place, count in (await self.session.execute(query)).all():
            found[merge_id][place] = count
        return found

    async def merged_into(self, company_ids: Sequence[UUID]) -> dict[str, str]:
        """By company, the one that it was merged into since."""
        query = select(Company.id, Company.merged_into_id).where(
            Company.workspace_id == self.workspace_id, Company.id.in_(company_ids), Company.merged_into_id.is_not(None)
        )
        return {str(company_id): str(other) for company_id, other in (await self.session.execute(query)).all()}

    async def _each(self, statement: str, merge: CustomerMerge, *, now: Any, ends: tuple[UUID, UUID]) -> list[Moved]:
        await self.session.flush()
        moved = []
        from_id, to_id = ends
        for table, column in PLACES[merge.subject]:
            parameters = {
                "workspace_id": self.workspace_id,
                "merge_id": merge.id,
                "from_id": from_id,
                "to_id": to_id,
                "now": now,
                "place": f"{table}.{column}",
            }
            each = "".join(f" AND other.{name} IS NOT DISTINCT FROM row.{name}" for name in ONE_FOR_EACH.get(table, ()))
            unless = UNLESS_BOTH.format(table=table, column=column, each=each) if table in ONE_FOR_EACH else ""
            sql = statement.format(table=table, column=column, unless=unless)
            rows = await self.session.execute(text(sql), parameters)
            moved += [Moved(table, row.id, row.version) for row in rows]
        return moved
