"""Whether a release may go out: what still blocks it, what waits for what, and how early it could be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from graphlib import CycleError, TopologicalSorter
from math import ceil
from typing import Final, Literal

from services.roadmap.domain.states import FeatureStatus

ReleaseStatus = Literal["planned", "launched", "cancelled"]
PackageStatus = Literal["open", "in_progress", "done", "dropped"]
BlockerKind = Literal[
    "feature_not_shipped",
    "feature_dropped",
    "work_package_open",
    "milestone_not_reached",
    "commitment_declined",
    "commitment_at_risk",
]

FINISHED: Final[frozenset[PackageStatus]] = frozenset({"done", "dropped"})
REACHED_USERS: Final[frozenset[FeatureStatus]] = frozenset({"shipped", "retired"})


class PackageCycle(Exception):
    """Work packages that wait for one another in a circle; `cycle` begins and ends with the same one."""

    def __init__(self, cycle: tuple[str, ...]) -> None:
        super().__init__(f"These wait for one another in a circle: {' -> '.join(cycle)}")
        self.cycle = cycle


@dataclass(frozen=True, slots=True)
class PackageState:
    """A work package as its release sees it."""

    id: str
    title: str
    function: str
    status: PackageStatus = "open"
    effort_days: float = 0.0
    due_on: date | None = None
    is_blocking: bool = True
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeatureState:
    id: str
    title: str
    status: FeatureStatus
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class MilestoneState:
    id: str
    title: str
    due_on: date
    is_reached: bool = False


@dataclass(frozen=True, slots=True)
class TroubledCommitment:
    """What a team was asked for and declined, or said that it may not keep."""

    id: str
    title: str
    due_on: date
    is_declined: bool


@dataclass(frozen=True, slots=True)
class Blocker:
    """Something that must be done, dropped or decided before the launch; `waits_for` says for what it waits itself."""

    kind: BlockerKind
    id: str
    title: str
    function: str | None = None
    due_on: date | None = None
    is_overdue: bool = False
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Ready when nothing blocks.

    `earliest_on` is the day on which the open work could be over if each package had one person, Monday to Friday, and
    `critical_path` the chain of packages that decides it.
    """

    blockers: tuple[Blocker, ...]
    done: int
    total: int
    earliest_on: date
    critical_path: tuple[str, ...] = field(default=())

    @property
    def is_ready(self) -> bool:
        return not self.blockers


def readiness_of(
    features: Sequence[FeatureState],
    packages: Sequence[PackageState],
    milestones: Sequence[MilestoneState],
    commitments: Sequence[TroubledCommitment] = (),
    *,
    today: date,
) -> Readiness:
    """What still stands between a release and its launch. Raises PackageCycle."""
    open_packages = {each.id: each for each in packages if each.status not in FINISHED}
    blocking = _blocking(open_packages)
    blockers = [_of_feature(each, today) for each in features if each.status not in REACHED_USERS]
    blockers += [_of_package(each, open_packages, today) for each in open_packages.values() if each.id in blocking]
    blockers += [_of_milestone(each, today) for each in milestones if not each.is_reached]
    done = len(features) + len(packages) + len(milestones) - len(blockers) - (len(open_packages) - len(blocking))
    blockers += [_of_commitment(each, today) for each in commitments]
    ends, chain = _forward({each: package for each, package in open_packages.items() if each in blocking}, today)
    planned = [each.ends_on for each in features if each.ends_on and each.status not in REACHED_USERS]
    return Readiness(
        blockers=tuple(sorted(blockers, key=lambda each: (each.due_on or date.max, each.kind, each.id))),
        done=done,
        total=len(features) + len(packages) + len(milestones),
        earliest_on=max([ends, today, *planned]),
        critical_path=chain,
    )


def require_acyclic_packages(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """The packages in an order in which what is needed comes first. Raises PackageCycle, naming one circle."""
    try:
        return list(TopologicalSorter({each: sorted(needs[each]) for each in sorted(needs)}).static_order())
    except CycleError as circle:
        raise PackageCycle(tuple(reversed(circle.args[1]))) from None


def due_day(due_on: date | None, days_before_launch: int | None, *, target_on: date | None) -> date | None:
    """The day of its own, or so many days before the target."""
    if due_on is not None or days_before_launch is None or target_on is None:
        return due_on
    return date.fromordinal(max(1, target_on.toordinal() - days_before_launch))


def workdays_after(day: date, workdays: int) -> date:
    """The last of so many Mondays to Fridays, the first of them being the day itself, or the Monday after it."""
    first = day if day.isoweekday() <= 5 else _day(day.toordinal() + 8 - day.isoweekday())
    if workdays <= 1:
        return first
    weeks, rest = divmod(first.weekday() + workdays - 1, 5)
    return _day(first.toordinal() - first.weekday() + 7 * weeks + rest)


def _day(ordinal: int) -> date:
    """What would lie beyond the last day that there is, is that day."""
    return date.fromordinal(min(ordinal, date.max.toordinal()))


def _blocking(packages: Mapping[str, PackageState]) -> set[str]:
    """Those that block by themselves, and all that these wait for."""
    found: set[str] = set()
    stack = [each.id for each in packages.values() if each.is_blocking]
    while stack:
        name = stack.pop()
        if name in packages and name not in found:
            found.add(name)
            stack += packages[name].needs
    return found


def _forward(packages: Mapping[str, PackageState], today: date) -> tuple[date, tuple[str, ...]]:
    """The day on which the last package could end, and the chain that ends then."""
    needs = {name: [each for each in package.needs if each in packages] for name, package in packages.items()}
    ends: dict[str, date] = {}
    before: dict[str, str | None] = {}
    for name in require_acyclic_packages(needs):
        last = max(needs[name], key=lambda each: ends[each], default=None)
        start = today if last is None else _day(ends[last].toordinal() + 1)
        ends[name] = workdays_after(start, ceil(packages[name].effort_days))
        before[name] = last
    if not ends:
        return today, ()
    chain: list[str] = []
    at: str | None = max(ends, key=lambda each: ends[each])
    end = ends[at] if at else today
    while at is not None:
        chain.append(at)
        at = before[at]
    return end, tuple(reversed(chain))


def _of_feature(feature: FeatureState, today: date) -> Blocker:
    kind: BlockerKind = "feature_dropped" if feature.status == "dropped" else "feature_not_shipped"
    is_overdue = feature.ends_on is not None and feature.ends_on < today
    return Blocker(kind, feature.id, feature.title, due_on=feature.ends_on, is_overdue=is_overdue)


def _of_package(package: PackageState, packages: Mapping[str, PackageState], today: date) -> Blocker:
    return Blocker(
        "work_package_open",
        package.id,
        package.title,
        function=package.function,
        due_on=package.due_on,
        is_overdue=package.due_on is not None and package.due_on < today,
        waits_for=tuple(each for each in package.needs if each in packages),
    )


def _of_milestone(milestone: MilestoneState, today: date) -> Blocker:
    return Blocker(
        "milestone_not_reached",
        milestone.id,
        milestone.title,
        due_on=milestone.due_on,
        is_overdue=milestone.due_on < today,
    )


def _of_commitment(commitment: TroubledCommitment, today: date) -> Blocker:
    return Blocker(
        "commitment_declined" if commitment.is_declined else "commitment_at_risk",
        commitment.id,
        commitment.title,
        due_on=commitment.due_on,
        is_overdue=commitment.due_on < today,
    )
