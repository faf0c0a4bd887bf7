"""What the issues of a delivery tracker say about a plan: which step follows, and where the two disagree."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from services.roadmap.domain.states import FeatureStatus, Lifecycle, Step

Phase = Literal["open", "started", "done", "cancelled"]
"""Where an issue stands, in words that all trackers share."""

ReportedStatus = Literal["planned", "in_progress", "shipped", "dropped"]
"""What an issue can say of a feature or requirement."""

USUAL: Final[Mapping[Phase, ReportedStatus | None]] = {
    "open": None,
    "started": "in_progress",
    "done": "shipped",
    "cancelled": "dropped",
}
FORWARD: Final[tuple[FeatureStatus, ...]] = ("proposed", "planned", "in_progress", "shipped")
STOPPED: Final[frozenset[FeatureStatus]] = frozenset({"on_hold", "dropped"})
OVER: Final[frozenset[str]] = frozenset({"shipped", "retired", "measured"})
SAME_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class IssueReport:
    """One issue as its tracker tells of it: `state` is the tracker's own word, `at` when it was so."""

    issue: str
    state: str
    phase: Phase
    at: datetime
    started_at: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IssueWord:
    """What an issue last said of the thing that it is linked to."""

    status: ReportedStatus | None
    started_at: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Plan and tracker say different things of one field; people decide which is right."""

    field: Literal["status", "started_at", "shipped_at"]
    plan: str
    tracker: str


def reported_status(report: IssueReport, mapping: Mapping[str, ReportedStatus | None]) -> ReportedStatus | None:
    """What the team's mapping says of the tracker's state, compared without case; else what is usual for the phase."""
    mapped = {state.casefold(): status for state, status in mapping.items()}
    return mapped.get(report.state.casefold(), USUAL[report.phase])


def reached(words: Sequence[IssueWord]) -> ReportedStatus | None:
    """How far several issues have brought the thing: shipped only when all that were not dropped are."""
    live = [word.status for word in words if word.status != "dropped"]
    if live and all(status == "shipped" for status in live):
        return "shipped"
    if {"in_progress", "shipped"} & set(live):
        return "in_progress"
    return "planned" if "planned" in live else None


def next_step(life: Lifecycle, words: Sequence[IssueWord], *, now: datetime) -> Step | None:
    """The step that the issues ask of a feature, or None.

    A tracker moves work forward. It never moves it back, and never starts again what people have stopped.
    """
    target = reached(words)
    if target is None or life.status not in FORWARD or FORWARD.index(target) <= FORWARD.index(life.status):
        return None
    begun = min((word.started_at for word in words if word.started_at), default=None)
    ended = max((word.done_at for word in words if word.done_at), default=None)
    happened = {"shipped": ended, "in_progress": begun}.get(target)
    return Step(target, min(happened or now, now), started_at=life.started_at or begun)


def contradictions(life: Lifecycle, word: IssueWord) -> Iterator[Contradiction]:
    """Where an issue and the feature cannot both be right; a day more or less is no contradiction."""
    if word.status is not None and _is_opposed(life.status, word.status):
        yield Contradiction("status", life.status, word.status)
    begun, shipped = life.started_at, life.shipped_at
    first = word.started_at or word.done_at
    if begun and first and first < begun - SAME_DAY:
        yield Contradiction("started_at", begun.isoformat(), first.isoformat())
    if shipped and word.done_at and word.done_at > shipped + SAME_DAY:
        yield Contradiction("shipped_at", shipped.isoformat(), word.done_at.isoformat())


def requirement_contradictions(status: str | None, word: IssueWord) -> Iterator[Contradiction]:
    """The same for a requirement, of which the plan knows the status only."""
    if status is None or word.status is None:
        return
    is_refused = status == "declined" and word.status != "dropped"
    if is_refused or (status in OVER and word.status != "shipped") or _is_dropped_alone(status, word.status):
        yield Contradiction("status", status, word.status)


def _is_opposed(plan: FeatureStatus, tracker: ReportedStatus) -> bool:
    if plan in STOPPED:
        return tracker != "dropped"
    if plan in OVER:
        return tracker != "shipped"
    return _is_dropped_alone(plan, tracker)


def _is_dropped_alone(plan: str, tracker: ReportedStatus) -> bool:
    """The tracker has given up what the plan has under way."""
    return tracker == "dropped" and plan in {"planned", "in_progress", "committed"}
