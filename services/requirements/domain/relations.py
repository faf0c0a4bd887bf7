"""How requirements hang together, and which bonds cannot be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

Key = TypeVar("Key")


class RelationKind(StrEnum):
    """`requires` and `duplicates` point one way; `excludes` and `couples` go both."""

    REQUIRES = "requires"
    EXCLUDES = "excludes"
    COUPLES = "couples"
    DUPLICATES = "duplicates"


DIRECTED = frozenset({RelationKind.REQUIRES, RelationKind.DUPLICATES})
TOGETHER = frozenset({RelationKind.REQUIRES, RelationKind.COUPLES})
"""What says that two are built together: they cannot exclude one another as well."""


class RelationRefused(ValueError):
    """The bond contradicts one that is there, or would close a circle."""


@dataclass(frozen=True)
class Bonds:
    """What is known around a new relation: the kinds between the two, and who follows whom by its kind."""

    between: frozenset[RelationKind]
    follows: Mapping[object, frozenset[object]]


def check_relation(kind: RelationKind, subject: Key, other: Key, *, bonds: Bonds) -> None:
    """Raises RelationRefused unless `subject kind other` may stand beside what is there."""
    if subject == other:
        raise RelationRefused("a requirement cannot stand in a relation to itself")
    if kind in bonds.between:
        raise RelationRefused(f"one {kind} the other already")
    if kind is RelationKind.EXCLUDES and bonds.between & TOGETHER:
        raise RelationRefused("they are to be built together, and cannot exclude one another")
    if kind in TOGETHER and RelationKind.EXCLUDES in bonds.between:
        raise RelationRefused("they exclude one another, and cannot be built together")
    if kind in DIRECTED and reaches(bonds.follows, other, subject):
        raise RelationRefused(f"it would close a circle of {kind}")


def reaches(follows: Mapping[object, Iterable[object]], start: object, goal: object) -> bool:
    """Whether a path leads from start to goal."""
    seen, waiting = {start}, [start]
    while waiting:
        place = waiting.pop()
        if place == goal:
            return True
        fresh = set(follows.get(place, ())) - seen
        seen |= fresh
        waiting += fresh
    return False
