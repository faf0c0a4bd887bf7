"""What callers send and see of judgements of feasibility."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, Label, Patch, Reading, Real, Remark, Resource, omitted
from services.requirements.domain.feasibility import Aspect
from services.requirements.domain.scoring import Range

Probability = Annotated[Real, Field(ge=0, le=1)]


class ChanceEntry(Body):
    """The chance that it can be done: at least, most likely, at most."""

    low: Probability
    likely: Probability
    high: Probability

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.likely <= self.high:
            raise ValueError("low, likely and high must rise")
        return self

    def as_range(self) -> Range:
        return Range(self.low, self.likely, self.high)


class FeasibilityJudgementCreate(Body):
    """What one expert believes of one aspect."""

    expert: Label | None = Field(default=None, description="Who judges, as your team calls them; you unless given.")
    aspect: Aspect
    chance: ChanceEntry
    reason: Remark = Field(description="What it rests on.")


class FeasibilityJudgementUpdate(Patch):
    """What an expert believes now."""

    chance: ChanceEntry = omitted()
    reason: Remark = omitted()


class FeasibilityJudgementRead(Resource):
    """What one expert believes of one aspect of a requirement."""

    requirement_id: UUID
    expert: str
    aspect: Aspect
    chance: ChanceEntry
    reason: str


class ChanceRead(Reading):
    """A chance, with the widest range that anybody gave it."""

    low: float
    mean: float
    high: float


class FeasibilityRead(Reading):
    """The experts together.

    Each range counts by its mean (low + 4 likely + high) / 6, each expert of an aspect alike (a linear opinion pool,
    Stone 1961), and the aspects are multiplied: all of them must hold.
    """

    aspects: dict[Aspect, ChanceRead] = Field(description="Aspects that nobody has judged are left out.")
    together: ChanceRead
