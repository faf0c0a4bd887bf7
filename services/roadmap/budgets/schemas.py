"""What callers send and see of budgets."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import (
    Body,
    Currency,
    Day,
    Metadata,
    MetadataPatch,
    Money,
    Patch,
    Prose,
    Reading,
    Remark,
    Resource,
    Timestamp,
    Title,
    omitted,
)
from services.roadmap.exchange_rates.schemas import RateUsed, RateWanted

EntryKind = Literal["spending", "contract"]
Links = Annotated[list[UUID], Field(max_length=500)]


class BudgetCreate(Body):
    name: Title
    description: Prose = ""
    product_id: UUID | None = None
    currency: Currency
    starts_on: Day
    ends_on: Day
    metadata: Metadata = {}

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("it cannot end before it starts")
        return self


class BudgetUpdate(Patch):
    name: Title = omitted()
    description: Prose = omitted()
    product_id: UUID | None = None
    starts_on: Day = omitted()
    ends_on: Day = omitted()
    metadata: MetadataPatch = omitted()


class BudgetRead(Resource):
    name: str
    description: str
    product_id: UUID | None
    currency: str
    starts_on: date
    ends_on: date
    metadata: dict[str, str] = Field(validation_alias="attributes")


class LineCreate(Body):
    name: Title
    planned: Money
    feature_ids: Links = Field(default=[], description="Features that it pays for.")
    initiative_ids: Links = Field(default=[], description="Initiatives whose features it pays for.")
    objective_ids: Links = Field(default=[], description="Objectives whose features it pays for.")


class LineUpdate(Patch):
    name: Title = omitted()
    planned: Money = omitted()
    feature_ids: Links = omitted()
    initiative_ids: Links = omitted()
    objective_ids: Links = omitted()


class LineRead(Resource):
    budget_id: UUID
    name: str
    planned: Money
    feature_ids: list[UUID]
    initiative_ids: list[UUID]
    objective_ids: list[UUID]


class EntryCreate(Body):
    line_id: UUID
    kind: EntryKind = "spending"
    amount: Money = Field(
        description="A spending may be negative: a credit, or the correction of an error. In another currency than the "
        "budget's it is converted at the rate of the day on which it occurred."
    )
    occurred_on: Day
    feature_id: UUID | None = Field(default=None, description="The feature that it was spent on.")
    contract_id: UUID | None = Field(default=None, description="The entry of the contract that it fulfils.")
    note: Remark | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.kind == "contract" and (self.feature_id or self.contract_id):
            raise ValueError("only a spending names a feature or a contract")
        if self.feature_id and self.contract_id:
            raise ValueError("name the feature or the contract, not both")
        if self.kind == "contract" and self.amount.amount_minor <= 0:
            raise ValueError("a contract is about more than nothing")
        return self


class EntryRead(Resource):
    budget_id: UUID
    line_id: UUID
    kind: EntryKind
    amount: Money = Field(description="In the budget's currency.")
    paid: Money | None = Field(description="As it was paid, when that was in another currency.")
    conversion: RateUsed | None = Field(description="The rate that it was booked at.")
    occurred_on: date
    feature_id: UUID | None
    contract_id: UUID | None
    note: str | None


class Figures(Reading):
    """Money as it stands."""

    planned: Money
    committed: Money = Field(description="Promised and not yet spent: features in hand, contracts.")
    spent: Money
    forecast_at_completion: Money = Field(
        description="Spent, what is left of contracts, and `cost_ratio` times what is left of features in hand or on a "
        "roadmap."
    )
    available: Money = Field(description="Planned less spent and committed; negative when too much was promised.")
    overrun: Money = Field(description="By how much the forecast exceeds what is planned.")


class LineFigures(Figures):
    line_id: UUID
    name: str
    cost_ratio: float = Field(description="What shipped features of the line cost per unit of their estimates, 1/CPI.")
    features: int = Field(description="How many features it pays for.")
    computed_feature_ids: list[UUID] = Field(
        description="Features without a stated cost: theirs is what their work packages cost at the day rates of teams."
    )
    unpriced_feature_ids: list[UUID] = Field(
        description="Features without a stated cost whose work has none either, hence in no figure."
    )
    foreign_feature_ids: list[UUID] = Field(
        description="Features priced in another currency with no rate to this one, hence in no figure."
    )
    conversions: list[RateUsed] = Field(description="The rates of today that costs were converted at.")
    missing_rates: list[RateWanted]


class BudgetStatus(Reading):
    budget_id: UUID
    as_of: Timestamp
    lines: list[LineFigures]
    total: Figures
