"""Which of many rules cannot hold together, as few as possible."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Rule = TypeVar("Rule")


def minimal_conflict(rules: Sequence[Rule], *, can_hold: Callable[[Sequence[Rule]], bool]) -> list[Rule]:
    """A set of rules that cannot hold together, minimal: leave any one out, and the others can. Empty: all can.

    QuickXplain (U. Junker, AAAI 2004): halves instead of single rules, so that few checks find few culprits among many.
    `can_hold` must be monotone: what can hold together still can with fewer rules.
    """

    def culprits(background: list[Rule], doubtful: list[Rule], *, has_grown: bool) -> list[Rule]:
        if has_grown and not can_hold(background):
            return []
        if len(doubtful) == 1:
            return doubtful
        first, second = doubtful[: len(doubtful) // 2], doubtful[len(doubtful) // 2 :]
        from_second = culprits(background + first, second, has_grown=bool(first))
        from_first = culprits(background + from_second, first, has_grown=bool(from_second))
        return from_first + from_second

    return [] if not rules or can_hold(rules) else culprits([], list(rules), has_grown=False)
