"""How a proposal becomes changes to a living roadmap: what somebody pinned stays where it is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

LeftOut = Literal["later", "remove", "keep"]
MoveKind = Literal["place", "move", "remove"]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a feature stands on the roadmap now."""

    horizon: str | None
    is_pinned: bool


@dataclass(frozen=True, slots=True)
class Move:
    """One change: place it, move it to another horizon, or take it off."""

    kind: MoveKind
    feature: str
    horizon: str | None = None


def moves_of(
    *,
    chosen: Collection[str],
    left_out: Collection[str],
    placed: Mapping[str, Placed],
    policy: LeftOut,
    dated: Collection[str] = (),
) -> tuple[Move, ...]:
    """What adopting a choice changes, in order of feature.

    Chosen features come on as `next`, or up from `later`; one that stands nearer stays. Features that the optimisation
    considered and left out go to `later`, go off or stay, as `policy` says. Features that it did not consider stay.
    What a schedule gives new dates (`dated`) moves within its horizon.
    """
    moves = []
    for feature in sorted({*chosen, *left_out}):
        place = placed.get(feature)
        if feature in chosen and place is None:
            moves.append(Move("place", feature, "next"))
        elif place is None or place.is_pinned:
            continue
        elif feature in chosen and place.horizon in {None, "later"}:
            moves.append(Move("move", feature, "next"))
        elif feature in chosen and feature in dated:
            moves.append(Move("move", feature, place.horizon))
        elif feature not in chosen and policy == "remove":
            moves.append(Move("remove", feature))
        elif feature not in chosen and policy == "later" and place.horizon != "later":
            moves.append(Move("move", feature, "later"))
    return tuple(moves)
