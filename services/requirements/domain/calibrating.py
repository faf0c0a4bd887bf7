"""Promises corrected by what came of earlier ones."""

from collections.abc import Mapping
from enum import StrEnum

from services.requirements.domain.methods import METHODS
from services.requirements.domain.scoring import Range

PROMISES: Mapping[str, str] = {"rice": "impact", "value_effort": "value"}
"""The input of each method that says what a thing will do, and that an outcome can prove wrong."""

DIGITS = 12


class ProposalState(StrEnum):
    """Open until somebody decides."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


def corrected(promise: Range, *, factor: float, method: str) -> Range:
    """The promise times the factor, kept within what the method's input may be."""
    name = PROMISES[method]
    bounds = next(each for each in METHODS[method].inputs if each.name == name)

    def times(value: float) -> float:
        return min(max(round(value * factor, DIGITS), bounds.lowest), bounds.highest)

    return Range(times(promise.low), times(promise.likely), times(promise.high))
