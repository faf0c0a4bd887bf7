"""What callers send and see of feature rules."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Patch, Remark, Resource, omitted
from services.roadmap.domain.rules import FeatureRuleKind

Members = Annotated[
    list[UUID],
    Field(min_length=1, max_length=50, description="Each counts once; a rule of one feature says nothing yet."),
]
RuleReason = Annotated[Remark, Field(description="Why, for whoever wonders later.")]


class FeatureRuleCreate(Body):
    kind: FeatureRuleKind = Field(
        description="`exclusion`: at most one of them. `coupling`: all or none. `alternatives`: ways to the same "
        "end, at most one of them, and once one was begun the others are out. `one_of`: exactly one of them."
    )
    feature_ids: Members
    reason: RuleReason | None = None


class FeatureRuleUpdate(Patch):
    feature_ids: Members = omitted()
    reason: RuleReason | None = None


class FeatureRuleRead(Resource):
    kind: FeatureRuleKind
    feature_ids: list[UUID]
    reason: str | None
