"""What callers send and see of inquiries."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from services.chassis.operations import OperationRead, State
from services.chassis.types import Body, Day, Flag, Label, Reading, Real, Resource, Timestamp
from services.roadmap.optimization.schemas import RuleRead

BudgetName = Literal["effort_days", "cost"]
Patience = Annotated[Real, Field(gt=0, le=120, description="Seconds for each solve.")]
Amount = Annotated[Real, Field(ge=-1e12, le=1e12)]


class BudgetChange(Body):
    kind: Literal["budget"]
    name: BudgetName
    more: Amount = Field(description="Person-days, or minor units of money; less than 0 takes away.")


class PeopleChange(Body):
    kind: Literal["people"]
    team_id: UUID
    skill: Label
    more: Annotated[Real, Field(ge=-1_000, le=1_000)] = Field(
        description="People more in every week in which the team works; less than 0 takes away."
    )


class DeadlineChange(Body):
    kind: Literal["deadline"]
    feature_id: UUID
    deadline: Day | None = Field(description="The other day; null: whenever.")


class FeatureChange(Body):
    kind: Literal["feature"]
    feature_id: UUID
    rule: Literal["free", "required", "excluded"] = Field(
        description="Replaces what was said of it: `free` drops must-have, exclusion by name and pin."
    )


Change = Annotated[BudgetChange | PeopleChange | DeadlineChange | FeatureChange, Field(discriminator="kind")]


class WhatIfCreate(Body):
    changes: Annotated[list[Change], Field(min_length=1, max_length=20)] = Field(
        description="Each is tried alone, all else as it was asked."
    )
    together: Flag = Field(default=True, description="Whether all of them are tried at once as well.")
    time_limit_s: Patience = 10.0


class FrontierCreate(Body):
    budget: BudgetName = Field(description="One of the budgets of the question.")
    points: Annotated[int, Field(strict=True, ge=2, le=50)] = 12
    up_to: Annotated[Real, Field(gt=0, le=1e12)] | None = Field(
        default=None, description="The largest budget looked at; what all features together use unless given."
    )
    time_limit_s: Patience = 10.0


class ExplainCreate(Body):
    feature_ids: Annotated[list[UUID], Field(min_length=1, max_length=20)]
    time_limit_s: Patience = 10.0


class InquiryStarted(OperationRead):
    inquiry_id: UUID


class WhatIfOutcome(Reading):
    status: Literal["optimal", "feasible", "infeasible", "unknown"]
    objective: float | None
    bound: float | None
    gain: float | None = Field(description="How much more the plan is worth then; the shadow price of the change.")
    gain_at_most: float | None = Field(description="It cannot be more than this; equal to `gain` when proved.")
    is_proved: bool
    added: list[UUID]
    removed: list[UUID]


class WhatIfRow(WhatIfOutcome):
    change: dict[str, Any]


class WhatIfAnswer(Reading):
    kind: Literal["what_if"]
    objective: float = Field(description="What the plan is worth as it was asked.")
    changes: list[WhatIfRow]
    together: WhatIfOutcome | None


class FrontierPoint(Reading):
    use: float = Field(description="What it takes of the budget.")
    value: float = Field(description="No choice is worth more for so little.")
    feature_ids: list[UUID]
    is_proved: bool


class FrontierAnswer(Reading):
    kind: Literal["frontier"]
    budget: BudgetName
    points: list[FrontierPoint] = Field(description="Cheapest first; each is worth more than the one before.")


class ExplainedFeature(Reading):
    feature_id: UUID
    is_chosen: bool
    is_possible: bool | None = Field(description="Whether it can be otherwise at all; null: not found out in the time.")
    value_at_stake: float | None = Field(
        description="What the plan loses without it, if it was chosen; with it, if it was not."
    )
    value_at_stake_at_least: float | None = Field(description="Equal to `value_at_stake` when proved.")
    is_proved: bool
    joins: list[UUID] = Field(description="What would come in with the change.")
    leaves: list[UUID] = Field(description="What would go.")
    conflict: list[RuleRead] = Field(description="When it cannot be otherwise: the rules that stand against it.")


class ExplainAnswer(Reading):
    kind: Literal["explain"]
    objective: float
    features: list[ExplainedFeature]


InquiryAnswerRead = Annotated[WhatIfAnswer | FrontierAnswer | ExplainAnswer, Field(discriminator="kind")]


class InquiryRead(Resource):
    kind: Literal["what_if", "frontier", "explain"]
    state: State
    optimization_id: UUID
    operation_id: str
    request: dict[str, Any]
    answer: InquiryAnswerRead | None = Field(description="Null until the operation has succeeded; never changed after.")
    created_by: str


class BrokenRule(Reading):
    kind: str
    subjects: list[str]
    over_by: float | None = Field(description="Of a budget: by how much it is exceeded now, in days or minor units.")
    detail: str


class ValidationRead(Reading):
    is_valid: bool = Field(description="Whether the plan keeps every rule as things are now.")
    is_unchanged: bool = Field(description="Whether the same question, asked now, would be the same to the last digit.")
    checked_at: Timestamp
    objective_then: float
    objective_now: float | None = Field(description="What the same plan is worth now.")
    broken: list[BrokenRule]
