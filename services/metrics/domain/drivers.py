"""Which values of a dimension moved a KPI, and by how much: parts that add up to the change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor, log10

DIGITS = 12
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Amount:
    """What one value of the dimension adds up to in one window: a total, and the weight that a mean divides it by."""

    total: Decimal = Decimal(0)
    weight: Decimal = Decimal(0)

    def minus(self, other: "Amount") -> "Amount":
        return Amount(self.total - other.total, self.weight - other.weight)

    @property
    def mean(self) -> Fraction | None:
        return Fraction(self.total) / Fraction(self.weight) if self.weight else None


@dataclass(frozen=True)
class Driver:
    """One value's part in the change; for means, `mix` of it came from its share of the weight, `rate` from its mean.

    `before` and `after` are the value's own figures; None where it did not occur.
    """

    value: str | None
    before: Fraction | None
    after: Fraction | None
    contribution: Decimal
    mix: Decimal | None = None
    rate: Decimal | None = None


@dataclass(frozen=True)
class Breakdown:
    """A change from one window to another; the contributions add up to it in decimal, to the last digit."""

    before: Decimal
    after: Decimal
    change: Decimal
    drivers: tuple[Driver, ...]


def sums(before: Mapping[str, Amount], after: Mapping[str, Amount], whole: tuple[Amount, Amount]) -> Breakdown:
    """For sums and counts: each value's part is its own change; None is what was said without the dimension."""
    then, now = whole
    parts = _parts(before, after, whole)
    exact = [Fraction(last.total) - Fraction(first.total) for _, first, last in parts]
    change = Fraction(now.total) - Fraction(then.total)
    drivers = [
        Driver(value, Fraction(first.total), Fraction(last.total), contribution)
        for (value, first, last), contribution in zip(parts, rounded(exact, change), strict=True)
    ]
    return _sorted(Fraction(then.total), Fraction(now.total), drivers)


def means(before: Mapping[str, Amount], after: Mapping[str, Amount], whole: tuple[Amount, Amount]) -> Breakdown | None:
    """For averages and ratios: each value's part is what its share and what its own mean changed.

    With shares s and means r of the values, R = sum of s r is the KPI, and exactly

        dR = sum of ds (mean r - mean R) + mean s dr

    where `mean` is the mean of before and after; the first term is the mix, the second the rate. A value that occurs in
    one window only has no rate: all of it is mix. None where either window has no weight.

    Source: T. L. Bennet, The theory of measurement of changes in cost of living, Journal of the Royal Statistical
    Society 83 (1920) 455-462.
    """
    then, now = whole
    if then.mean is None or now.mean is None:
        return None
    middle = (then.mean + now.mean) * HALF
    parts = _parts(before, after, whole)
    effects: list[tuple[Fraction, Fraction]] = []
    for _, first, last in parts:
        share_then, share_now = _share(first.weight, then), _share(last.weight, now)
        part = _share(last.total, now) - _share(first.total, then) - middle * (share_now - share_then)
        rate = Fraction(0)
        if first.mean is not None and last.mean is not None:
            rate = (share_then + share_now) * HALF * (last.mean - first.mean)
        effects.append((part - rate, rate))
    change = now.mean - then.mean
    told = rounded([part for effect in effects for part in effect], change)
    drivers = [
        Driver(value, first.mean, last.mean, mix + rate, mix, rate)
        for (value, first, last), mix, rate in zip(parts, told[::2], told[1::2], strict=True)
    ]
    return _sorted(then.mean, now.mean, drivers)


def rounded(parts: Sequence[Fraction], whole: Fraction) -> list[Decimal]:
    """The parts with `DIGITS` digits of the largest, so that they add up to the whole rounded likewise.

    What rounding left over goes to the parts that it was taken from: the largest remainder first.
    """
    largest = max((abs(each) for each in (*parts, whole)), default=Fraction(0))
    if not largest:
        return [Decimal(0) for _ in parts]
    places = DIGITS - 1 - floor(log10(largest))
    scale = Fraction(10) ** places
    units = [floor(each * scale) for each in parts]
    left = round(whole * scale) - sum(units)
    by_remainder = sorted(range(len(parts)), key=lambda place: units[place] - parts[place] * scale)
    for place in by_remainder[:left]:  # floors: each part lost less than one
        units[place] += 1
    return [Decimal(each).scaleb(-places) for each in units]


def _parts(
    before: Mapping[str, Amount], after: Mapping[str, Amount], whole: tuple[Amount, Amount]
) -> list[tuple[str | None, Amount, Amount]]:
    """Each value with what it was and is; and what is left of the whole, where not everything names the dimension."""
    values = sorted({*before, *after})
    parts: list[tuple[str | None, Amount, Amount]] = [
        (value, before.get(value, Amount()), after.get(value, Amount())) for value in values
    ]
    first, last = whole
    for _, then, now in parts:
        first, last = first.minus(then), last.minus(now)
    if any((first.total, first.weight, last.total, last.weight)):
        parts.append((None, first, last))
    return parts


def _share(amount: Decimal, whole: Amount) -> Fraction:
    return Fraction(amount) / Fraction(whole.weight)


def _sorted(before: Fraction, after: Fraction, drivers: list[Driver]) -> Breakdown:
    """Those that moved it most first."""
    drivers.sort(key=lambda each: (-abs(each.contribution), each.value is None, each.value or ""))
    change = sum((each.contribution for each in drivers), Decimal(0))
    return Breakdown(_decimal(before), _decimal(after), change, tuple(drivers))


def _decimal(value: Fraction) -> Decimal:
    (told,) = rounded([value], value)
    return told
