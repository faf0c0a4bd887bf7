"""What callers send and see of optimisations."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.operations import OperationRead, State
from services.chassis.types import Body, Day, Label, Money, Reading, Real, Resource, Timestamp
from services.roadmap.domain.adoption import LeftOut
from services.roadmap.exchange_rates.schemas import RateUsed
from services.roadmap.features.schemas import Days, Ids, Value
from services.roadmap.roadmaps.schemas import Grounded

Group = Annotated[list[UUID], Field(min_length=2, max_length=50)]
Groups = Annotated[list[Group], Field(max_length=500)]


class Budgets(Body):
    effort_days: Days | None = Field(default=None, description="Person-days; null: no limit.")
    cost: Money | None = Field(
        default=None,
        description="Money; costs in other currencies are converted at the exchange rate of the day on "
        "which the feature is placed, else of `starts_on`, else of today.",
    )


class CustomerWish(Body):
    name: Label
    weight: Value = Field(description="What it is worth to satisfy this customer, in the points of `value`.")
    feature_ids: Annotated[list[UUID], Field(min_length=1, max_length=1_000)] = Field(
        description="The customer is satisfied when all of them are built."
    )


class OptimizationCreate(Body):
    kind: Literal["select", "schedule"] = Field(
        default="select", description="What to build; or what, when and by which team."
    )
    starts_on: Day | None = Field(default=None, description="Of a schedule: the day in its first week.")
    weeks: Annotated[int, Field(strict=True, ge=1, le=156)] = Field(
        default=26, description="Of a schedule: its length."
    )
    roadmap_id: UUID | None = Field(default=None, description="Its pinned items are chosen in any case.")
    feature_ids: Annotated[list[UUID], Field(max_length=10_000)] | None = Field(
        default=None, description="What to choose from, with all that these need; every open feature unless given."
    )
    budgets: Budgets = Budgets()
    customers: list[CustomerWish] = Field(default=[], max_length=2_000)
    must_have_ids: Ids = []
    excluded_ids: Ids = Field(default=[], description="Not to be chosen.")
    exclusions: Groups = Field(default=[], description="Of each group at most one.")
    couplings: Groups = Field(default=[], description="Of each group all or none.")
    one_of: Groups = Field(default=[], description="Of each group exactly one.")
    seed: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)] = 0
    time_limit_s: Annotated[Real, Field(gt=0, le=600)] = 60.0

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind == "schedule" and self.starts_on is None:
            raise ValueError("a schedule needs starts_on")
        if self.kind == "schedule" and self.customers:
            raise ValueError("customers can be weighed in a selection only")
        return self


class MissingCapacity(Reading):
    team_id: UUID
    skill: str
    person_weeks: float


class WhyNotRead(Reading):
    feature_id: UUID
    reason: Literal[
        "pinned_out",
        "needs_pinned_out",
        "excluded",
        "over_budget",
        "adds_no_value",
        "search_ended",
        "needs_unplanned",
        "too_late",
        "over_capacity",
        "outweighed",
        "not_estimated",
        "no_team",
        "needs_unfit",
    ]
    explanation: str
    blockers: list[str] = Field(description="Ids of features, or names of budgets.")
    brings: list[UUID] = Field(description="What would have to come with it.")
    shortfall: dict[str, float] = Field(description="How much more of each budget would let it in: days, minor units.")
    missing_capacity: list[MissingCapacity] = Field(
        default=[], description="Of a schedule: whose time is missing, and how much."
    )
    value_added: float | None = Field(description="What the plan would gain then; null: not examined.")
    value_given_up: float | None = Field(
        description="What the plan loses when the feature is forced in under the same budgets; null: not examined."
    )
    is_possible: bool | None = Field(description="False: no plan at all contains it. Null: not examined.")


class RuleRead(Reading):
    kind: str
    subjects: list[str]


class ScheduledPackage(Reading):
    team_id: UUID
    skill: str
    people: float
    starts_on: date
    ends_on: date


class ScheduledFeature(Reading):
    feature_id: UUID
    starts_on: date
    ends_on: date
    packages: list[ScheduledPackage]


class IncumbentRead(Reading):
    number: int
    objective: float
    bound: float | None
    found_at: Timestamp
    schedule: list[ScheduledFeature]


class IncumbentList(Reading):
    items: list[IncumbentRead]


class ProposalRead(Reading):
    status: Literal["optimal", "feasible", "infeasible", "unknown"]
    objective: float | None = Field(description="The value of what was chosen.")
    bound: float | None = Field(description="No plan under these rules is worth more.")
    gap: float | None = Field(description="(bound - objective) / bound; 0 with status optimal is a proof.")
    first_objective: float | None = Field(
        default=None, description="Of a schedule: what the first plan was worth, found at once."
    )
    chosen: list[UUID]
    schedule: list[ScheduledFeature] = Field(default=[], description="Who does what when; empty for a selection.")
    customers_satisfied: list[str]
    used: dict[str, float] = Field(description="Of each budget: days, minor units.")
    not_chosen: list[WhyNotRead]
    conflict: list[RuleRead] = Field(
        description="When infeasible: rules that cannot hold together; leave any one out, and the others can."
    )
    solver: str
    seed: int
    time_limit_s: float
    digest: str
    created_at: Timestamp


class AdoptionCreate(Grounded):
    roadmap_id: UUID | None = Field(default=None, description="Where to; the optimisation's own roadmap unless given.")
    left_out: LeftOut = Field(
        default="later", description="What becomes of unpinned items that were considered and not chosen."
    )


class AdoptionRead(Reading):
    id: UUID
    optimization_id: UUID
    roadmap_id: UUID
    reason: str | None
    decision_id: UUID | None
    adopted_by: str
    adopted_at: Timestamp


class AdoptedChanges(AdoptionRead):
    placed: list[UUID]
    moved: list[UUID]
    removed: list[UUID]
    skipped: list[UUID] = Field(description="Chosen then, but shipped, dropped or removed since.")


class OptimizationStarted(OperationRead):
    optimization_id: UUID


class OptimizationRead(Resource):
    kind: Literal["select", "schedule"]
    state: State
    roadmap_id: UUID | None
    operation_id: str
    digest: str = Field(description="SHA-256 of the question: same digest, same answer.")
    request: dict[str, Any]
    conversions: list[RateUsed] = Field(description="The exchange rates at which costs were converted for the budget.")
    proposal: ProposalRead | None = Field(description="Null until the operation has succeeded; never changed after.")
    adoptions: list[AdoptionRead]
    created_by: str
