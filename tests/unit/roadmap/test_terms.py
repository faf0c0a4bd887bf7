"""Periods by name."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from services.roadmap.domain.terms import term


def test_quarters_and_halves_fill_the_year() -> None:
    assert term("2027") == (date(2027, 1, 1), date(2027, 12, 31))
    assert term("2027-Q3") == (date(2027, 7, 1), date(2027, 9, 30))
    for parts in (["2027-H1", "2027-H2"], [f"2027-Q{quarter}" for quarter in range(1, 5)]):
        terms = [term(each) for each in parts]
        assert terms[0][0] == date(2027, 1, 1)
        assert all(after[0] - before[1] == timedelta(days=1) for before, after in pairwise(terms))
        assert terms[-1][1] == date(2027, 12, 31)


@pytest.mark.parametrize("name", ["2027-Q5", "2027-H3", "27-Q1", "2027-q1", "1999", "2027-Q1 "])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="write it as"):
        term(name)
