"""Short plans for everything, bred from one another: a child takes from its mother what she does in a span of time, and
the order of the rest from its father.

D. Debels, M. Vanhoucke, *Operations Research* 55, 2007 (crossover of a span); each child is justified to both sides.
"""

import numpy as np

from services.roadmap.domain.scheduling.justification import Justification, Starts

FAMILY = 250
FIRST_UNREST = (0.0, 2.0, 5.0, 10.0, 20.0, 40.0)
"""How many weeks, at most, jobs move in the order of the critical path to begin with."""
UNREST, UNREST_SHARE = 4.0, 0.2
SPANS = 0.1, 0.4
"""The least and the greatest part of the mother's time that a child takes."""


class Breeding:
    """A family of plans; `best` is the shortest of all."""

    def __init__(self, passes: Justification, seed: int) -> None:
        self._passes, self._dice = passes, np.random.default_rng(seed)
        self._family: list[tuple[int, Starts]] = []
        order = passes.latest()
        for number in range(FAMILY):
            keys = self._disturbed(order, FIRST_UNREST[number % len(FIRST_UNREST)])
            if (early := passes.early(keys)) and (starts := passes.justified(early)):
                self._family.append((passes.makespan(starts), starts))

    @property
    def best(self) -> tuple[int, Starts] | None:
        """Makespan and starts; None when the order by the critical path never finds a place for all."""
        return min(self._family, default=None)

    def breed(self) -> bool:
        """One child, which takes the place of its longer parent unless it is longer still. Whether it is the best."""
        mother, father = self._drawn(), self._drawn()
        starts = self._passes.justified(self._crossed(self._family[mother], self._family[father][1]))
        if starts is None:
            return False
        child = self._passes.makespan(starts), starts
        longer = max(mother, father, key=lambda number: self._family[number][0])
        if child[0] <= self._family[longer][0] and child not in (self._family[mother], self._family[father]):
            self._family[longer] = child
        return child == self.best

    def _drawn(self) -> int:
        """The shorter of two drawn by lot."""
        first, second = map(int, self._dice.integers(len(self._family), size=2))
        return min(first, second, key=lambda number: self._family[number][0])

    def _crossed(self, mother: tuple[int, Starts], father: Starts) -> list[float]:
        """What the mother begins before the span comes first, what she begins after it last, in the father's order."""
        makespan, starts = mother
        share, place, is_disturbed = self._dice.random(3).tolist()
        length = makespan * (SPANS[0] + share * (SPANS[1] - SPANS[0]))
        begin = place * (makespan - length)
        apart = 2 * self._passes.end
        keys = [
            float(own if begin <= own <= begin + length else other - apart if own < begin else other + apart)
            for own, other in zip(starts, father, strict=True)
        ]
        return self._disturbed(keys, UNREST) if is_disturbed < UNREST_SHARE else keys

    def _disturbed(self, keys: Starts | list[float], unrest: float) -> list[float]:
        shifts = (self._dice.random() * unrest * self._dice.random(len(keys))).tolist()
        return [key + shift for key, shift in zip(keys, shifts, strict=True)]
