"""Where an axis has its marks: round numbers that a reader can do sums with."""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, floor, log10

STEPS = (1.0, 2.0, 5.0, 10.0)
LEAST_SPREAD = 1e-9
"""Figures that lie nearer together, as a share of their size, are drawn as one."""


def round_marks(low: float, high: float, *, about: int = 5) -> list[float]:
    """Evenly spaced round numbers from at or below `low` to at or above `high`, about so many.

    Source: P. S. Heckbert, Nice numbers for graph labels, in Graphics Gems (1990) 61-63.
    """
    if high - low <= LEAST_SPREAD * max(abs(low), abs(high), LEAST_SPREAD):
        spread = abs(low) if abs(low) > LEAST_SPREAD else 1.0
        low, high = low - spread / 2, high + spread / 2
    step = _round_step((high - low) / max(1, about - 1))
    first, last = floor(low / step), ceil(high / step)
    return [_clean(place * step, step) for place in range(first, last + 1)]


def spread_out(places: Sequence[float], *, apart: float) -> list[int]:
    """Which of the places, left to right, can carry a label when labels need `apart`: every n-th, the last included."""
    for every in range(1, len(places) + 1):
        chosen = list(range((len(places) - 1) % every, len(places), every))
        if all(places[right] - places[left] >= apart for left, right in pairwise(chosen)):
            return chosen
    return []


def plain_number(value: float) -> str:
    """A figure as people write it on an axis, in thousands, millions or billions where it is large."""
    for unit, name in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= max(unit, 1e4):
            return f"{value / unit:.4g}{name}"
    return f"{value:.4g}"


def _round_step(raw: float) -> float:
    size: float = 10.0 ** floor(log10(raw))
    return size * next(step for step in STEPS if raw <= step * size * (1 + 1e-9))


def _clean(value: float, step: float) -> float:
    """Without the dust that multiplying leaves behind."""
    return round(value, max(0, 1 - floor(log10(step))))
