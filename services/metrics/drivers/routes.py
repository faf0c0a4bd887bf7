"""HTTP for drivers."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.routing import Router
from services.chassis.types import Label, Timestamp
from services.metrics.drivers.schemas import KpiDriversRead
from services.metrics.drivers.service import DriverService

router = Router(prefix="/v1/kpis", tags=["Analysis"])
Drivers = Annotated[DriverService, Depends(DriverService)]


@router.get("/{kpi_id}/drivers", scope="metrics:read")
async def get_kpi_drivers(
    kpi_id: UUID,
    drivers: Drivers,
    *,
    dimension: Annotated[
        Label | None, Query(description="One of the KPI's declared dimensions; else the first of them.")
    ] = None,
    since: Annotated[Timestamp | None, Query(alias="from", description="Begin with the day of this time.")] = None,
    until: Annotated[Timestamp | None, Query(alias="to", description="End before the first day from here on.")] = None,
) -> KpiDriversRead:
    """Find what moved a KPI.

    Compares a window of whole days with as many days right before it, and says which values of a dimension the change
    came from. The parts add up to the change. For averages and ratios each part is told in two: what came of the
    value's share being another (`mix`), and what came of its own mean being another (`rate`), so that a mean that fell
    because the weaker group has grown is not taken for one that got worse. A KPI without dimensions has one part: all
    of it. Without `from` and `to`, the last 28 days.
    """
    return await drivers.read(kpi_id, dimension=dimension, since=since, until=until)
