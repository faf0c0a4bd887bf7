"""What work costs: person-days of each skill at the day rates of those who do it, in one currency."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from services.roadmap.domain.exchange import Exchange, MissingRate, RateMissing, half_up

Lack = Literal["no_day_rate", "no_exchange_rate"]


@dataclass(frozen=True, slots=True)
class Work:
    """Person-days of one skill, by a named team or by any that has the skill."""

    skill: str
    team_id: str | None
    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class Paid:
    """People of a team's skill, what a day of each costs, and from when until when that is so (ends included)."""

    team_id: str
    skill: str
    people: float
    rate_minor: int
    currency: str
    starts_on: date | None = None
    ends_on: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.starts_on is None or self.starts_on <= day) and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class WorkCost:
    """The cost of one piece of work in minor units; None, and what is lacking, where it cannot be said."""

    work: Work
    day_rate: int | None = None
    low: int | None = None
    likely: int | None = None
    high: int | None = None
    lacks: Lack | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of all of it; complete when no piece lacks anything."""

    currency: str
    on: date
    pieces: tuple[WorkCost, ...]
    conversions: tuple[str, ...]
    """Currencies that were converted into `currency`."""
    missing: tuple[MissingRate, ...]

    @property
    def is_complete(self) -> bool:
        return bool(self.pieces) and all(each.lacks is None for each in self.pieces)

    @property
    def low(self) -> int:
        return sum(each.low or 0 for each in self.pieces)

    @property
    def likely(self) -> int:
        return sum(each.likely or 0 for each in self.pieces)

    @property
    def high(self) -> int:
        return sum(each.high or 0 for each in self.pieces)


def cost_of(works: Sequence[Work], staff: Iterable[Paid], exchange: Exchange, *, currency: str, on: date) -> Cost:
    """Days x day rate, piece by piece, each rounded once; the rates are those that hold on the day.

    The day rate of a skill is the mean over the people who have it, in the named team or in all of them.
    """
    there = [each for each in staff if each.holds_on(on)]
    conversions: set[str] = set()
    missing: dict[MissingRate, None] = {}
    pieces = []
    for work in works:
        able = [each for each in there if each.skill == work.skill and work.team_id in {None, each.team_id}]
        if not able:
            pieces.append(WorkCost(work, lacks="no_day_rate"))
            continue
        try:
            rate = _mean_rate(able, exchange, currency=currency, on=on)
        except RateMissing as lacking:
            missing[lacking.missing] = None
            pieces.append(WorkCost(work, lacks="no_exchange_rate"))
            continue
        conversions |= {each.currency for each in able} - {currency}
        low, likely, high = (half_up(rate * Fraction(each)) for each in (work.low, work.likely, work.high))
        pieces.append(WorkCost(work, half_up(rate), low, likely, high))
    return Cost(currency, on, tuple(pieces), tuple(sorted(conversions)), tuple(missing))


def _mean_rate(able: Sequence[Paid], exchange: Exchange, *, currency: str, on: date) -> Fraction:
    people = sum(Fraction(each.people) for each in able)
    paid = (
        Fraction(each.people) * exchange.converted(each.rate_minor, each.currency, currency, on=on) for each in able
    )
    return sum(paid, Fraction(0)) / people
