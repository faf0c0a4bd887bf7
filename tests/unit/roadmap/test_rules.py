"""Standing rules, waits with lags, and values from scores."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.dependencies import Wait
from services.roadmap.domain.rules import StandingRule, in_force
from services.roadmap.domain.valuation import value_from

NAMES = st.sampled_from("abcdef")
GROUPS = st.sets(NAMES, max_size=4).map(lambda found: tuple(sorted(found)))
KINDS = st.sampled_from(["exclusion", "coupling", "alternatives", "one_of"])


def test_among_alternatives_the_one_that_was_begun_decides() -> None:
    rules = [StandingRule("alternatives", ("a", "b")), StandingRule("exclusion", ("c", "d"))]
    found = in_force(rules, candidates="abcd", shipped=(), begun="ac")
    assert (found.exclusions, found.ruled_out) == ((("a", "b"), ("c", "d")), {"b"})


def test_what_has_shipped_decides_an_exclusion_and_leaves_a_coupling() -> None:
    rules = [StandingRule("exclusion", ("a", "b")), StandingRule("coupling", ("a", "c", "d"))]
    found = in_force(rules, candidates="abcd", shipped="a", begun=())
    assert (found.exclusions, found.couplings, found.ruled_out) == ((), (("c", "d"),), {"b"})


def test_exactly_one_is_wanted_until_one_has_shipped() -> None:
    rules = [StandingRule("one_of", ("a", "b")), StandingRule("one_of", ("c", "d")), StandingRule("one_of", ("e", "z"))]
    found = in_force(rules, candidates="abcde", shipped="a", begun="c")
    assert (found.one_of, found.exclusions, found.ruled_out) == ((("c", "d"), ("e",)), (), {"b", "d"})


@given(st.lists(st.builds(StandingRule, KINDS, GROUPS), max_size=5), *[st.sets(NAMES)] * 3)
def test_rules_in_force_speak_of_open_candidates_only(
    rules: list[StandingRule], candidates: set[str], shipped: set[str], begun: set[str]
) -> None:
    found = in_force(rules, candidates=candidates, shipped=shipped, begun=begun - shipped)
    left = candidates - shipped
    for group in (*found.exclusions, *found.couplings):
        assert len(group) > 1
        assert set(group) <= left
    for group in found.one_of:
        assert group
        assert set(group) <= left
    assert found.ruled_out <= left


@pytest.mark.parametrize(("days", "weeks"), [(0, 0), (1, 1), (7, 1), (8, 2)])
def test_a_lag_is_whole_weeks_and_never_shorter(days: int, weeks: int) -> None:
    assert Wait("a", lag_days=days).lag_weeks == weeks


def test_a_lag_after_something_shipped_counts_from_its_day() -> None:
    shipped, started = date(2027, 3, 1), date(2027, 2, 1)
    assert Wait("a", lag_days=3).earliest_after(started_on=started, shipped_on=shipped) == date(2027, 3, 5)
    begun = Wait("a", "start_start", 3).earliest_after(started_on=started, shipped_on=shipped)
    assert begun == date(2027, 2, 4)


@given(st.dictionaries(NAMES, st.floats(-10, 1e6)), st.sets(NAMES))
def test_a_value_is_the_scores_of_what_was_ranked(scores: dict[str, float], requirements: set[str]) -> None:
    total = value_from(sorted(requirements), scores, combine="sum")
    highest = value_from(sorted(requirements), scores, combine="highest")
    if not requirements & scores.keys():
        assert total is highest is None
    else:
        assert total is not None
        assert highest is not None
        assert 0 <= highest <= total + 0.01
