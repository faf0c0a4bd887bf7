"""Keeps definitions: every change is a version, and nothing that results rest on disappears."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import (
    AlreadyExists,
    FieldError,
    Forbidden,
    Invalid,
    StillReferenced,
    UnknownReference,
)
from services.chassis.jobs import defer
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.metrics.domain.impact import Direction
from services.metrics.domain.rollups import Aggregation
from services.metrics.kpis.calculations import AnyCalculation, EventSource, Simple, read_calculation
from services.metrics.kpis.inputs import CalculationCheck
from services.metrics.kpis.repository import KpiRepository, KpiVersionRepository
from services.metrics.kpis.schemas import (
    Band,
    Certification,
    CertificationGive,
    KpiCreate,
    KpiDefinition,
    KpiRead,
    KpiUpdate,
    KpiVersionRead,
    with_band_columns,
)
from services.metrics.models import Kpi, KpiVersion

REBUILD = "measurements.rebuild"
COUNT_EARLIER = "usage_events.count_earlier"
# Changes to these make what was added up per day and dimension wrong: it is added up anew.
ADDED_UP_BY = frozenset({"aggregation", "calculation", "dimensions", "time_zone"})


class KpiService:
    """The KPIs of one workspace."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.kpis = KpiRepository(work.session)
        self.versions = KpiVersionRepository(work.session)
        self.calculations = CalculationCheck(self.kpis)

    async def create(self, new: KpiCreate) -> KpiRead:
        """Raises AlreadyExists for a name that is taken, UnknownReference for another KPI that does not exist."""
        await self._require_free(new.name)
        await self._require_controls(new.control_kpi_ids)
        await self.calculations.require_sound(None, new.calculation)
        kpi = await self.kpis.add(Kpi(**_columns(new.fields())))
        await self.kpis.set_inputs(kpi.id, new.calculation.inputs.values())
        await self._count_earlier(kpi, new.calculation)
        return await self._settle(kpi, "kpi.created")

    async def get(self, kpi_id: UUID) -> KpiRead:
        return read_kpi(await self.kpis.get(kpi_id))

    async def update(self, kpi_id: UUID, change: KpiUpdate, *, if_match: Precondition) -> KpiRead:
        """Raises PreconditionFailed, Invalid, AlreadyExists, UnknownReference."""
        kpi = await self.kpis.get(kpi_id, lock=True)
        if_match.check(kpi)
        changes = change.changes()
        if "name" in changes:
            await self._require_free(change.name, other_than=kpi_id)
        await self._require_controls(changes.get("control_kpi_ids", ()), other_than=kpi_id)
        if "calculation" in changes:
            await self.calculations.require_sound(kpi_id, change.calculation)
            await self.kpis.set_inputs(kpi_id, change.calculation.inputs.values())
        for name, value in _columns(changes).items():
            setattr(kpi, name, value)
        _require_one_way(kpi)
        if (kpi.direction == Direction.BAND) != (kpi.band_low is not None):
            raise Invalid(errors=[FieldError("/band", "A band belongs to the direction `band`, and only to it.")])
        if self.work.session.is_modified(kpi):
            _decertify(kpi)
            await self.work.session.flush()
            if "calculation" in changes:
                await self._count_earlier(kpi, change.calculation)
            if changes.keys() & ADDED_UP_BY:
                await defer(self.work.session, REBUILD, {"workspace_id": str(kpi.workspace_id), "kpi_id": str(kpi.id)})
            return await self._settle(kpi, "kpi.updated")
        return read_kpi(kpi)

    async def certify(self, kpi_id: UUID, given: CertificationGive, *, if_match: Precondition) -> KpiRead:
        """Vouch for the definition as it is. Raises PreconditionFailed, and Forbidden for all but owner and admins."""
        kpi = await self._locked_for_owner(kpi_id, if_match)
        kpi.certified_by, kpi.certified_at = self.work.principal.id, self.work.clock.now()
        kpi.certification_remark = given.remark
        await self.work.session.flush()
        return await self._settle(kpi, "kpi.certified")

    async def withdraw_certification(self, kpi_id: UUID, *, if_match: Precondition) -> None:
        """Raises PreconditionFailed, Forbidden."""
        kpi = await self._locked_for_owner(kpi_id, if_match)
        if kpi.certified_by is not None:
            _decertify(kpi)
            await self.work.session.flush()
            await self._settle(kpi, "kpi.updated")

    async def _locked_for_owner(self, kpi_id: UUID, if_match: Precondition) -> Kpi:
        kpi = await self.kpis.get(kpi_id, lock=True)
        principal = self.work.principal
        if principal.role != "admin" and principal.id != kpi.owner_id:
            raise Forbidden("The KPI's owner (`owner_id`) or an admin certifies it.")
        if_match.check(kpi)
        return kpi

    async def delete(self, kpi_id: UUID, *, if_match: Precondition) -> None:
        """With everything that was measured. Raises StillReferenced while anything rests on it."""
        kpi = await self.kpis.get(kpi_id, lock=True)
        if_match.check(kpi)
        if await self.kpis.is_used(kpi_id):
            raise StillReferenced("Outcomes, experiments, dashboards or other KPIs rest on this KPI.")
        await self.kpis.remove_measured(kpi_id)
        await self.kpis.remove(kpi)
        await self.work.events.append("kpi.deleted", subject_type="kpi", subject_id=kpi.id, version=kpi.version + 1)

    async def search(
        self, page: PageQuery, *, tag: str | None, framework_tag: str | None, name: str | None
    ) -> Page[KpiRead]:
        query = self.kpis.search(tag=tag, framework_tag=framework_tag, name=name)
        filters = {"tag": tag, "framework_tag": framework_tag, "name": name}
        return await list_page(self.work, query, page, model=Kpi, subject_type="kpi", read=read_kpi, filters=filters)

    async def history(self, kpi_id: UUID, page: PageQuery) -> Page[KpiVersionRead]:
        await self.kpis.get(kpi_id)
        return await list_page(
            self.work,
            self.versions.of(kpi_id),
            page,
            model=KpiVersion,
            subject_type="kpi_version",
            read=KpiVersionRead.model_validate,
            filters={"kpi_id": kpi_id},
        )

    async def _count_earlier(self, kpi: Kpi, calculation: AnyCalculation) -> None:
        """What came before the KPI asked for it is counted, too."""
        if isinstance(calculation, Simple) and isinstance(calculation.source, EventSource):
            mine = {"workspace_id": str(kpi.workspace_id), "kpi_id": str(kpi.id)}
            await defer(self.work.session, COUNT_EARLIER, mine)

    async def _settle(self, kpi: Kpi, event: str) -> KpiRead:
        read = read_kpi(kpi)
        number, now = kpi.version, self.work.clock.now()
        version = KpiVersion(
            kpi_id=kpi.id,
            number=number,
            definition=KpiDefinition.model_validate(read).model_dump(mode="json"),
            made_by=self.work.principal.id,
            made_at=now,
        )
        await self.versions.add(version)
        facts = kpi_facts(kpi)
        await self.work.events.append(event, subject_type="kpi", subject_id=kpi.id, version=number, data=facts)
        await self.work.events.append(
            "kpi_version.created", subject_type="kpi_version", subject_id=version.id, version=1, data={"kpi_id": kpi.id}
        )
        return read

    async def _require_free(self, name: str, *, other_than: UUID | None = None) -> None:
        if await self.kpis.is_named(name, other_than=other_than):
            raise AlreadyExists(errors=[FieldError("/name", "Another KPI has this name.", "taken")])

    async def _require_controls(self, ids: Collection[UUID], *, other_than: UUID | None = None) -> None:
        missing = await self.kpis.missing(ids) | ({other_than} & set(ids) if other_than else set())
        if missing:
            errors = [
                FieldError(f"/control_kpi_ids/{place}", "No other KPI has this id.", "unknown")
                for place, each in enumerate(ids)
                if each in missing
            ]
            raise UnknownReference(errors=errors)


