"""What callers send and see of audiences and their views."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.chassis.types import Body, Count, Flag, Label, Patch, Prose, Reading, Remark, Resource, Title, omitted
from services.roadmap.domain.lenses import AudienceKind, Commitment, Detail
from services.roadmap.domain.periods import Precision

Shows = Annotated[
    list[Detail],
    Field(max_length=40, description="What is told of features, objectives and teams; titles always are."),
]
DatedDays = Annotated[
    Count, Field(le=36_500, description="What begins or ends later than so many days from today has no date.")
]
FirmEnough = Annotated[
    Commitment,
    Field(
        description="The least firm work that is shown: `committed` is under way or shipped, `planned` is decided, "
        "`exploring` is everything that was not dropped."
    ),
]
Notice = Annotated[Remark | Annotated[str, StringConstraints(max_length=0)], Field(description="Stands on every page.")]


class Headings(Body):
    """What the audience calls the columns."""

    now: Label | None = None
    next: Label | None = None
    later: Label | None = None
    shipped: Label | None = None

    def given(self) -> dict[str, str]:
        return {name: text for name, text in self.fields().items() if text is not None}


class WordingEntry(Body):
    """A feature in the audience's words; what is null is told in the team's own."""

    feature_id: UUID
    title: Title | None = None
    description: Annotated[Prose, Field(max_length=2_000)] | None = None
    is_hidden: Flag = False


Wordings = Annotated[list[WordingEntry], Field(max_length=1_000)]


class AudienceCreate(Body):
    """Only a name and a kind are needed: what is left out is the usual for the kind."""

    name: Title
    kind: AudienceKind
    shows: Shows | None = None
    date_precision: Precision | None = Field(
        default=None, description="How exactly days are told: as they are, as months, as quarters, or not at all."
    )
    dated_days: DatedDays | None = None
    commitment: FirmEnough | None = None
    is_worded_only: Flag = Field(default=False, description="Show only features that have words of their own here.")
    notice: Notice | None = None
    headings: Headings = Headings()
    wordings: Wordings = []


class AudienceUpdate(Patch):
    name: Title = omitted()
    shows: Shows = omitted()
    date_precision: Precision = omitted()
    dated_days: DatedDays | None = None
    commitment: FirmEnough = omitted()
    is_worded_only: Flag = omitted()
    notice: Notice = omitted()
    headings: Headings = omitted()
    wordings: Wordings = omitted()


class WordingRead(Reading):
    feature_id: UUID
    title: str | None
    description: str | None
    is_hidden: bool


class AudienceRead(Resource):
    name: str
    kind: AudienceKind
    shows: list[Detail]
    date_precision: Precision
    dated_days: int | None
    commitment: Commitment
    is_worded_only: bool
    notice: str
    headings: dict[str, str]
    wordings: list[WordingRead]


class PeriodRead(Reading):
    """The days among which the true one lies."""

    first: date
    last: date
    label: str


class EffectViewRead(Reading):
    kpi: str
    direction: str
    low: float
    likely: float
    high: float
    due: PeriodRead | None


class ResultViewRead(Reading):
    kpi: str
    verdict: str
    effect: float | None
    measured: PeriodRead | None


class CostRead(Reading):
    amount_minor: int
    currency: str


class ItemViewRead(Reading):
    """A feature as the audience sees it: null and empty lists also stand for what it may not see."""

    key: str = Field(description="The same feature always has the same key here, and another one in other views.")
    feature_id: UUID | None
    title: str
    description: str | None
    column: str = Field(description="`now`, `next`, `later` or `shipped`.")
    commitment: Commitment
    status: str | None
    is_pinned: bool | None
    when: str = Field(description="Its time in words.", examples=["Q1 2027 to Q2 2027"])
    starts: PeriodRead | None
    ends: PeriodRead | None
    shipped: PeriodRead | None
    done_by: PeriodRead | None = Field(description="Done by then in 85 of 100 futures of the latest forecast.")
    effort_days: float | None
    cost: CostRead | None
    value: float | None
    teams: list[str]
    needs: list[str] = Field(description="Keys of the features that it depends on, as far as they are shown.")
    objectives: list[str]
    requirements: list[str]
    effects: list[EffectViewRead]
    results: list[ResultViewRead]


class MilestoneViewRead(Reading):
    title: str
    kpi: str
    start: float
    current: float | None
    target: float
    progress: float | None


class GoalViewRead(Reading):
    title: str
    description: str
    status: str
    due: PeriodRead | None
    progress: float | None
    key_results: list[MilestoneViewRead]


class WeekViewRead(Reading):
    monday: date
    capacity_days: float
    load_days: float


class LoadViewRead(Reading):
    team: str
    skill: str
    weeks: list[WeekViewRead]


class RoadmapViewRead(Reading):
    """A roadmap as an audience sees it."""

    title: str
    description: str | None
    visions: list[str] = Field(description="What the product should become, for each product that has a vision.")
    audience: str
    kind: AudienceKind
    notice: str
    as_of: date
    headings: dict[str, str]
    items: list[ItemViewRead]
    goals: list[GoalViewRead]
    loads: list[LoadViewRead]
