"""The question of a forecast as it is kept, and as the child process reads it."""

from datetime import date

import msgspec

from services.roadmap.domain.dependencies import DependencyLink


class Work(msgspec.Struct, frozen=True):
    """A work package: who, how wide, and person-days from P10 to P90."""

    team_id: str
    skill: str
    people: float
    low: float
    likely: float
    high: float


class Waiting(msgspec.Struct, frozen=True):
    """Another link than the usual one, to begin as soon as the needed feature is finished."""

    needs: str
    link: DependencyLink
    lag_days: int


class PlannedFeature(msgspec.Struct, frozen=True):
    """A feature in the order of the plan; days count from the plan's first."""

    id: str
    work: tuple[Work, ...]
    needs: tuple[str, ...]
    earliest_day: int
    promised_on: date | None
    waiting: tuple[Waiting, ...] = ()


class PlannedRelease(msgspec.Struct, frozen=True):
    """What is still to be done of a release that is to come; `uncovered` is on no part of this plan."""

    id: str
    features: tuple[str, ...]
    uncovered: tuple[str, ...]
    promised_on: date | None


class CrewDays(msgspec.Struct, frozen=True):
    """One skill of one team: most people at a time, and the days on which there are any."""

    team_id: str
    skill: str
    people: float
    workdays: tuple[int, ...]


class FinishedWork(msgspec.Struct, frozen=True):
    """A shipped feature: its estimate, what it took, and its team when only one had a part in it."""

    team_id: str | None
    low: float
    likely: float
    high: float
    actual: float


class Question(msgspec.Struct, frozen=True):
    """Everything that decides a forecast, but samples and seed."""

    first: date
    features: tuple[PlannedFeature, ...]
    left_out: dict[str, str]
    crews: tuple[CrewDays, ...]
    history: tuple[FinishedWork, ...]
    releases: tuple[PlannedRelease, ...] = ()


class OpenFeature(msgspec.Struct, frozen=True):
    """A feature that is still to be done; it ends in no week before its earliest."""

    id: str
    earliest_week: int
    promised_on: date | None


class ThroughputQuestion(msgspec.Struct, frozen=True):
    """What is left in the order of the plan, and how many features were done in each week of the past."""

    first: date
    features: tuple[OpenFeature, ...]
    left_out: dict[str, str]
    done_per_week: tuple[int, ...]
    releases: tuple[PlannedRelease, ...] = ()
