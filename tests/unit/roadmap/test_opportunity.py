"""The opportunity of a need."""

from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.opportunity import opportunity

scales = st.integers(1, 10)


@given(scales, scales)
def test_it_lies_between_importance_and_twice_of_it(importance: int, satisfaction: int) -> None:
    found = opportunity(importance=importance, satisfaction=satisfaction)
    assert found is not None
    assert importance <= found <= 19


def test_what_is_served_well_is_no_more_than_important() -> None:
    assert opportunity(importance=9, satisfaction=3) == 15
    assert opportunity(importance=4, satisfaction=10) == 4
    assert opportunity(importance=None, satisfaction=3) is None
