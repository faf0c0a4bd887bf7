"""Two rankings beside each other: what moved, past whom, and which input made its score another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.requirements.domain.drivers import Driver, across_weights, standing_of
from services.requirements.domain.methods import METHODS
from services.requirements.domain.prioritizing import Point
from services.requirements.domain.scoring import Breakdown, explain


@dataclass(frozen=True)
class Ranked:
    """A line of a ranking as it was kept: its place and the inputs that it was scored by."""

    key: str
    rank: int
    inputs: Point


@dataclass(frozen=True)
class Kept:
    """A ranking as it was kept."""

    method: str
    drivers: Sequence[Driver]
    lines: Sequence[Ranked]


@dataclass(frozen=True)
class Move:
    """One requirement in two rankings; a rank is None where it is not ranked.

    rank = earlier rank + |passed_by| + |entered_above| - |passed| - |left_above|, exactly.
    """

    key: str
    rank: int | None
    earlier_rank: int | None
    passed: Sequence[str]
    passed_by: Sequence[str]
    entered_above: Sequence[str]
    left_above: Sequence[str]
    change: Breakdown | None
    """The score from the earlier inputs to the later ones; None when the methods differ, or it is in one only."""

    @property
    def summary(self) -> str:
        """What happened, in words."""
        if self.earlier_rank is None:
            return f"New at rank {self.rank}."
        if self.rank is None:
            return f"Ranked no more; it stood at {self.earlier_rank}."
        step = self.earlier_rank - self.rank
        moved = f"{'Up' if step > 0 else 'Down'} {abs(step)} to {self.rank}" if step else f"Still at {self.rank}"
        counted = (
            (len(self.passed), "passed"),
            (len(self.passed_by), "passed it"),
            (len(self.entered_above), "entered above"),
            (len(self.left_above), "left above"),
        )
        parts = [f"{count} {what}" for count, what in counted if count]
        told = [", ".join(parts), _told(self.change)]
        return ": ".join([moved, *filter(None, ["; ".join(filter(None, told))])]) + "."


def compare_kept(pair: tuple[Kept, Kept], _report: object) -> list[Move]:
    """Runs in a child process: a ranking and an earlier one."""
    return list(compare(*pair))


def compare(later: Kept, earlier: Kept) -> list[Move]:
    """Each requirement of either, in the later order, then those that left."""
    now = {line.key: line for line in later.lines}
    then = {line.key: line for line in earlier.lines}
    changes = _changes(later, earlier, [key for key in now if key in then])
    moves = [_move(key, now, then, changes) for key in now]
    return moves + [_move(key, now, then, changes) for key in then if key not in now]


def _move(key: str, now: Mapping[str, Ranked], then: Mapping[str, Ranked], changes: Mapping[str, Breakdown]) -> Move:
    rank = now[key].rank if key in now else None
    earlier = then[key].rank if key in then else None
    above = {other for other, line in now.items() if rank is not None and line.rank < rank}
    was_above = {other for other, line in then.items() if earlier is not None and line.rank < earlier}
    if rank is None or earlier is None:
        return Move(key, rank, earlier, (), (), (), (), None)
    return Move(
        key,
        rank,
        earlier,
        passed=sorted(other for other in was_above - above if other in now),
        passed_by=sorted(other for other in above - was_above if other in then),
        entered_above=sorted(above - then.keys()),
        left_above=sorted(was_above - now.keys()),
        change=changes.get(key),
    )


def _changes(later: Kept, earlier: Kept, keys: Sequence[str]) -> dict[str, Breakdown]:
    """What each input adds to the difference of the scores: Shapley values from the earlier point to the later."""
    if later.method != earlier.method:
        return {}
    then = {line.key: line.inputs for line in earlier.lines}
    points = {line.key: (line.inputs, then[line.key]) for line in later.lines if line.key in then}
    if later.method != "weighted":
        method = METHODS[later.method]
        return {key: explain(method, given=points[key][0], reference=points[key][1]) for key in keys}
    names = list(dict.fromkeys([driver.name for each in (later, earlier) for driver in each.drivers]))
    method = across_weights(names)
    return {
        key: explain(
            method,
            given=standing_of(names, later.drivers, points[key][0]),
            reference=standing_of(names, earlier.drivers, points[key][1]),
        )
        for key in keys
    }


def _told(key_figures: Breakdown | None) -> str:
    """The two inputs that changed the score most, in words."""
    if key_figures is None or key_figures.score == key_figures.reference_score:
        return ""
    heaviest = sorted(key_figures.contributions.items(), key=lambda each: (-abs(each[1]), each[0]))[:2]
    parts = [f"{name.replace('_', ' ')} {share:+.4g}" for name, share in heaviest if share]
    return f"its score went from {key_figures.reference_score:.4g} to {key_figures.score:.4g} ({', '.join(parts)})"
