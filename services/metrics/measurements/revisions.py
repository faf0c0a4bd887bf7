"""Corrects measurements and takes them back, and keeps what they were."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.metrics.domain.rollups import SKETCHED
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.intake import mark_dirty
from services.metrics.measurements.refilling import lock_cell, lock_parts, refill_cell, refill_parts
from services.metrics.measurements.repository import MeasurementRepository, RevisionRepository
from services.metrics.measurements.schemas import (
    MeasurementCorrect,
    MeasurementRead,
    MeasurementRevisionRead,
    read_measurement,
)
from services.metrics.models import Kpi, Measurement, MeasurementRevision

NO_REASON = "Taken back."


class RevisionService:
    """Second thoughts about the measurements of one workspace."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.kpis = KpiRepository(work.session)
        self.measurements = MeasurementRepository(work.session)
        self.revisions = RevisionRepository(work.session)

    async def correct(
        self, measurement_id: UUID, correction: MeasurementCorrect, *, if_match: Precondition
    ) -> MeasurementRead:
        """Put the right figure in place of the wrong one. Raises NotFound, PreconditionFailed."""
        kpi, measurement, starts_at = await self._held(measurement_id, if_match)
        await self._remember(measurement, reason=correction.reason, is_retraction=False)
        measurement.value = Decimal(repr(correction.value))
        if correction.denominator is not None:
            measurement.weight = Decimal(repr(correction.denominator))
        measurement.version += 1
        measurement.corrected_at = self.work.clock.now()
        await self.work.session.flush()
        await self._add_up_again(kpi, measurement, starts_at)
        await self._tell("measurement.corrected", measurement, version=measurement.version)
        return read_measurement(measurement)

    async def retract(self, measurement_id: UUID, *, reason: str | None, if_match: Precondition) -> None:
        """Take a measurement back; its dedupe key is free again, so that the right one can be sent."""
        kpi, measurement, starts_at = await self._held(measurement_id, if_match)
        await self._remember(measurement, reason=reason or NO_REASON, is_retraction=True)
        await self.measurements.free_key(measurement)
        await self.measurements.remove(measurement)
        await self._add_up_again(kpi, measurement, starts_at)
        await self._tell("measurement.retracted", measurement, version=measurement.version + 1)

    async def search(
        self, page: PageQuery, *, kpi_id: UUID | None, measurement_id: UUID | None
    ) -> Page[MeasurementRevisionRead]:
        filters = {"kpi_id": kpi_id, "measurement_id": measurement_id}
        return await list_page(
            self.work,
            self.revisions.search(kpi_id=kpi_id, measurement_id=measurement_id),
            page,
            model=MeasurementRevision,
            subject_type="measurement_revision",
            read=MeasurementRevisionRead.model_validate,
            filters=filters,
        )

    async def get(self, revision_id: UUID) -> MeasurementRevisionRead:
        return MeasurementRevisionRead.model_validate(await self.revisions.get(revision_id))

    async def _held(self, measurement_id: UUID, if_match: Precondition) -> tuple[Kpi, Measurement, datetime | None]:
        """The measurement, and locks on all that it was added to, in the order in which intake takes them."""
        found = await self.measurements.get(measurement_id)
        (kpi,) = (await self.kpis.held_for_intake([found.kpi_id])).values()
        starts_at = await lock_cell(self.work.session, found.kpi_id, found.measured_at)
        await lock_parts(self.work.session, kpi, found.measured_at, found.dimensions)
        measurement = await self.measurements.get(measurement_id, lock=True)
        if_match.check(measurement)
        return kpi, measurement, starts_at

    async def _add_up_again(self, kpi: Kpi, measurement: Measurement, starts_at: datetime | None) -> None:
        session, now = self.work.session, self.work.clock.now()
        if starts_at is not None:
            await refill_cell(session, kpi.id, starts_at, now=now)
        await refill_parts(session, kpi, measurement.measured_at, measurement.dimensions)
        if kpi.aggregation in SKETCHED:
            await mark_dirty(session, [(kpi.id, measurement.measured_at)])

    async def _remember(self, measurement: Measurement, *, reason: str, is_retraction: bool) -> None:
        kept = ("kpi_id", "dedupe_key", "measured_at", "value", "weight", "dimensions", "subject")
        revision = await self.revisions.add(
            MeasurementRevision(
                measurement_id=measurement.id,
                number=measurement.version,
                known_from=measurement.corrected_at or measurement.received_at,
                known_until=self.work.clock.now(),
                reason=reason,
                is_retraction=is_retraction,
                revised_by=self.work.principal.id,
                **{name: getattr(measurement, name) for name in kept},
            )
        )
        await self.work.events.append(
            "measurement_revision.created",
            subject_type="measurement_revision",
            subject_id=revision.id,
            version=1,
            data={"measurement_id": measurement.id, "kpi_id": measurement.kpi_id},
        )

    async def _tell(self, event: str, measurement: Measurement, *, version: int) -> None:
        facts = {"kpi_id": measurement.kpi_id, "measured_at": measurement.measured_at}
        await self.work.events.append(
            event, subject_type="measurement", subject_id=measurement.id, version=version, data=facts
        )
