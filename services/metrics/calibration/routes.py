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
    group_by: Annotated[GroupBy, Query(description="One score for all, per KPI or per tag.")] = "workspace",
) -> PromiseCalibrationRead:
    """Read how good promises were.

    Compares what features promised with what was measured once their windows ended: how often the effect lay in the
    promised range, how much of the promise came true, and the factor by which the next promises should be corrected.
    It names the outcomes that it rests on; nothing is corrected by itself.
    """
    return await calibrations.read(group_by)
