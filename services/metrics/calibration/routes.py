"""HTTP for calibration."""

from typing import Annotated

from fastapi import Depends, Query

from services.chassis.routing import Router
from services.metrics.calibration.schemas import GroupBy, PromiseCalibrationRead
from services.metrics.calibration.service import CalibrationService

router = Router(prefix="/v1/calibration", tags=["Outcomes"])
Calibrations = Annotated[CalibrationService, Depends(CalibrationService)]


@router.get(scope="metrics:read")
async def get_promise_calibration(
    calibrations: Calibrations,
    *,
    group_by: Annotated[GroupBy, Query(description="One score for all, or one for each of these.")] = "workspace",
) -> PromiseCalibrationRead:
    """Read how good promises were.

    Compares what features promised with what was measured once their windows ended: how often the effect lay in the
    promised range, how much of the promise came true, and the factor by which the next promises should be corrected:
    for all together, or by KPI, tag, team, kind of requirement, or who made the promise. Where a group is small, its
    factor is drawn towards that of all. `outcome.measured` brings what is needed to reckon so elsewhere.
    It names the outcomes that it rests on; nothing is corrected by itself.
    """
    return await calibrations.read(group_by)
