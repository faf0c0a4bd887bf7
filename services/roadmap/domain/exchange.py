"""Money in another currency: dated rates that people enter, exact fractions, rounded once; without a rate, nothing.

Digits after the point are those of ISO 4217, list one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

USUAL_DIGITS = 2
WITHOUT_POINT = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV")
CFA_AND_CFP_FRANCS = ("XAF", "XOF", "XPF")
THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
OTHER_DIGITS = {
    **dict.fromkeys((*WITHOUT_POINT, *CFA_AND_CFP_FRANCS), 0),
    **dict.fromkeys(THOUSANDTHS, 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `base` is worth `rate` units of `quote`, from this day until a later rate of the two holds."""

    base: str
    quote: str
    rate: Fraction
    valid_from: date


@dataclass(frozen=True, slots=True)
class MissingRate:
    """Two currencies between which no rate holds on the day."""

    base: str
    quote: str
    on: date

    def __str__(self) -> str:
        return f"There is no rate from {self.base} to {self.quote} that holds on {self.on}."


class RateMissing(Exception):
    """An amount cannot be converted; `missing` says between which currencies."""

    def __init__(self, missing: MissingRate) -> None:
        super().__init__(str(missing))
        self.missing = missing


class Exchange:
    """All rates of a workspace."""

    def __init__(self, rates: Iterable[Rate] = ()) -> None:
        self._rates: dict[tuple[str, str], list[Rate]] = {}
        for each in sorted(rates, key=lambda rate: rate.valid_from):
            self._rates.setdefault((each.base, each.quote), []).append(each)

    def rate(self, base: str, quote: str, *, on: date) -> Rate:
        """The latest that holds on the day, said in this direction or turned round; never through a third currency.

        Raises RateMissing.
        """
        said = self._holding(base, quote, on)
        turned = self._holding(quote, base, on)
        if turned is not None and (said is None or turned.valid_from > said.valid_from):
            return Rate(base, quote, 1 / turned.rate, turned.valid_from)
        if said is None:
            raise RateMissing(MissingRate(base, quote, on))
        return said

    def converted(self, amount: Fraction | int, base: str, quote: str, *, on: date) -> Fraction:
        """Minor units in, minor units out, not yet rounded. Raises RateMissing."""
        if base == quote:
            return Fraction(amount)
        return Fraction(amount) * self.rate(base, quote, on=on).rate * Fraction(10) ** (digits(quote) - digits(base))

    def _holding(self, base: str, quote: str, on: date) -> Rate | None:
        return next((each for each in reversed(self._rates.get((base, quote), ())) if each.valid_from <= on), None)


def decimal_of(rate: Fraction) -> Decimal:
    """To the 28 significant digits of the decimal module: what is shown and kept, not what is multiplied with."""
    return Decimal(rate.numerator) / Decimal(rate.denominator)


def digits(currency: str) -> int:
    """How many digits its minor unit stands after the point."""
    return OTHER_DIGITS.get(currency, USUAL_DIGITS)


def half_up(amount: Fraction) -> int:
    """To whole minor units; what lies between two goes to the greater."""
    return floor(amount + Fraction(1, 2))
