"""Makes measurements of usage events, for the KPIs that count them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import isfinite
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.kpis.calculations import EventPattern, EventSource, Simple, read_calculation
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.intake import NewMeasurement, take_in
from services.metrics.models import Kpi

LARGEST = 1e15


class Counted(Protocol):
    """An event as counting sees it, just come or long kept."""

    id: UUID
    name: str
    occurred_at: datetime
    person: int | None
    account: int | None
    properties: dict[str, Any]


async def count_events(
    session: AsyncSession, events: Sequence[Any], kpis: Sequence[Kpi], *, new_id: Any, now: datetime
) -> int:
    """Each event once for each KPI that it matches, however often it is tried; answers how many were new."""
    if not kpis:
        return 0
    held = await KpiRepository(session).held_for_intake([kpi.id for kpi in kpis])
    measurements = [each for kpi in held.values() for each in _measured(kpi, events, new_id)]
    if not measurements:
        return 0
    return len(await take_in(session, measurements, kpis=held.values(), now=now))


def _measured(kpi: Kpi, events: Sequence[Counted], new_id: Any) -> Iterator[NewMeasurement]:
    calculation = read_calculation(kpi.calculation)
    source = calculation.source if isinstance(calculation, Simple) else None
    if not isinstance(source, EventSource):
        return
    for event in events:
        value = value_of(source, event.properties)
        if event.name == source.event and value is not None and is_said(source, event.properties):
            yield NewMeasurement(
                id=new_id(),
                kpi_id=kpi.id,
                dedupe_key=f"event:{event.id}",
                measured_at=event.occurred_at,
                value=value,
                weight=1.0,
                dimensions={name: text for name in kpi.dimensions if (text := as_text(event.properties.get(name)))},
                subject=event.account if source.subject == "account" else event.person,
            )


def is_said(pattern: EventPattern, properties: dict[str, Any]) -> bool:
    """Whether the event has all the properties that are asked for."""
    return all(as_text(properties.get(name)) == text for name, text in pattern.where.items())


def value_of(source: EventSource, properties: dict[str, Any]) -> float | None:
    """What the event counts for; None when it does not."""
    if source.property is None:
        return 1.0
    value = properties.get(source.property)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if isfinite(value) and abs(value) <= LARGEST else None


def as_text(value: Any) -> str | None:
    """A property as a filter writes it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
