"""Estimates as callers write them: each as a range, or as one number where one is sure."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from services.chassis.errors import FieldError, Invalid
from services.chassis.types import Body, Label, Patch, Real
from services.requirements.domain.methods import METHODS, MOSCOW_LEVELS
from services.requirements.domain.scoring import Range

SKILLS = Field(max_length=20)
Amount = Annotated[Real, Field(ge=0, le=1e12)]
MoscowName = Literal["must", "should", "could", "wont"]
BOUNDS = {each.name: each for method in METHODS.values() for each in method.inputs}


class Estimate(Body):
    """A number with its honesty: at least, most likely, at most. A bare number means that you are sure."""

    low: Amount
    likely: Amount
    high: Amount

    @model_validator(mode="before")
    @classmethod
    def _from_a_number(cls, value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return {"low": value, "likely": value, "high": value}
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.likely <= self.high:
            raise ValueError("low, likely and high must rise")
        return self

    def as_range(self) -> Range:
        return Range(self.low, self.likely, self.high)


class _Inputs(Body):
    """What the methods of prioritization ask for."""

    reach: Estimate | None = Field(default=None, description="Customers concerned per quarter.")
    impact: Estimate | None = Field(
        default=None, description="For each of them: 3 massive, 2 high, 1 medium, 0.5 low, 0.25 minimal."
    )
    confidence: Estimate | None = Field(default=None, description="From 0 to 1.")
    effort: Estimate | None = Field(default=None, description="Person-months.")
    value: Estimate | None = Field(default=None, description="What it is worth, in a unit of your own.")
    impact_rating: Estimate | None = Field(default=None, description="For ICE, from 1 to 10.")
    confidence_rating: Estimate | None = Field(default=None, description="For ICE, from 1 to 10.")
    ease_rating: Estimate | None = Field(default=None, description="For ICE, from 1 to 10.")
    business_value: Estimate | None = Field(default=None, description="For WSJF: relative to the other jobs.")
    time_criticality: Estimate | None = Field(default=None, description="For WSJF: relative to the other jobs.")
    risk_reduction: Estimate | None = Field(
        default=None, description="For WSJF: the risk it reduces or the opportunity it opens."
    )
    job_size: Estimate | None = Field(default=None, description="For WSJF: relative to the other jobs, at least 0.1.")
    moscow: MoscowName | None = Field(default=None, description="Must, should, could, or not this time.")

    @model_validator(mode="after")
    def _within_bounds(self) -> Self:
        for name, given in self.ranges().items():
            bounds = BOUNDS[name]
            if not (bounds.holds(given.low) and bounds.holds(given.high)):
                raise ValueError(f"{name} is at least {bounds.lowest:g} and at most {bounds.highest:g}")
        return self

    def ranges(self) -> dict[str, Range]:
        """What the methods take, by the names of their inputs."""
        ranges = {name: given.as_range() for name, given in self if isinstance(given, Estimate)}
        if self.moscow is not None:
            ranges["moscow"] = Range.exactly(MOSCOW_LEVELS[self.moscow])
        return ranges


class Estimates(_Inputs):
    """What a requirement is estimated at; each as a range or as one number."""

    effort_by_skill: Annotated[dict[Label, Estimate], SKILLS] | None = Field(
        default=None, description="Person-months of each skill; their sum stands for `effort` where that is not given."
    )

    def ranges(self) -> dict[str, Range]:
        ranges = super().ranges()
        if self.effort_by_skill and "effort" not in ranges:
            efforts = [each.as_range() for each in self.effort_by_skill.values()]
            ranges["effort"] = Range(
                sum(each.low for each in efforts),
                sum(each.likely for each in efforts),
                sum(each.high for each in efforts),
            )
        return ranges

    def kept(self) -> dict[str, Any]:
        """As a row keeps them."""
        return self.model_dump(exclude_none=True)


class EstimatesUpdate(_Inputs, Patch):
    """Estimates to change; null takes one away, for a skill as well."""

    effort_by_skill: Annotated[dict[Label, Estimate | None], SKILLS] | None = Field(
        default=None, description="Skills to change."
    )

    def merged_into(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """What a row keeps afterwards. Raises Invalid when the whole cannot be."""
        merged = _merged(known, self.model_dump(exclude_unset=True))
        try:
            return Estimates.model_validate(merged).kept()
        except ValidationError as fault:
            faults = [FieldError("/estimates", each["msg"], "estimate") for each in fault.errors()]
            raise Invalid(errors=faults) from None


def _merged(known: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A merge patch of two levels; a range is replaced as one thing."""
    merged = {name: value for name, value in known.items() if name not in changes}
    for name, value in changes.items():
        if name == "effort_by_skill" and value is not None:
            skills = {**known.get(name, {}), **value}
            merged[name] = {skill: each for skill, each in skills.items() if each is not None}
        elif value is not None:
            merged[name] = value
    return merged
