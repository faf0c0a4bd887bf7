"""What callers ask: which requirements to rank, on whose estimates, by what method."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from services.chassis.types import Body, Currency, Day, Label, Real, Title
from services.requirements.domain.drivers import MOST_WEIGHT, WEIGHABLE
from services.requirements.domain.live import LIVE_INPUTS, LiveInput
from services.requirements.domain.states import RequirementStatus

MOST_RANKED = 1_000
MOST_DRIVERS = 12
MOST_DAYS = 3 * 364
MethodName = Literal["rice", "ice", "wsjf", "value_effort", "moscow", "kano", "weighted"]
EstimatesFrom = Literal["agreed", "pooled"]
OPEN_STATES = (RequirementStatus.DRAFT, RequirementStatus.CANDIDATE)


def _weighable(name: str) -> str:
    if name not in WEIGHABLE:
        raise ValueError(f"can be weighed: {', '.join(sorted(WEIGHABLE))}")
    return name


def _countable(name: str) -> str:
    if name not in LIVE_INPUTS:
        raise ValueError(f"can be counted: {', '.join(sorted(LIVE_INPUTS))}")
    return name


CountedInput = Annotated[str, AfterValidator(_countable), Field(json_schema_extra={"enum": sorted(LIVE_INPUTS)})]
WeighableInput = Annotated[str, AfterValidator(_weighable), Field(json_schema_extra={"enum": sorted(WEIGHABLE)})]


class DriverScale(Body):
    """From where a driver scores 0 to where it scores 1."""

    worst: Real
    best: Real


LIVE = "; ".join(f"`{name}`: {meaning}" for name, meaning in LIVE_INPUTS.items())


class _Counted(Body):
    """Which part of what is counted."""

    currency: Currency | None = Field(default=None, description="For what is counted in money.")
    segment_id: UUID | None = Field(
        default=None,
        description="Only what customers of this segment said, as they stood when they said it, or how they voted, as "
        "they stand today.",
    )

    def counts(self, name: str) -> LiveInput:
        """What to count under this name. Raises ValueError."""
        wanted = LiveInput(name, self.currency, str(self.segment_id) if self.segment_id else None)
        if (fault := wanted.faults()) is not None:
            raise ValueError(fault)
        return wanted


class DriverCreate(_Counted):
    """Something that you weigh."""

    name: Label = Field(examples=["Customers behind it"])
    input: WeighableInput = Field(
        description=f"An estimate, a Kano coefficient, or what is counted at the moment: {LIVE}."
    )
    weight: Annotated[Real, Field(ge=0, le=MOST_WEIGHT)]
    direction: Literal["more", "less"] = Field(default="more", description="Whether more of it is better, or less.")
    scale: DriverScale | None = Field(default=None, description="What the candidates span, unless given.")

    @model_validator(mode="after")
    def _can_be_counted(self) -> Self:
        self.counts(self.input)
        return self

    @property
    def key(self) -> str:
        return self.counts(self.input).key


class TakenCreate(_Counted):
    """An estimate that is taken from what customers said instead."""

    input: Literal["reach", "value", "business_value"] = Field(description="Which input of the method.")
    source: CountedInput = Field(description=f"What is counted: {LIVE}.")
    factor: Annotated[Real, Field(gt=0, le=1e6)] = Field(
        default=1, description="What the count is multiplied by, such as customers for each one who was heard."
    )

    @model_validator(mode="after")
    def _can_be_counted(self) -> Self:
        self.counts(self.source)
        return self

    @property
    def counted(self) -> LiveInput:
        return self.counts(self.source)


class CapacityQuestion(Body):
    """Into which days it should fit."""

    starts_on: Day
    ends_on: Day
    team_id: UUID | None = Field(default=None, description="Of this team; of any with the skills, unless named.")
    days_per_person_month: Annotated[Real, Field(gt=0, le=31)] = Field(
        default=20, description="How many days of work an estimated person-month is."
    )

    @model_validator(mode="after")
    def _is_a_period(self) -> Self:
        if not 0 <= (self.ends_on - self.starts_on).days <= MOST_DAYS:
            raise ValueError("the period ends after it starts, and within three years")
        return self


class Selection(Body):
    """Which requirements, and on whose estimates."""

    requirement_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_RANKED)] | None = Field(
        default=None, description="Which requirements; all in `statuses` unless given."
    )
    statuses: Annotated[list[RequirementStatus], Field(min_length=1)] = Field(
        default=list(OPEN_STATES), description="Without `requirement_ids`: those in these states that are estimated."
    )
    estimates_from: EstimatesFrom = Field(
        default="agreed",
        description="`agreed`: those of the requirement itself. `pooled`: each person's, kept apart and equally "
        "likely; what nobody estimated alone is taken from the requirement.",
    )
    drivers: Annotated[list[DriverCreate], Field(max_length=MOST_DRIVERS)] = Field(
        default=[], description="For the method `weighted`: what is weighed, and how much."
    )
    taken: Annotated[list[TakenCreate], Field(max_length=3)] = Field(
        default=[], description="Inputs that are taken from what customers said rather than from estimates."
    )
    top: Annotated[int, Field(strict=True, ge=1, le=MOST_RANKED)] = Field(
        default=10, description="How many you mean to take: the chance to be among them is told for each."
    )
    seed: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)] = Field(
        default=1, description="The same seed and estimates give the same intervals."
    )

    @model_validator(mode="after")
    def _drivers_are_told_apart(self) -> Self:
        if len({driver.name for driver in self.drivers}) < len(self.drivers):
            raise ValueError("give each driver a name of its own")
        if self.drivers and not any(driver.weight for driver in self.drivers):
            raise ValueError("at least one driver needs a weight")
        if len({each.input for each in self.taken}) < len(self.taken):
            raise ValueError("take each input from one place")
        return self


class PrioritizationCreate(Selection):
    """What to rank, and how."""

    name: Title = Field(examples=["Spring planning"])
    method: MethodName = "rice"
    capacity: CapacityQuestion | None = Field(
        default=None, description="Also ask the roadmap what of it fits; those with `effort_by_skill` can be asked for."
    )

    @model_validator(mode="after")
    def _weighs_what_it_says(self) -> Self:
        if (self.method == "weighted") != bool(self.drivers):
            raise ValueError("the method weighted takes drivers, and no other does")
        return self


class MethodsCompare(Selection):
    """The same requirements and estimates, under several methods."""

    methods: Annotated[list[MethodName], Field(min_length=2, max_length=7)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.methods)) < len(self.methods):
            raise ValueError("name each method once")
        if ("weighted" in self.methods) != bool(self.drivers):
            raise ValueError("the method weighted takes drivers, and no other does")
        return self
