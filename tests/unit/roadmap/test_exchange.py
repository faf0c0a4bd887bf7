"""Converting money and costing work: exact, dated, and never without a rate."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.costing import Paid, Work, cost_of
from services.roadmap.domain.exchange import Exchange, Rate, RateMissing, half_up

DAY = date(2026, 3, 1)
DOLLAR = Rate("USD", "EUR", Fraction(9, 10), DAY)


def test_the_latest_rate_that_holds_is_taken_in_either_direction() -> None:
    later = Rate("EUR", "USD", Fraction(5, 4), DAY + timedelta(days=10))
    exchange = Exchange([later, DOLLAR])
    assert exchange.rate("USD", "EUR", on=DAY + timedelta(days=9)) == DOLLAR
    turned = exchange.rate("USD", "EUR", on=DAY + timedelta(days=10))
    assert (turned.rate, turned.valid_from) == (Fraction(4, 5), later.valid_from)


@pytest.mark.parametrize(("base", "quote", "on"), [("USD", "EUR", DAY - timedelta(days=1)), ("USD", "CHF", DAY)])
def test_without_a_rate_nothing_is_converted(base: str, quote: str, on: date) -> None:
    exchange = Exchange([DOLLAR, Rate("EUR", "CHF", Fraction(1), DAY)])
    with pytest.raises(RateMissing, match=f"from {base} to {quote} that holds on {on}"):
        exchange.converted(1, base, quote, on=on)


def test_minor_units_are_those_of_each_currency() -> None:
    exchange = Exchange([Rate("EUR", "JPY", Fraction(160), DAY), Rate("EUR", "KWD", Fraction(1, 3), DAY)])
    assert exchange.converted(150, "EUR", "JPY", on=DAY) == 240
    assert exchange.converted(300, "EUR", "KWD", on=DAY) == 1000
    assert exchange.converted(240, "JPY", "EUR", on=DAY) == 150


@given(
    amount=st.integers(-(2**53), 2**53),
    rate=st.fractions(min_value=Fraction(1, 10**9), max_value=10**9),
    pair=st.permutations(["EUR", "JPY", "KWD", "CLF"]),
)
def test_there_and_back_is_the_same(amount: int, rate: Fraction, pair: list[str]) -> None:
    base, quote = pair[:2]
    exchange = Exchange([Rate(base, quote, rate, DAY)])
    there = exchange.converted(amount, base, quote, on=DAY)
    assert exchange.converted(there, quote, base, on=DAY) == amount


def test_rounding_goes_up_from_the_middle() -> None:
    assert [half_up(Fraction(each, 2)) for each in (-3, -1, 1, 3)] == [-1, 0, 1, 2]


def staff(team: str, skill: str, people: float, rate: int, currency: str = "EUR", **dates: date) -> Paid:
    return Paid(team, skill, people, rate, currency, **dates)


def test_work_costs_the_mean_day_rate_of_those_who_do_it() -> None:
    people = [
        staff("a", "design", 1, 400_00),
        staff("b", "design", 3, 600_00),
        staff("a", "backend", 2, 500_00, "USD"),
        staff("a", "backend", 9, 9_00, ends_on=DAY - timedelta(days=1)),
    ]
    works = [Work("design", None, 1, 2, 3), Work("design", "a", 1, 1, 1), Work("backend", "a", 0, 0.5, 1)]
    found = cost_of(works, people, Exchange([DOLLAR]), currency="EUR", on=DAY)
    assert [each.day_rate for each in found.pieces] == [550_00, 400_00, 450_00]
    assert (found.low, found.likely, found.high) == (950_00, 1_725_00, 2_500_00)
    assert (found.is_complete, found.conversions, found.missing) == (True, ("USD",), ())


def test_what_cannot_be_priced_says_why_and_counts_nothing() -> None:
    works = [Work("design", None, 1, 1, 1), Work("legal", None, 1, 1, 1), Work("backend", None, 2, 2, 2)]
    people = [staff("a", "design", 1, 400_00, "USD"), staff("a", "backend", 1, 100_00)]
    found = cost_of(works, people, Exchange(), currency="EUR", on=DAY)
    assert [each.lacks for each in found.pieces] == ["no_exchange_rate", "no_day_rate", None]
    assert (found.likely, found.is_complete) == (200_00, False)
    assert [(each.base, each.quote) for each in found.missing] == [("USD", "EUR")]
