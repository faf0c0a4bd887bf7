"""What callers send and see of optimisations."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from services.chassis.operations import OperationRead, State
from services.chassis.types import Body, Label, Money, Reading, Real, Resource, Timestamp
from services.roadmap.domain.adoption import LeftOut
from services.roadmap.features.schemas import Days, Ids, Value
from services.roadmap.roadmaps.schemas import Grounded

Group = Annotated[list[UUID], Field(min_length=2, max_length=50)]
Groups = Annotated[list[Group], Field(max_length=500)]


class Budgets(Body):
    effort_days: Days | None = Field(default=None, description="Person-days; null: no limit.")
    cost: Money | None = Field(default=None, description="Money, in the currency of the features' costs.")


class CustomerWish(Body):
    name: Label
    weight: Value = Field(description="What it is worth to satisfy this customer, in the points of `value`.")
    feature_ids: Annotated[list[UUID], Field(min_length=1, max_length=1_000)] = Field(
        description="The customer is satisfied when all of them are built."
    )


class OptimizationCreate(Body):
    kind: Literal["select"] = "select"
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
    seed: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)] = 0
    time_limit_s: Annotated[Real, Field(gt=0, le=600)] = 60.0


class WhyNotRead(Reading):
    feature_id: UUID
    reason: Literal["pinned_out", "needs_pinned_out", "excluded", "over_budget", "adds_no_value", "search_ended"]
    explanation: str
    blockers: list[str] = Field(description="Ids of features, or names of budgets.")
    brings: list[UUID] = Field(description="What would have to come with it.")
    shortfall: dict[str, float] = Field(description="How much more of each budget would let it in: days, minor units.")
    value_added: float = Field(description="What the plan would gain then.")
    value_given_up: float | None = Field(
        description="What the plan loses when the feature is forced in under the same budgets; null: not examined."
    )
    is_possible: bool | None = Field(description="False: no plan at all contains it. Null: not examined.")


class RuleRead(Reading):
    kind: str
    subjects: list[str]


class ProposalRead(Reading):
    status: Literal["optimal", "feasible", "infeasible", "unknown"]
    objective: float | None = Field(description="The value of what was chosen.")
    bound: float | None = Field(description="No plan under these rules is worth more.")
    gap: float | None = Field(description="(bound - objective) / bound; 0 with status optimal is a proof.")
    chosen: list[UUID]
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
    kind: Literal["select"]
    state: State
    roadmap_id: UUID | None
    operation_id: str
    digest: str = Field(description="SHA-256 of the question: same digest, same answer.")
    request: dict[str, Any]
    proposal: ProposalRead | None = Field(description="Null until the operation has succeeded; never changed after.")
    adoptions: list[AdoptionRead]
    created_by: str
