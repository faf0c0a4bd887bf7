"""A plan as an audience may see it: what is not here cannot reach a page, a picture or a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.roadmap.domain.lenses import AudienceKind, Commitment
from services.roadmap.domain.periods import Period
from services.roadmap.domain.plans import Cost

COLUMNS = {"now": "Now", "next": "Next", "later": "Later", "shipped": "Shipped"}


@dataclass(frozen=True, slots=True)
class EffectView:
    kpi: str
    direction: str
    low: float
    likely: float
    high: float
    due: Period | None


@dataclass(frozen=True, slots=True)
class ResultView:
    kpi: str
    verdict: str
    effect: float | None
    measured: Period | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """A feature; None and empty tuples stand for what is unknown and for what this audience may not see alike."""

    key: str
    feature_id: str | None
    title: str
    description: str | None
    column: str
    commitment: Commitment
    status: str | None
    is_pinned: bool | None
    starts: Period | None
    ends: Period | None
    shipped: Period | None
    done_by: Period | None
    effort_days: float | None
    cost: Cost | None
    value: float | None
    teams: tuple[str, ...]
    needs: tuple[str, ...]
    objectives: tuple[str, ...]
    requirements: tuple[str, ...]
    effects: tuple[EffectView, ...]
    results: tuple[ResultView, ...]

    @property
    def when(self) -> str:
        """Its time in words; empty when it has none to tell."""
        if self.shipped:
            return self.shipped.label
        if self.starts and self.ends and self.starts != self.ends:
            return f"{self.starts.label} to {self.ends.label}"
        told = self.ends or self.starts
        return told.label if told else ""


@dataclass(frozen=True, slots=True)
class MilestoneView:
    title: str
    kpi: str
    start: float
    current: float | None
    target: float
    progress: float | None


@dataclass(frozen=True, slots=True)
class GoalView:
    title: str
    description: str
    status: str
    due: Period | None
    progress: float | None
    key_results: tuple[MilestoneView, ...]


@dataclass(frozen=True, slots=True)
class WeekView:
    monday: date
    capacity_days: float
    load_days: float


@dataclass(frozen=True, slots=True)
class LoadView:
    team: str
    skill: str
    weeks: tuple[WeekView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that an audience sees of a roadmap; every page, picture and file is made from this and nothing else."""

    title: str
    description: str | None
    visions: tuple[str, ...]
    audience: str
    kind: AudienceKind
    notice: str
    as_of: date
    headings: Mapping[str, str]
    items: tuple[ItemView, ...]
    goals: tuple[GoalView, ...]
    loads: tuple[LoadView, ...]

    def column(self, name: str) -> tuple[ItemView, ...]:
        """The items of one column, in order."""
        return tuple(item for item in self.items if item.column == name)

    def heading(self, column: str) -> str:
        """What the audience calls a column."""
        return self.headings.get(column) or COLUMNS[column]
