"""The only SQL about budgets."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import exists, func, select

from services.roadmap.keeping.repository import LinkedRepository
from services.roadmap.models import (
    Budget,
    BudgetEntry,
    BudgetLine,
    Feature,
    FeatureObjective,
    RoadmapItem,
    StrategyLink,
)


@dataclass(frozen=True)
class Priced:
    """A feature, as far as money goes."""

    id: UUID
    status: str
    cost_minor: int | None
    currency: str | None
    is_placed: bool


class BudgetRepository(LinkedRepository[Budget]):
    """Budgets."""

    model: ClassVar[Any] = Budget

    async def current(self, today: date) -> Sequence[Budget]:
        """Those that are not over."""
        return await self.all(self.rows().where(Budget.ends_on >= today).order_by(Budget.id))

    async def has_lines(self, budget_id: UUID) -> bool:
        line = BudgetLine
        query = select(exists().where(line.workspace_id == self.workspace_id, line.budget_id == budget_id))
        return bool(await self.session.scalar(query))


class LineRepository(LinkedRepository[BudgetLine]):
    """Budget lines."""

    model: ClassVar[Any] = BudgetLine

    async def of(self, budget_ids: Collection[UUID]) -> Sequence[BudgetLine]:
        """The lines of these budgets, the first made first."""
        return await self.all(self.rows().where(BudgetLine.budget_id.in_(budget_ids)).order_by(BudgetLine.id))

    async def has_entries(self, line_id: UUID) -> bool:
        entry = BudgetEntry
        query = select(exists().where(entry.workspace_id == self.workspace_id, entry.line_id == line_id))
        return bool(await self.session.scalar(query))

    async def features_of_initiatives(self, ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
        link = StrategyLink
        query = select(link.source_id, link.target_id).where(
            link.workspace_id == self.workspace_id, link.source_id.in_(ids), link.target_kind == "feature"
        )
        return await self._sets(query)

    async def features_of_objectives(self, ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
        link = FeatureObjective
        query = select(link.objective_id, link.feature_id).where(
            link.workspace_id == self.workspace_id, link.objective_id.in_(ids)
        )
        return await self._sets(query)

    async def prices(self, ids: Collection[UUID]) -> dict[UUID, Priced]:
        item = RoadmapItem
        is_placed = exists().where(item.workspace_id == Feature.workspace_id, item.feature_id == Feature.id)
        query = select(Feature.id, Feature.status, Feature.cost_minor, Feature.currency, is_placed).where(
            Feature.workspace_id == self.workspace_id, Feature.id.in_(ids)
        )
        return {row[0]: Priced(*row) for row in (await self.session.execute(query)).all()}

    async def spendings(self, budget_ids: Collection[UUID]) -> Sequence[Any]:
        """What was spent in all, by line, feature and contract."""
        entry = BudgetEntry
        ends = (entry.line_id, entry.feature_id, entry.contract_id)
        query = select(*ends, func.sum(entry.amount_minor).label("amount")).where(
            entry.workspace_id == self.workspace_id, entry.budget_id.in_(budget_ids), entry.kind == "spending"
        )
        return (await self.session.execute(query.group_by(*ends))).all()

    async def contracts(self, budget_ids: Collection[UUID]) -> Sequence[Any]:
        entry = BudgetEntry
        query = select(entry.id, entry.line_id, entry.amount_minor).where(
            entry.workspace_id == self.workspace_id, entry.budget_id.in_(budget_ids), entry.kind == "contract"
        )
        return (await self.session.execute(query)).all()

    async def _sets(self, query: Any) -> dict[UUID, set[UUID]]:
        found: defaultdict[UUID, set[UUID]] = defaultdict(set)
        for owner, feature in (await self.session.execute(query)).all():
            found[owner].add(feature)
        return found


class EntryRepository(LinkedRepository[BudgetEntry]):
    """What was spent and promised."""

    model: ClassVar[Any] = BudgetEntry
