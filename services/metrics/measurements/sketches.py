"""Reads what sketches tell: how many different subjects, and percentiles, over as many days as a period has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.domain.rollups import Aggregation
from services.metrics.domain.sketches import Question, distinct_count, percentile, sketch_all
from services.metrics.measurements.parts import Part
from services.metrics.measurements.periods import Periods
from services.metrics.measurements.raw import sets_of
from services.metrics.measurements.sketching import day_of
from services.metrics.models import DirtyDay, Kpi, Sketch

# What one answer sketches by itself of what is newer than the sketches; beyond it says how many days it left.
MOST_FRESH = 100_000


@dataclass(frozen=True)
class DaySketch:
    """One day's sketch."""

    measurements: int
    content: bytes


@dataclass(frozen=True)
class Sketched:
    """A figure and a count for each period, and how many days were told from sketches that are out of date."""

    values: list[Decimal | None]
    counts: list[int]
    stale_days: int


class SketchReader:
    """Reads sketches within one session."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def read(self, kpi: Kpi, periods: Periods, part: Part) -> Sketched:
        """For periods of whole days where the KPI lives, and a part of one dimension at most."""
        days, stale = await self.days(kpi, periods, part)
        values, counts = [], []
        for start, end in zip(periods.starts, periods.ends, strict=True):
            first, last = start.astimezone(periods.zone).date(), end.astimezone(periods.zone).date()
            held = [each for day, each in days.items() if first <= day < last]
            values.append(sketched_figure(kpi, [each.content for each in held]))
            counts.append(sum(each.measurements for each in held))
        return Sketched(values, counts, stale)

    async def days(self, kpi: Kpi, periods: Periods, part: Part) -> tuple[Mapping[date, DaySketch], int]:
        """The sketch of each day that has one, and how many are out of date."""
        dimension, value = next(iter(part.said.items()), ("", ""))
        days = await self._days(kpi, periods, dimension, value)
        return days, await self._freshen(kpi, periods, days, dimension, value)

    async def _days(self, kpi: Kpi, periods: Periods, dimension: str, part: str) -> dict[date, DaySketch]:
        query = select(Sketch.day, Sketch.measurements, Sketch.content).where(
            *_within(Sketch, kpi, periods), Sketch.dimension == dimension, Sketch.part == part
        )
        return {row.day: DaySketch(row.measurements, row.content) for row in await self.session.execute(query)}

    async def _freshen(self, kpi: Kpi, periods: Periods, days: dict[date, DaySketch], dimension: str, part: str) -> int:
        """Sketch the newest dirty days here and now, as far as there is time; answers how many were left."""
        query = select(DirtyDay.day).where(*_within(DirtyDay, kpi, periods)).order_by(DirtyDay.day.desc())
        dirty = (await self.session.scalars(query)).all()
        read = 0
        for place, day in enumerate(dirty):
            if read >= MOST_FRESH:
                return len(dirty) - place
            since, until = day_of(kpi, day)
            sets = await sets_of(self.session, kpi, since=since, until=until)
            days.pop(day, None)
            for each in sets:
                if (each.dimension, each.part) == (dimension, part):
                    (content,) = sketch_all(Question(kpi.aggregation, [each.members]))
                    days[day] = DaySketch(each.measurements, content)
            read += sum(each.measurements for each in sets)
        return 0


def _within(model: Any, kpi: Kpi, periods: Periods) -> Sequence[ColumnElement[bool]]:
    first = periods.starts[0].astimezone(periods.zone).date()
    end = periods.ends[-1].astimezone(periods.zone).date()
    return (
        model.workspace_id == kpi.workspace_id,
        model.kpi_id == kpi.id,
        model.day >= first,
        model.day < end,
    )


def sketched_figure(kpi: Kpi, contents: Sequence[bytes]) -> Decimal | None:
    """What these sketches together tell; None without any."""
    if not contents:
        return None
    if kpi.aggregation == Aggregation.DISTINCT:
        return Decimal(round(distinct_count(contents)))
    figure = percentile(contents, (kpi.percentile or 0) / 100)
    return None if figure is None else Decimal(repr(figure))
