"""Sees to it that what a KPI is worked out from exists, fits, and does not rest on the KPI itself."""

from collections.abc import Mapping
from uuid import UUID

from services.chassis.errors import FieldError, Invalid, UnknownReference
from services.metrics.domain.dependencies import closes_a_cycle, reachable
from services.metrics.kpis.calculations import AnyCalculation, Cumulative, Derived, Simple
from services.metrics.kpis.repository import KpiRepository

MOST_BELOW = 50


class CalculationCheck:
    """Checks the inputs of calculations within one workspace."""

    def __init__(self, kpis: KpiRepository) -> None:
        self.kpis = kpis

    async def require_sound(self, kpi_id: UUID | None, calculation: AnyCalculation) -> None:
        """Raises UnknownReference for an input that does not exist, Invalid for one that does not fit."""
        inputs = calculation.inputs
        found = await self.kpis.by_ids(inputs.values())
        unknown = [
            _fault(calculation, name, "No KPI has this id.") for name, each in inputs.items() if each not in found
        ]
        if unknown:
            raise UnknownReference(errors=unknown)
        if isinstance(calculation, Cumulative) and (of := found[calculation.kpi_id]).kind != "simple":
            detail = f"Only a measured KPI can be told to date; {of.name} is worked out (`{of.kind}`)."
            raise Invalid(errors=[FieldError("/calculation/kpi_id", detail, "not_measured")])
        if not isinstance(calculation, Simple) and kpi_id and (above := await self.kpis.accumulated_by(kpi_id)):
            detail = f"Only a measured KPI can be told to date, as {above} does with this one."
            raise Invalid(errors=[FieldError("/calculation", detail, "not_measured")])
        await self._require_order(kpi_id, inputs)

    async def _require_order(self, kpi_id: UUID | None, inputs: Mapping[str, UUID]) -> None:
        if not inputs:
            return
        await self.kpis.lock_definitions()
        below = await self.kpis.inputs()
        if kpi_id is not None and closes_a_cycle(kpi_id, inputs.values(), below):
            raise Invalid(errors=[FieldError("/calculation", "The KPI would rest on itself.", "cycle")])
        if len(reachable(inputs.values(), below)) > MOST_BELOW:
            raise Invalid(errors=[FieldError("/calculation", f"At most {MOST_BELOW} KPIs below one.", "too_many")])


def _fault(calculation: AnyCalculation, name: str, detail: str) -> FieldError:
    place = f"inputs/{name}" if isinstance(calculation, Derived) else f"{name}_kpi_id"
    return FieldError(f"/calculation/{'kpi_id' if name == 'of' else place}", detail, "unknown")
