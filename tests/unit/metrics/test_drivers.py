"""Whatever moved a KPI, the parts add up to the change."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.domain.drivers import Amount, means, rounded, sums

TOTALS = st.decimals(-1_000_000, 1_000_000, places=2)
WEIGHTS = st.decimals(0, 10_000, places=1)
AMOUNTS = st.dictionaries(st.sampled_from("abcde"), st.builds(Amount, TOTALS, WEIGHTS), max_size=5)


def whole(parts, extra=Amount()):
    """Everything together, with what names no value."""
    return Amount(
        sum((each.total for each in parts.values()), extra.total),
        sum((each.weight for each in parts.values()), extra.weight),
    )


@given(AMOUNTS, AMOUNTS, st.builds(Amount, TOTALS, WEIGHTS))
def test_sums_add_up_to_the_last_digit(before, after, nameless):
    both = (whole(before, nameless), whole(after))
    told = sums(before, after, both)
    assert sum(each.contribution for each in told.drivers) == told.change
    assert told.change == pytest.approx(both[1].total - both[0].total, rel=Decimal("1e-9"), abs=Decimal("1e-9"))
    assert told.after - told.before == pytest.approx(told.change, rel=Decimal("1e-9"), abs=Decimal("1e-3"))


@given(AMOUNTS, AMOUNTS, st.builds(Amount, TOTALS, WEIGHTS))
def test_means_add_up_to_the_last_digit(before, after, nameless):
    both = (whole(before), whole(after, nameless))
    told = means(before, after, both)
    if told is None:
        assert not (both[0].weight and both[1].weight)
        return
    assert sum(each.contribution for each in told.drivers) == told.change
    assert all(each.mix + each.rate == each.contribution for each in told.drivers)
    change = Fraction(both[1].total) / Fraction(both[1].weight) - Fraction(both[0].total) / Fraction(both[0].weight)
    largest = max((abs(Fraction(part)) for each in told.drivers for part in (each.mix, each.rate)), default=Fraction(1))
    assert abs(Fraction(told.change) - change) <= largest / 10**9 + Fraction(1, 10**9)


def test_a_change_of_the_mix_is_told_from_a_change_of_the_means():
    """Simpson's case: both groups got better, and the whole got worse, for the weaker one has grown."""
    before = {"new": Amount(Decimal(10), Decimal(100)), "old": Amount(Decimal(450), Decimal(900))}
    after = {"new": Amount(Decimal(108), Decimal(900)), "old": Amount(Decimal(52), Decimal(100))}
    told = means(before, after, (whole(before), whole(after)))
    assert (told.before, told.after, told.change) == (Decimal("0.46"), Decimal("0.16"), Decimal("-0.3"))
    assert all(each.rate > 0 for each in told.drivers)
    assert sum(each.mix for each in told.drivers) < Decimal("-0.3")


def test_what_names_no_value_is_told_apart():
    before, after = {"web": Amount(Decimal(5), Decimal(5))}, {"web": Amount(Decimal(9), Decimal(9))}
    told = sums(before, after, (Amount(Decimal(7), Decimal(7)), Amount(Decimal(9), Decimal(9))))
    assert [(each.value, each.contribution) for each in told.drivers] == [("web", 4), (None, -2)]


@given(st.lists(st.fractions(-1000, 1000), min_size=1, max_size=8))
def test_rounding_loses_nothing(parts):
    total = sum(parts, Fraction(0))
    told = rounded(parts, total)
    assert abs(Fraction(sum(told)) - total) <= Fraction(1, 10**8)
    assert all(abs(Fraction(one) - other) <= Fraction(1, 10**8) for one, other in zip(told, parts, strict=True))
