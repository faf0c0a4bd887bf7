"""A plan as it truly is: everything known of it, before anybody decides who may see what."""

from dataclasses import dataclass
from datetime import date

from services.roadmap.domain.states import FeatureStatus


@dataclass(frozen=True, slots=True)
class Effect:
    """How far a KPI should move, and until when."""

    kpi: str
    direction: str
    low: float
    likely: float
    high: float
    due_on: date


@dataclass(frozen=True, slots=True)
class Result:
    """What shipping did to a KPI, as far as it could be told."""

    kpi: str
    verdict: str
    effect: float | None
    measured_on: date


@dataclass(frozen=True, slots=True)
class Cost:
    """Minor units of a currency."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFeature:
    """A feature on a roadmap; `done_by` is the day by which it is done in 85 of 100 forecast futures."""

    id: str
    title: str
    description: str = ""
    status: FeatureStatus = "planned"
    horizon: str | None = None
    is_pinned: bool = False
    starts_on: date | None = None
    ends_on: date | None = None
    shipped_on: date | None = None
    done_by: date | None = None
    effort_days: float = 0.0
    cost: Cost | None = None
    value: float = 0.0
    teams: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    results: tuple[Result, ...] = ()


@dataclass(frozen=True, slots=True)
class Milestone:
    """A key result: where its KPI began, stands and should be."""

    title: str
    kpi: str
    start: float
    current: float | None
    target: float
    progress: float | None


@dataclass(frozen=True, slots=True)
class Goal:
    """An objective with its key results."""

    title: str
    description: str
    status: str
    due_on: date | None
    progress: float | None
    key_results: tuple[Milestone, ...] = ()


@dataclass(frozen=True, slots=True)
class WeekOfLoad:
    """Person-days that a team's skill has in a week, and those that the plan asks of it."""

    monday: date
    capacity_days: float
    load_days: float


@dataclass(frozen=True, slots=True)
class Load:
    """A team's skill, week by week."""

    team: str
    skill: str
    weeks: tuple[WeekOfLoad, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A roadmap with all that is known of it on a day."""

    title: str
    description: str = ""
    visions: tuple[str, ...] = ()
    today: date
    is_scenario: bool = False
    features: tuple[PlannedFeature, ...] = ()
    goals: tuple[Goal, ...] = ()
    loads: tuple[Load, ...] = ()
