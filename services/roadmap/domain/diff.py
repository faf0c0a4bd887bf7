"""What distinguishes two states of a roadmap, and how two sets of changes to one state become one.

A state says for each feature where it stands. `diff` and `apply` are inverse: for every difference that fits a state,
`diff(state, apply(state, difference)) == difference`, and `apply(old, diff(old, new)) == new`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeVar

Part = Literal["presence", "horizon", "dates", "pin"]
Side = Literal["roadmap", "scenario"]
ChangeKind = Literal["placed", "changed", "removed"]

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a feature stands. Both dates are one part: moved one by one, they could end before they begin."""

    horizon: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    is_pinned: bool = False

    @property
    def dates(self) -> tuple[date | None, date | None]:
        return self.starts_on, self.ends_on


State = Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Change:
    """One feature's difference; None where it does not stand on the roadmap."""

    feature: str
    before: Place | None
    after: Place | None

    @property
    def kind(self) -> ChangeKind:
        if self.before is None:
            return "placed"
        return "removed" if self.after is None else "changed"

    @property
    def parts(self) -> tuple[Part, ...]:
        """What of its place is another."""
        if self.before is None or self.after is None:
            return ("presence",)
        one, other = self.before, self.after
        differing: dict[Part, bool] = {
            "horizon": one.horizon != other.horizon,
            "dates": one.dates != other.dates,
            "pin": one.is_pinned != other.is_pinned,
        }
        return tuple(part for part, differs in differing.items() if differs)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A part of a feature's place that both sides changed, each to something else."""

    feature: str
    part: Part
    base: Place | None
    roadmap: Place | None
    scenario: Place | None


@dataclass(frozen=True, slots=True)
class Merge:
    """The changes to the roadmap that bring the scenario home, and what has to be decided first."""

    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]


def diff(old: State, new: State) -> tuple[Change, ...]:
    """Each feature that stands elsewhere in the new state, in the order of their ids."""
    return tuple(
        Change(feature, old.get(feature), new.get(feature))
        for feature in sorted({*old, *new})
        if old.get(feature) != new.get(feature)
    )


def apply(state: State, changes: Collection[Change]) -> dict[str, Place]:
    """The state after these changes. Raises ValueError when one begins elsewhere than the feature stands."""
    made = dict(state)
    for change in changes:
        if made.get(change.feature) != change.before:
            raise ValueError(f"feature {change.feature} does not stand where the change begins")
        made.pop(change.feature, None)
        if change.after is not None:
            made[change.feature] = change.after
    return made


def merge(
    base: State, roadmap: State, scenario: State, *, decided: Mapping[tuple[str, Part], Side] | None = None
) -> Merge:
    """Three-way: what only one side changed is taken from it, what both changed alike is agreed.

    `decided` says whose part is taken where both differ. What neither side decided stays a conflict, and leaves the
    roadmap's part as it is.
    """
    changes: list[Change] = []
    conflicts: list[Conflict] = []
    for theirs in diff(base, scenario):
        feature = theirs.feature
        was, now, wanted = base.get(feature), roadmap.get(feature), scenario.get(feature)
        place, open_parts = _joined(feature, was, now, wanted, decided or {})
        conflicts += [Conflict(feature, part, was, now, wanted) for part in open_parts]
        if place != now:
            changes.append(Change(feature, now, place))
    return Merge(tuple(changes), tuple(conflicts))


def _joined(
    feature: str,
    was: Place | None,
    now: Place | None,
    wanted: Place | None,
    decided: Mapping[tuple[str, Part], Side],
) -> tuple[Place | None, list[Part]]:
    """Where the feature stands after the merge, and which parts are open."""
    if now == wanted:
        return now, []
    if now == was:
        return wanted, []
    if was is None or now is None or wanted is None:
        # One side placed or removed it, and the other did something else with it.
        side = decided.get((feature, "presence"))
        return (wanted if side == "scenario" else now), ([] if side else ["presence"])
    open_parts: list[Part] = []

    def part(name: Part, before: Value, here: Value, there: Value) -> Value:
        if there in (here, before):
            return here
        side = decided.get((feature, name))
        if here != before and side is None:
            open_parts.append(name)
            return here
        return here if side == "roadmap" else there

    horizon = part("horizon", was.horizon, now.horizon, wanted.horizon)
    starts_on, ends_on = part("dates", was.dates, now.dates, wanted.dates)
    is_pinned = part("pin", was.is_pinned, now.is_pinned, wanted.is_pinned)
    return Place(horizon, starts_on, ends_on, is_pinned), open_parts
