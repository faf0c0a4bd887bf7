"""What a budget line has promised, spent, and will have cost in the end: integers in minor units, rounded once.

Sources: *The Standard for Earned Value Management*, PMI 2019 (EAC = AC + (BAC - EV) / CPI); "committed" is what public
accounting calls an encumbrance: promised, and not yet spent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from services.roadmap.domain.exchange import half_up

Standing = Literal["idea", "intended", "committed", "finished"]

_STANDINGS: dict[str, Standing] = {
    "planned": "committed",
    "in_progress": "committed",
    "on_hold": "committed",
    "shipped": "finished",
    "retired": "finished",
    "dropped": "finished",
}


def standing(status: str, *, is_placed: bool) -> Standing:
    """How far money is bound to a feature in this state; one that is only proposed counts once a roadmap holds it."""
    return _STANDINGS.get(status, "intended" if is_placed else "idea")


@dataclass(frozen=True)
class Work:
    """A feature that the line pays for: what it should cost, what was spent on it."""

    cost: int
    spent: int
    standing: Standing
    is_shipped: bool = False


@dataclass(frozen=True)
class Contract:
    """A promise to somebody outside: an order, a licence."""

    amount: int
    drawn: int


@dataclass(frozen=True)
class LineFigures:
    """`cost_ratio` is what shipped features cost per unit of their estimates; 1 while there is none to learn from."""

    planned: int
    committed: int
    spent: int
    forecast: int
    cost_ratio: Fraction

    @property
    def available(self) -> int:
        """What is neither spent nor promised; negative when more was promised than there is."""
        return self.planned - self.spent - self.committed

    @property
    def overrun(self) -> int:
        """By how much the line will be exceeded; 0 when it holds."""
        return max(0, self.forecast - self.planned)


def line_figures(
    *, planned: int, work: Sequence[Work] = (), contracts: Sequence[Contract] = (), other: int = 0
) -> LineFigures:
    """Planned, committed, spent and forecast at completion of one line.

    `other` was spent on neither. Committed: what is left of the costs of features in hand, and of contracts. Forecast:
    spent + what is left of contracts + cost_ratio x what is left of features in hand or intended, rounded half up. What
    was spent beyond a cost or contract leaves nothing; a finished feature costs no more.
    """
    ratio = _cost_ratio(work)
    in_hand = sum(max(0, each.cost - each.spent) for each in work if each.standing == "committed")
    intended = sum(max(0, each.cost - each.spent) for each in work if each.standing == "intended")
    promised = sum(max(0, each.amount - each.drawn) for each in contracts)
    spent = other + sum(each.spent for each in work) + sum(each.drawn for each in contracts)
    return LineFigures(
        planned=planned,
        committed=in_hand + promised,
        spent=spent,
        forecast=spent + promised + half_up(ratio * (in_hand + intended)),
        cost_ratio=ratio,
    )


def total(lines: Iterable[LineFigures]) -> LineFigures:
    """All lines of one currency together; their forecasts are added as they are."""
    every = list(lines)
    return LineFigures(
        planned=sum(each.planned for each in every),
        committed=sum(each.committed for each in every),
        spent=sum(each.spent for each in every),
        forecast=sum(each.forecast for each in every),
        cost_ratio=Fraction(1),
    )


def _cost_ratio(work: Sequence[Work]) -> Fraction:
    """1 / CPI over what has shipped with an estimate and with money spent on it."""
    known = [each for each in work if each.is_shipped and each.cost > 0 and each.spent > 0]
    estimated = sum(each.cost for each in known)
    return Fraction(sum(each.spent for each in known), estimated) if estimated else Fraction(1)
