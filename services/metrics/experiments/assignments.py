"""Who was assigned to which arm, and what the arms add up to by what was measured of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.domain.experiments import Measure, Totals
from services.metrics.domain.rollups import Aggregation
from services.metrics.measurements.intake import execute
from services.metrics.models import Experiment, Kpi


class Assigned(msgspec.Struct, gc=False, eq=False):
    """A unit, under its hash, in an arm."""

    unit: int
    arm: str
    assigned_at: datetime


# What was first holds. A unit that is in this batch twice comes once, as it came first.
TAKE_IN = """
INSERT INTO experiment_assignment (workspace_id, experiment_id, unit, arm, assigned_at)
SELECT $1, $2, unit, arm, assigned_at
FROM unnest($3::bigint[], $4::text[], $5::timestamptz[]) AS new (unit, arm, assigned_at)
ORDER BY unit
ON CONFLICT (workspace_id, experiment_id, unit) DO NOTHING
RETURNING unit
"""
HELD = """
SELECT unit, arm, assigned_at FROM experiment_assignment
WHERE workspace_id = $1 AND experiment_id = $2 AND unit = ANY ($3::bigint[])
"""
FIRST = "SELECT min(assigned_at) AS at FROM experiment_assignment WHERE workspace_id = $1 AND experiment_id = $2"
# A unit counts under the name it was assigned under and under whom it turned out to be. $3 KPI, $4 until, $5 days.
COUNT = """
WITH unit_of AS (
    SELECT unit, arm, assigned_at, unit AS subject FROM experiment_assignment
    WHERE workspace_id = $1 AND experiment_id = $2 AND assigned_at < $4
    UNION
    SELECT a.unit, a.arm, a.assigned_at, link.same_as FROM experiment_assignment AS a
    JOIN person_link AS link ON link.workspace_id = $1 AND link.person = a.unit
    WHERE a.workspace_id = $1 AND a.experiment_id = $2 AND a.assigned_at < $4
), figures AS (
    SELECT unit_of.unit, unit_of.arm, ({y})::float8 AS y, ({x})::float8 AS x
    FROM unit_of
    LEFT JOIN measurement AS m
        ON m.workspace_id = $1 AND m.kpi_id = $3 AND m.subject = unit_of.subject AND m.measured_at < $4
        AND m.measured_at >= unit_of.assigned_at - make_interval(days => $5::integer)
    GROUP BY unit_of.unit, unit_of.arm
)
SELECT arm, count(*) AS units, sum(y) AS total, sum(y * y) AS squares,
       sum(x) AS other_total, sum(x * x) AS other_squares, sum(x * y) AS products
FROM figures GROUP BY arm
"""
AFTER, BEFORE = (f"FILTER (WHERE m.measured_at {sign} unit_of.assigned_at)" for sign in (">=", "<"))
SUM, COUNTED, SEEN, WEIGHT = (
    "coalesce(sum(m.value) {when}, 0)",
    "count(m.value) {when}",
    "least(count(m.value) {when}, 1)",
    "coalesce(sum(m.weight) {when}, 0)",
)


class AssignmentRepository:
    """The assignments of one workspace's experiments."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.workspace_id: UUID = session.info["workspace_id"]

    async def take_in(self, experiment_id: UUID, new: Iterable[Assigned]) -> set[int]:
        """Keep the units that are in no arm yet; answers them."""
        once: dict[int, Assigned] = {}
        for each in new:
            once.setdefault(each.unit, each)
        kept = list(once.values())
        columns = ([each.unit for each in kept], [each.arm for each in kept], [each.assigned_at for each in kept])
        rows = await execute(self.session, TAKE_IN, self.workspace_id, experiment_id, *columns)
        return {row.unit for row in rows}

    async def held(self, experiment_id: UUID, units: Sequence[int]) -> dict[int, Assigned]:
        """What is kept of each of the units that are in an arm."""
        rows = await execute(self.session, HELD, self.workspace_id, experiment_id, list(units))
        return {row.unit: Assigned(row.unit, row.arm, row.assigned_at) for row in rows}

    async def first(self, experiment_id: UUID) -> datetime | None:
        """When the first unit was assigned."""
        (row,) = await execute(self.session, FIRST, self.workspace_id, experiment_id)
        return cast("datetime | None", row.at)

    async def totals(
        self, experiment: Experiment, kpi: Kpi, figures: tuple[str, str], *, as_of: datetime, covariate_days: int
    ) -> dict[str, Totals]:
        """What each arm adds up to, from each unit's assignment on; an arm without units is not there."""
        y, x = figures
        rows: Sequence[Any] = await execute(
            self.session,
            COUNT.format(y=y, x=x),
            self.workspace_id,
            experiment.id,
            kpi.id,
            as_of,
            covariate_days,
        )
        return {
            row.arm: Totals(row.units, row.total, row.squares, row.other_total, row.other_squares, row.products)
            for row in rows
        }


def figures_of(measure: Measure, aggregation: Aggregation) -> tuple[str, str] | None:
    """How a unit's y and x are counted from its measurements; None where the KPI is no figure of single units."""
    counted: Mapping[tuple[Measure, Aggregation], tuple[str, str]] = {
        (Measure.MEAN, Aggregation.SUM): (SUM, SUM),
        (Measure.MEAN, Aggregation.COUNT): (COUNTED, COUNTED),
        (Measure.RATIO, Aggregation.AVERAGE): (SUM, COUNTED),
        (Measure.RATIO, Aggregation.RATIO): (SUM, WEIGHT),
    }
    found = (SEEN, SEEN) if measure is Measure.PROPORTION else counted.get((measure, aggregation))
    if found is None:
        return None
    y, x = found
    return y.format(when=AFTER), x.format(when=AFTER if measure is Measure.RATIO else BEFORE)