def read_kpi(kpi: Kpi) -> KpiRead:
    made = {"band", "calculation", "certification"}
    plain = {name: getattr(kpi, name) for name in KpiRead.model_fields if name not in made}
    certification = (
        None
        if kpi.certified_by is None or kpi.certified_at is None
        else Certification(by=kpi.certified_by, at=kpi.certified_at, remark=kpi.certification_remark)
    )
    calculation = read_calculation(kpi.calculation)
    return KpiRead(band=Band.of(kpi.limits), calculation=calculation, certification=certification, **plain)


def kpi_facts(kpi: Kpi) -> dict[str, Any]:
    """What the feed tells of a KPI: how it is counted, not what somebody wrote about it."""
    return {
        "name": kpi.name,
        "unit": kpi.unit,
        "kind": kpi.kind,
        "aggregation": kpi.aggregation,
        "direction": kpi.direction,
        "cadence": kpi.cadence,
        "tags": kpi.tags,
    }


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A body's fields as a row keeps them."""
    columns = with_band_columns(fields)
    if "calculation" in columns:
        calculation = columns["calculation"]
        columns |= {"kind": calculation.kind, "calculation": calculation.model_dump(mode="json")}
        if not isinstance(calculation, Simple):
            columns["aggregation"] = Aggregation.CALCULATED
    if "control_kpi_ids" in columns:
        columns["control_kpi_ids"] = [str(each) for each in columns["control_kpi_ids"]]
    return columns


def _decertify(kpi: Kpi) -> None:
    kpi.certified_by = kpi.certified_at = kpi.certification_remark = None


def _require_one_way(kpi: Kpi) -> None:
    """A patch may bring the calculation without the aggregation that goes with it."""
    if (kpi.kind == "simple") == (kpi.aggregation == Aggregation.CALCULATED):
        detail = "A simple KPI needs an aggregation, and only a KPI that is worked out from others is `calculated`."
        raise Invalid(errors=[FieldError("/aggregation", detail)])
    if (kpi.aggregation == Aggregation.PERCENTILE) != (kpi.percentile is not None):
        raise Invalid(errors=[FieldError("/percentile", "It belongs to the aggregation `percentile`, and only to it.")])
