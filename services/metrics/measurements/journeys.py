"""Reads funnels and retention from usage events: who began, and who went on or came back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.kpis.calculations import AnyCalculation, EventPattern, Funnel, Retention
from services.metrics.measurements.intake import execute
from services.metrics.measurements.periods import Periods

# $1 workspace, $2 from, $3 to, $4 grain, $5 zone, $6 days until a period can be told; then name and properties of each
# step. Properties are compared as text, as filters write them.
MATCHES = (
    "e.workspace_id = $1 AND e.name = ${name} AND NOT EXISTS (SELECT FROM jsonb_each_text(${said}::jsonb) AS want "
    "WHERE e.properties ->> want.key IS DISTINCT FROM want.value)"
)
FIRST_IN_PERIOD = """
WITH began AS (
    SELECT date_trunc($4, e.occurred_at, $5) AS bucket, e.person, min(e.occurred_at) AS t0
    FROM usage_event AS e
    WHERE {first} AND e.person IS NOT NULL AND e.occurred_at >= $2 AND e.occurred_at < $3 GROUP BY 1, 2
)
"""
FIRST_EVER = """
WITH began AS (
    SELECT date_trunc($4, min(e.occurred_at), $5) AS bucket, e.person, min(e.occurred_at) AS t0
    FROM usage_event AS e WHERE {first} AND e.person IS NOT NULL GROUP BY 2
    HAVING min(e.occurred_at) >= $2 AND min(e.occurred_at) < $3
)
"""
# In order, each step as early as it can be: if any way leads to the end, this one does.
NEXT_STEP = """
LEFT JOIN LATERAL (
    SELECT min(e.occurred_at) AS t{number} FROM usage_event AS e
    WHERE {step} AND e.person = began.person AND e.occurred_at > t{before}
      AND e.occurred_at <= t0 + make_interval(days => $6::integer)
) AS s{number} ON t{before} IS NOT NULL
"""
CAME_BACK = """
LEFT JOIN LATERAL (
    SELECT min(e.occurred_at) AS t1 FROM usage_event AS e
    WHERE {step} AND e.person = began.person
      AND e.occurred_at >= t0 + make_interval(days => $6::integer - ${span}::integer)
      AND e.occurred_at < t0 + make_interval(days => $6::integer)
) AS s1 ON true
"""
TOLD = """
SELECT bucket, count(*) AS began, count(t{last}) AS ended,
       max(t0) + make_interval(days => $6::integer) <= now() AS is_over
FROM began {steps} GROUP BY 1
"""


@dataclass(frozen=True)
class Cohort:
    """Those who began in a period, and how many of them went all the way."""

    began: int = 0
    ended: int = 0
    is_over: bool = True

    def share(self, factor: Decimal) -> Decimal | None:
        """None where nobody began, and while somebody still has time."""
        return factor * self.ended / self.began if self.began and self.is_over else None


class JourneyReader:
    """Reads journeys within one session."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def read(self, journey: Funnel | Retention, periods: Periods) -> list[Cohort]:
        """A cohort for each period."""
        patterns, days = _patterns(journey), _days(journey)
        parameters: list[Any] = [periods.starts[0], periods.ends[-1], periods.grain.value, periods.zone.key, days]
        for pattern in patterns:
            parameters += [pattern.event, msgspec.json.encode(pattern.where).decode()]
        if isinstance(journey, Retention):
            parameters.append(journey.span_days)
        rows = await execute(self.session, _statement(journey), self.session.info["workspace_id"], *parameters)
        cohorts = {row.bucket: Cohort(row.began, row.ended, row.is_over) for row in rows}
        return [cohorts.get(start, Cohort()) for start in periods.starts]

    async def span(self, calculation: AnyCalculation) -> tuple[datetime | None, datetime | None]:
        """When the first step was first and last taken; nothing for what is no journey."""
        if not isinstance(calculation, Funnel | Retention):
            return None, None
        ends = "SELECT min(occurred_at), max(occurred_at) FROM usage_event WHERE workspace_id = $1 AND name = $2"
        first = _patterns(calculation)[0].event
        ((begin, end),) = await execute(self.session, ends, self.session.info["workspace_id"], first)
        return begin, end


def _patterns(journey: Funnel | Retention) -> list[EventPattern]:
    return list(journey.steps) if isinstance(journey, Funnel) else [journey.start, journey.back]


def _days(journey: Funnel | Retention) -> int:
    return journey.within_days if isinstance(journey, Funnel) else journey.after_days + journey.span_days


def _statement(journey: Funnel | Retention) -> str:
    steps = list(_steps(journey))
    begin = FIRST_IN_PERIOD if isinstance(journey, Funnel) else FIRST_EVER
    told = TOLD.format(last=len(steps), steps="".join(steps))
    return begin.format(first=_matches(0)) + told


def _steps(journey: Funnel | Retention) -> Iterator[str]:
    if isinstance(journey, Retention):
        yield CAME_BACK.format(step=_matches(1), span=11)
        return
    for number in range(1, len(journey.steps)):
        yield NEXT_STEP.format(step=_matches(number), number=number, before=number - 1)


def _matches(place: int) -> str:
    return MATCHES.format(name=7 + 2 * place, said=8 + 2 * place)
