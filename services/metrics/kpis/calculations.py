"""How a KPI's figures come about: measured for itself, or worked out from other KPIs."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, TypeAdapter, model_validator

from services.chassis.types import Body, Label, Real
from services.metrics.domain.formulas import LONGEST, Formula, FormulaError, parse

MAX_INPUTS = 10
NAME = re.compile(r"^[a-z][a-z0-9_]{0,31}$")

InputName = Annotated[str, StringConstraints(pattern=NAME.pattern)]


Said = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=64)],
        Annotated[str, StringConstraints(max_length=200)],
    ],
    Field(max_length=5),
]


class EventPattern(Body):
    """Usage events of one name that say these values."""

    event: Label = Field(examples=["Order Completed"])
    where: Said = Field(default={}, description="Properties, as text, that the event must have.")


class EventSource(EventPattern):
    """Makes a measurement of each usage event that matches, also of those that came before the KPI."""

    property: Label | None = Field(
        default=None, description="The property that is the value; an event without it does not count. Else 1."
    )
    subject: Literal["person", "account"] = Field(
        default="person", description="Who is counted, with the aggregation `distinct`."
    )


class MetricSource(Body):
    """Makes a measurement of each data point of an OpenTelemetry metric."""

    metric: Label = Field(examples=["http.server.request.duration"])


class Simple(Body):
    """Figures are added up from the KPI's own measurements, by its `aggregation`."""

    kind: Literal["simple"] = "simple"
    source: EventSource | MetricSource | None = Field(
        default=None, description="Where measurements come from by themselves, besides those that are posted."
    )

    @property
    def inputs(self) -> Mapping[str, UUID]:
        return {}


class Ratio(Body):
    """One KPI divided by another, period by period: never an average of averages."""

    kind: Literal["ratio"]
    numerator_kpi_id: UUID
    denominator_kpi_id: UUID
    factor: Real = Field(default=1, description="What the quotient is multiplied by: 100 for percent.")

    @property
    def inputs(self) -> Mapping[str, UUID]:
        return {"numerator": self.numerator_kpi_id, "denominator": self.denominator_kpi_id}


class Derived(Body):
    """A formula over other KPIs, worked out period by period."""

    kind: Literal["derived"]
    formula: str = Field(
        min_length=1,
        max_length=LONGEST,
        description="Numbers, the names of `inputs`, `+ - * / ( )`, `min`, `max` and `abs`.",
        examples=["(new_revenue + expansion - churned) / accounts"],
    )
    inputs: dict[InputName, UUID] = Field(
        min_length=1, max_length=MAX_INPUTS, description="The KPI that each name in the formula stands for."
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        try:
            used = self.parsed.names
        except FormulaError as fault:
            raise ValueError(f"the formula cannot be read: {fault}") from None
        if used != self.inputs.keys():
            odd = ", ".join(sorted(used ^ self.inputs.keys()))
            raise ValueError(f"the formula and its inputs must name the same KPIs; {odd} is in one of them only")
        return self

    @property
    def parsed(self) -> Formula:
        return parse(self.formula)


class Cumulative(Body):
    """A measured KPI to date, by its own aggregation: the sum so far, the mean so far, the people so far, each once."""

    kind: Literal["cumulative"]
    kpi_id: UUID
    reset: Literal["never", "year", "quarter", "month", "week"] = Field(
        default="never", description="Where it begins anew."
    )
    window_days: Annotated[int, Field(ge=1, le=366)] | None = Field(
        default=None, description="Instead of a reset: over so many days before the end of each period."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.window_days is not None and self.reset != "never":
            raise ValueError("a window moves along and is never reset: give one of reset and window_days")
        return self

    @property
    def inputs(self) -> Mapping[str, UUID]:
        return {"of": self.kpi_id}


class Funnel(Body):
    """The share of people who, once they took the first step, took all others in order.

    Each counts once in the period of their first step there; a period is told once its people have had their time.
    """

    kind: Literal["funnel"]
    steps: list[EventPattern] = Field(min_length=2, max_length=6)
    within_days: Annotated[int, Field(ge=1, le=90)] = 7
    factor: Real = Field(default=1, description="What the share is multiplied by: 100 for percent.")

    @property
    def inputs(self) -> Mapping[str, UUID]:
        return {}


class Retention(Body):
    """The share of people who came back: in `span_days` days, `after_days` after their very first `start`.

    Each counts in the period of that first; a period is told once its people have had their time.
    """

    kind: Literal["retention"]
    start: EventPattern
    back: EventPattern
    after_days: Annotated[int, Field(ge=1, le=365)] = 7
    span_days: Annotated[int, Field(ge=1, le=90)] = 7
    factor: Real = Field(default=1, description="What the share is multiplied by: 100 for percent.")

    @property
    def inputs(self) -> Mapping[str, UUID]:
        return {}


AnyCalculation = Simple | Ratio | Derived | Cumulative | Funnel | Retention
Calculation = Annotated[AnyCalculation, Field(discriminator="kind")]

# Counted from what was sent, and worked out from no other KPI.
COUNTED = ("simple", "funnel", "retention")

_reader: TypeAdapter[AnyCalculation] = TypeAdapter(Calculation)


def read_calculation(kept: Mapping[str, Any]) -> AnyCalculation:
    """The calculation as a row keeps it."""
    return _reader.validate_python(kept)
