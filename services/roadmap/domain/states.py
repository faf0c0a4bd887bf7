"""The life of a feature: which step may follow which, and what each step records."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, get_args

FeatureStatus = Literal["proposed", "planned", "in_progress", "shipped", "on_hold", "dropped", "retired"]

STEPS: Final[Mapping[FeatureStatus, frozenset[FeatureStatus]]] = {
    # Small things ship without anyone having tracked their way: recording that afterwards is honest.
    "proposed": frozenset({"planned", "in_progress", "shipped", "on_hold", "dropped"}),
    "planned": frozenset({"proposed", "in_progress", "shipped", "on_hold", "dropped"}),
    "in_progress": frozenset({"planned", "shipped", "on_hold", "dropped"}),
    "on_hold": frozenset({"proposed", "planned", "in_progress", "dropped"}),
    "dropped": frozenset({"proposed"}),
    # What reached users cannot be unshipped, only retired.
    "shipped": frozenset({"retired"}),
    "retired": frozenset(),
}

PLANNABLE: Final[frozenset[FeatureStatus]] = frozenset({"proposed", "planned", "in_progress", "on_hold"})
REASONED: Final[frozenset[FeatureStatus]] = frozenset({"on_hold", "dropped", "retired"})


class TransitionRefused(Exception):
    """A step that the life of a feature does not have; `code` tells programs which rule it broke."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Where a feature stands and when it got there; actual effort is in person-days."""

    status: FeatureStatus = "proposed"
    started_at: datetime | None = None
    shipped_at: datetime | None = None
    retired_at: datetime | None = None
    actual_effort_days: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What a person says happened: `at` is when it did, which may be before they said so."""

    to: FeatureStatus
    at: datetime
    reason: str | None = None
    started_at: datetime | None = None
    actual_effort_days: float | None = None


def advance(life: Lifecycle, step: Step, *, now: datetime) -> Lifecycle:
    """The life after this step.

    Raises TransitionRefused when the step is not allowed from here, lies in the future, comes before the work began,
    or stops something without saying why.
    """
    _require_allowed(life, step, now=now)
    started_at = step.started_at or life.started_at
    match step.to:
        case "in_progress":
            started_at = step.started_at or life.started_at or step.at
            life = replace(life, started_at=started_at)
        case "shipped":
            _require_order(started_at, step.at, "It cannot have shipped before the work on it began")
            effort = life.actual_effort_days if step.actual_effort_days is None else step.actual_effort_days
            life = replace(life, started_at=started_at, shipped_at=step.at, actual_effort_days=effort)
        case "retired":
            _require_order(life.shipped_at, step.at, "It cannot have been retired before it shipped")
            life = replace(life, retired_at=step.at)
        case "proposed":
            life = replace(life, started_at=None)
    return replace(life, status=step.to)


def _require_allowed(life: Lifecycle, step: Step, *, now: datetime) -> None:
    if step.to not in STEPS[life.status]:
        allowed = ", ".join(status for status in get_args(FeatureStatus) if status in STEPS[life.status]) or "none"
        detail = f"A feature that is {life.status} cannot become {step.to}; it can become: {allowed}."
        raise TransitionRefused("transition_not_allowed", detail)
    if step.at > now or (step.started_at is not None and step.started_at > now):
        raise TransitionRefused("date_in_future", "A transition records what has happened: its dates cannot lie ahead.")
    if step.to in REASONED and not step.reason:
        raise TransitionRefused("reason_required", f"Say why it becomes {step.to}.")


def _require_order(earlier: datetime | None, later: datetime, detail: str) -> None:
    if earlier is not None and later < earlier:
        raise TransitionRefused("dates_out_of_order", f"{detail}.")
