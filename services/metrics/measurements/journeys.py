"""Reads funnels and retention from usage events: who began, saying what, and who went on or came back."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.errors import FieldError, Invalid
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
    SELECT date_trunc($4, e.occurred_at, $5) AS bucket, e.person, min(e.occurred_at) AS t0{said}
    FROM usage_event AS e
    WHERE {first} AND e.person IS NOT NULL AND e.occurred_at >= $2 AND e.occurred_at < $3 GROUP BY 1, 2
)
"""
FIRST_EVER = """
WITH began AS (
    SELECT date_trunc($4, min(e.occurred_at), $5) AS bucket, e.person, min(e.occurred_at) AS t0{said}
    FROM usage_event AS e WHERE {first} AND e.person IS NOT NULL GROUP BY 2
    HAVING min(e.occurred_at) >= $2 AND min(e.occurred_at) < $3
)
"""
# Somebody is of the part that their first event says, and of no other, so that parts add up to the whole.
FIRST_SAID = ", (array_agg(e.properties ORDER BY e.occurred_at, e.id))[1] AS said"
OF_PART = (
    "WHERE NOT EXISTS (SELECT FROM jsonb_each_text(${part}::jsonb) AS want "
    "WHERE began.said ->> want.key IS DISTINCT FROM want.value)"
)
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
FROM began {steps} {part} GROUP BY 1
"""
MOST_SAID = """
SELECT began.said ->> $8 AS value, count(*) AS people FROM began
{part} AND began.said ->> $8 IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $10
"""
# Which of the properties no event of the name has ever had; none of them where there is no such event.
NEVER_SAID = """
SELECT want.key FROM unnest($3::text[]) AS want (key)
WHERE EXISTS (SELECT FROM usage_event AS e WHERE e.workspace_id = $1 AND e.name = $2)
  AND NOT EXISTS (SELECT FROM usage_event AS e
                  WHERE e.workspace_id = $1 AND e.name = $2 AND jsonb_exists(e.properties, want.key))
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

    async def read(self, journey: Funnel | Retention, periods: Periods, said: Mapping[str, str]) -> list[Cohort]:
        """A cohort for each period, of those whose first event says so. Raises Invalid for what none ever said."""
        patterns, days = _patterns(journey), _days(journey)
        parameters: list[Any] = [periods.starts[0], periods.ends[-1], periods.grain.value, periods.zone.key, days]
        for pattern in patterns:
            parameters += [pattern.event, _text(pattern.where)]
        if isinstance(journey, Retention):
            parameters.append(journey.span_days)
        part = ""
        if said:
            parameters.append(_text(said))
            part = OF_PART.format(part=len(parameters) + 1)
        rows = await execute(self.session, _statement(journey, part), self.session.info["workspace_id"], *parameters)
        if said and not rows:
            await self._require_said(patterns[0].event, said, "query/filter")
        cohorts = {row.bucket: Cohort(row.began, row.ended, row.is_over) for row in rows}
        return [cohorts.get(start, Cohort()) for start in periods.starts]

    async def most_said(
        self, journey: Funnel | Retention, periods: Periods, dimension: str, said: Mapping[str, str], *, most: int
    ) -> dict[str, int]:
        """The values of a property that first events said most, with how many people began so; raises as `read`."""
        first = _patterns(journey)[0]
        rows = await execute(
            self.session,
            _began(journey, MATCHES.format(name=6, said=7), FIRST_SAID) + MOST_SAID.format(part=OF_PART.format(part=9)),
            self.session.info["workspace_id"],
            periods.starts[0],
            periods.ends[-1],
            periods.grain.value,
            periods.zone.key,
            first.event,
            _text(first.where),
            dimension,
            _text(said),
            most,
        )
        if not rows:
            await self._require_said(first.event, [dimension], "query/dimension")
        return {row.value: row.people for row in rows}

    async def _require_said(self, event: str, properties: Collection[str], pointer: str) -> None:
        rows = await execute(self.session, NEVER_SAID, self.session.info["workspace_id"], event, list(properties))
        if rows:
            unsaid = ", ".join(sorted(row.key for row in rows))
            detail = f"No usage event `{event}`, where the KPI begins, has ever had the property {unsaid}."
            raise Invalid(errors=[FieldError(pointer, detail, "not_stored")])

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


def _statement(journey: Funnel | Retention, part: str) -> str:
    steps = list(_steps(journey))
    told = TOLD.format(last=len(steps), steps="".join(steps), part=part)
    return _began(journey, _matches(0), FIRST_SAID if part else "") + told


def _began(journey: Funnel | Retention, first: str, said: str) -> str:
    begin = FIRST_IN_PERIOD if isinstance(journey, Funnel) else FIRST_EVER
    return begin.format(first=first, said=said)


def _steps(journey: Funnel | Retention) -> Iterator[str]:
    if isinstance(journey, Retention):
        yield CAME_BACK.format(step=_matches(1), span=11)
        return
    for number in range(1, len(journey.steps)):
        yield NEXT_STEP.format(step=_matches(number), number=number, before=number - 1)


def _matches(place: int) -> str:
    return MATCHES.format(name=7 + 2 * place, said=8 + 2 * place)


def _text(said: Mapping[str, str]) -> str:
    return msgspec.json.encode(said).decode()
