"""Constraints, kept or broken, and by how much."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.constraints import Dated, Side, lateness, shortfall

DUE = date(2027, 3, 31)
amounts = st.integers(0, 1_000).map(Fraction)
shares = st.fractions(0, 1)


def test_a_date_is_missed_by_its_latest_feature() -> None:
    found = lateness([Dated("a", DUE), Dated("b", DUE + timedelta(days=9)), Dated("c", None)], due_on=DUE)
    assert (found.days_late, found.late, found.undated) == (9, ("b",), ("c",))
    assert not lateness([Dated("a", DUE), Dated("c", None)], due_on=DUE).is_broken


def test_thirty_percent_on_quality() -> None:
    found = shortfall(part=Fraction(20), total=Fraction(100), limit=Fraction(3, 10), side="at_least")
    assert (found.share, found.missing_share, found.missing_amount) == (Fraction(1, 5), Fraction(1, 10), 10)
    kept = shortfall(part=Fraction(20), total=Fraction(100), limit=Fraction(3, 10), side="at_most")
    assert not kept.is_broken
    assert not shortfall(part=Fraction(0), total=Fraction(0), limit=Fraction(1), side="at_least").is_broken


@given(amounts, amounts, shares, st.sampled_from(["at_least", "at_most"]))
def test_moving_what_is_missing_keeps_the_limit(part: Fraction, rest: Fraction, limit: Fraction, side: Side) -> None:
    found = shortfall(part=part, total=part + rest, limit=limit, side=side)
    moved = part + found.missing_amount if side == "at_least" else part - found.missing_amount
    after = shortfall(part=moved, total=part + rest, limit=limit, side=side)
    assert not after.is_broken
    assert found.is_broken == (found.missing_amount > 0)
