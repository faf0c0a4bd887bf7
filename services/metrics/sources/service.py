"""Keeps sources, and starts pulls and imports."""

from typing import Any, cast
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, FieldError, Invalid, UnknownReference
from services.chassis.operations import OperationRead
from services.chassis.outbound.errors import AddressRefused
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.metrics.clients.context import MetricsContext
from services.metrics.kpis.repository import KpiRepository
from services.metrics.models import Kpi, MeasurementFile, MeasurementSource
from services.metrics.sources.csv_files import require_columns
from services.metrics.sources.repository import MeasurementFileRepository, MeasurementSourceRepository
from services.metrics.sources.schemas import MeasurementSourceCreate, MeasurementSourceRead, MeasurementSourceUpdate

PULL = "measurement_source.pull"
IMPORT = "measurements.import"


class MeasurementSourceService:
    """The sources of one workspace."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.context = cast("MetricsContext", work.context)
        self.sources = MeasurementSourceRepository(work.session)
        self.kpis = KpiRepository(work.session)

    async def create(self, new: MeasurementSourceCreate) -> MeasurementSourceRead:
        """Raises UnknownReference, AlreadyExists, and Invalid for an address that may not be called."""
        await self._require_measured(new.kpi_id)
        await self._require_free(new.name)
        self._require_callable(new.url)
        fields = new.fields()
        authorization = fields.pop("authorization")
        source = MeasurementSource(id=self.work.ids(), next_pull_at=self.work.clock.now(), **fields)
        source.credential = self._sealed(source.id, authorization)
        await self.sources.add(source)
        await self._tell("measurement_source.created", source, version=source.version)
        return read_source(source)

    async def get(self, source_id: UUID) -> MeasurementSourceRead:
        return read_source(await self.sources.get(source_id))

    async def search(self, page: PageQuery, *, kpi_id: UUID | None) -> Page[MeasurementSourceRead]:
        return await list_page(
            self.work,
            self.sources.search(kpi_id=kpi_id),
            page,
            model=MeasurementSource,
            subject_type="measurement_source",
            read=read_source,
            filters={"kpi_id": kpi_id},
        )

    async def update(
        self, source_id: UUID, change: MeasurementSourceUpdate, *, if_match: Precondition
    ) -> MeasurementSourceRead:
        """Raises PreconditionFailed, AlreadyExists, Invalid."""
        source = await self.sources.get(source_id, lock=True)
        if_match.check(source)
        changes = change.changes()
        if "name" in changes:
            await self._require_free(change.name, other_than=source_id)
        if "url" in changes:
            self._require_callable(change.url)
        if "authorization" in changes:
            changes["credential"] = self._sealed(source_id, changes.pop("authorization"))
        for name, value in changes.items():
            setattr(source, name, value)
        if self.work.session.is_modified(source):
            source.next_pull_at = self.work.clock.now()
            await self.work.session.flush()
            await self._tell("measurement_source.updated", source, version=source.version)
        return read_source(source)

    async def delete(self, source_id: UUID, *, if_match: Precondition) -> None:
        """What was fetched stays."""
        source = await self.sources.get(source_id, lock=True)
        if_match.check(source)
        await self.sources.remove(source)
        await self._tell("measurement_source.deleted", source, version=source.version + 1)

    async def pull(self, source_id: UUID) -> OperationRead:
        """Fetch now. Raises NotFound."""
        await self.sources.get(source_id)
        return await self.work.operations.start(PULL, {"source_id": str(source_id)})

    async def take_file(self, kpi_id: UUID, content: bytes) -> OperationRead:
        """Read a file of measurements. Raises NotFound, Invalid."""
        require_columns(content)
        kpi = await self.kpis.get(kpi_id)
        _require_simple(kpi, "path/kpi_id")
        file = await MeasurementFileRepository(self.work.session).add(
            MeasurementFile(kpi_id=kpi_id, content=content, received_at=self.work.clock.now())
        )
        return await self.work.operations.start(IMPORT, {"file_id": str(file.id)})

    def _sealed(self, source_id: UUID, authorization: str | None) -> bytes | None:
        return None if authorization is None else self.context.sealer.seal(authorization, owner=source_id.bytes)

    def _require_callable(self, url: str) -> None:
        try:
            self.context.outbound.check(url)
        except AddressRefused as refused:
            raise Invalid(errors=[FieldError("/url", str(refused), "refused")]) from None

    async def _require_measured(self, kpi_id: UUID) -> None:
        kpi = await self.kpis.find(kpi_id)
        if kpi is None:
            raise UnknownReference(errors=[FieldError("/kpi_id", "There is no such KPI.", "unknown")])
        _require_simple(kpi, "/kpi_id")

    async def _require_free(self, name: str, *, other_than: UUID | None = None) -> None:
        if await self.sources.is_named(name, other_than=other_than):
            raise AlreadyExists(errors=[FieldError("/name", "Another source has this name.", "taken")])

    async def _tell(self, event: str, source: MeasurementSource, *, version: int) -> None:
        facts: dict[str, Any] = {"kpi_id": source.kpi_id, "is_enabled": source.is_enabled}
        await self.work.events.append(
            event, subject_type="measurement_source", subject_id=source.id, version=version, data=facts
        )


def read_source(row: MeasurementSource) -> MeasurementSourceRead:
    """A source as callers see it: without what it is asked with."""
    made = {"has_authorization"}
    plain = {name: getattr(row, name) for name in MeasurementSourceRead.model_fields if name not in made}
    return MeasurementSourceRead(has_authorization=row.credential is not None, **plain)


def _require_simple(kpi: Kpi, pointer: str) -> None:
    if kpi.kind != "simple":
        raise Invalid(errors=[FieldError(pointer, "This KPI is worked out from others.", "calculated")])
