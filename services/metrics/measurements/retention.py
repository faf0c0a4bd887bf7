"""Lets single measurements go after their time, month by month; what they added up to stays."""

from datetime import datetime, timedelta
from typing import cast

import structlog
from sqlalchemy import text

from services.chassis.rounds import rounds
from services.chassis.settings import ServiceSettings
from services.metrics.clients.context import MetricsContext
from services.metrics.settings import MetricsSettings

ROUND_S = 3_600.0
AHEAD = timedelta(days=62)

log = structlog.get_logger(__name__)


def oldest_kept(settings: ServiceSettings, now: datetime) -> datetime | None:
    """The beginning of the oldest month whose measurements are kept; None when all are."""
    days = cast("MetricsSettings", settings).measurement_days
    if not days:
        return None
    return (now - timedelta(days=days)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


async def turn_the_months(context: MetricsContext) -> int:
    """Make room for the months to come, and drop those that are past their time; answers how many went."""
    now = context.clock.now()
    async with context.database.engine.begin() as connection:
        await connection.execute(
            text("SELECT prepare_measurement_partitions(:since, :until)"), {"since": now, "until": now + AHEAD}
        )
    oldest = oldest_kept(context.settings, now)
    if oldest is None:
        return 0
    async with context.database.engine.begin() as connection:
        gone = await connection.scalar(text("SELECT drop_measurements(:before)"), {"before": oldest})
    log.info("measurements.aged", months=gone)
    return int(gone or 0)


ageing = rounds("measurement_months", turn_the_months, every_s=ROUND_S)
