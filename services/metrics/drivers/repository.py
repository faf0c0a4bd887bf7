"""The SQL that adds up two windows by the values of a dimension."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, desc, func, select

from services.chassis.repository import Repository
from services.metrics.models import DimensionRollup, Kpi, Rollup

MOST_VALUES = 200


@dataclass(frozen=True)
class AddedUp:
    """How many measurements there were, what they add up to, and their weights."""

    count: int = 0
    total: Decimal = Decimal(0)
    weight: Decimal = Decimal(0)


Windows = tuple[AddedUp, AddedUp]


class DriverRepository(Repository[Kpi]):
    model: ClassVar[Any] = Kpi

    async def by_value(self, kpi_id: UUID, *, dimension: str, days: tuple[date, date, date]) -> Mapping[str, Windows]:
        """By value of the dimension, the windows [first, second) and [second, third) of days where the KPI lives.

        Of many values those whose totals or weights changed most.
        """
        first, second, third = days
        sums = _sums(DimensionRollup, is_after=DimensionRollup.day >= second)
        moved = _moved(sums, "total") + _moved(sums, "weight")
        query = (
            select(DimensionRollup.part, *(each.label(name) for name, each in sums.items()))
            .where(
                DimensionRollup.workspace_id == self.workspace_id,
                DimensionRollup.kpi_id == kpi_id,
                DimensionRollup.dimension == dimension,
                DimensionRollup.day >= first,
                DimensionRollup.day < third,
            )
            .group_by(DimensionRollup.part)
            .order_by(desc(moved), DimensionRollup.part)
            .limit(MOST_VALUES)
        )
        rows = (await self.session.execute(query)).mappings().all()
        return {row["part"]: (_added_up(row, "before"), _added_up(row, "after")) for row in rows}

    async def whole(self, kpi_id: UUID, *, moments: tuple[datetime, datetime, datetime]) -> Windows:
        """Everything in the two windows, whatever it says of the dimension."""
        first, second, third = moments
        sums = _sums(Rollup, is_after=Rollup.starts_at >= second)
        query = select(*(each.label(name) for name, each in sums.items())).where(
            Rollup.workspace_id == self.workspace_id,
            Rollup.kpi_id == kpi_id,
            Rollup.starts_at >= first,
            Rollup.starts_at < third,
        )
        row = (await self.session.execute(query)).mappings().one()
        return _added_up(row, "before"), _added_up(row, "after")


def _sums(model: Any, *, is_after: ColumnElement[bool]) -> dict[str, Any]:
    columns = {"count": model.measurements, "total": model.total, "weight": model.weight}
    windows = {"before": ~is_after, "after": is_after}
    return {
        f"{name}_{when}": func.coalesce(func.sum(column).filter(which), 0)
        for when, which in windows.items()
        for name, column in columns.items()
    }


def _moved(sums: dict[str, Any], name: str) -> ColumnElement[Any]:
    return func.abs(sums[f"{name}_after"] - sums[f"{name}_before"])


def _added_up(row: Mapping[Any, Any], when: str) -> AddedUp:
    return AddedUp(int(row[f"count_{when}"]), row[f"total_{when}"], row[f"weight_{when}"])
