"""Differences between states of a roadmap: the laws that a merge rests on."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.diff import Change, Conflict, Part, Place, Side, apply, diff, merge

FEATURES = ["f1", "f2", "f3", "f4"]
DAYS = st.integers(0, 3).map(lambda days: date(2027, 1, 1) + timedelta(days=days))


@st.composite
def places(draw: st.DrawFn) -> Place:
    starts, ends = sorted([draw(DAYS), draw(DAYS)])
    dates = draw(st.sampled_from([(None, None), (starts, ends)]))
    return Place(draw(st.sampled_from([None, "now", "later"])), *dates, draw(st.booleans()))


STATES = st.dictionaries(st.sampled_from(FEATURES), places())
# How fast a busy machine makes examples says nothing about them.
SIDES: list[Side] = ["roadmap", "scenario"]


@st.composite
def states_with_differences(draw: st.DrawFn) -> tuple[dict[str, Place], tuple[Change, ...]]:
    """A state, and a difference that fits it, made without `diff`."""
    state = draw(STATES)
    changes = []
    for feature in FEATURES:
        before = state.get(feature)
        after = draw(st.none() | places())
        if draw(st.booleans()) and before != after:
            changes.append(Change(feature, before, after))
    return state, tuple(changes)


@given(states_with_differences())
def test_the_difference_of_what_was_applied_is_what_was_applied(
    given_: tuple[dict[str, Place], tuple[Change, ...]],
) -> None:
    state, difference = given_
    assert diff(state, apply(state, difference)) == difference


@given(STATES, STATES)
def test_applying_the_difference_leads_from_one_to_the_other(old: dict[str, Place], new: dict[str, Place]) -> None:
    assert apply(old, diff(old, new)) == new
    assert all(change.parts for change in diff(old, new))


def test_a_difference_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="f1"):
        apply({}, [Change("f1", Place("now"), Place("later"))])


@given(STATES, STATES)
def test_where_the_roadmap_stood_still_the_scenario_is_taken_whole(
    base: dict[str, Place], scenario: dict[str, Place]
) -> None:
    merged = merge(base, base, scenario)
    assert merged.conflicts == ()
    assert apply(base, merged.changes) == scenario


@given(STATES, STATES)
def test_a_scenario_that_changed_nothing_changes_nothing(base: dict[str, Place], roadmap: dict[str, Place]) -> None:
    assert merge(base, roadmap, base) == merge(base, roadmap, roadmap)
    assert merge(base, roadmap, base).changes == ()


@given(STATES, STATES, STATES)
def test_no_change_of_either_side_is_lost_in_silence(
    base: dict[str, Place], roadmap: dict[str, Place], scenario: dict[str, Place]
) -> None:
    """Each part that a side changed is so afterwards, or it is named as a conflict."""
    merged = merge(base, roadmap, scenario)
    result = apply(roadmap, merged.changes)
    named = {(each.feature, each.part) for each in merged.conflicts}
    for feature in FEATURES:
        was, now, wanted, became = (each.get(feature) for each in (base, roadmap, scenario, result))
        if None in {was, now, wanted} or became is None:
            taken = [side for side in (now, wanted) if side != was]
            assert became in taken or not taken or (feature, "presence") in named
            continue
        for part, read in (("horizon", "horizon"), ("dates", "dates"), ("pin", "is_pinned")):
            for side in (now, wanted):
                changed = getattr(side, read) != getattr(was, read)
                assert not changed or getattr(became, read) == getattr(side, read) or (feature, part) in named


@given(STATES, STATES, STATES, st.data())
def test_decided_conflicts_are_none(
    base: dict[str, Place], roadmap: dict[str, Place], scenario: dict[str, Place], data: st.DataObject
) -> None:
    open_parts = merge(base, roadmap, scenario).conflicts
    decided: dict[tuple[str, Part], Side] = {
        (each.feature, each.part): data.draw(st.sampled_from(SIDES)) for each in open_parts
    }
    merged = merge(base, roadmap, scenario, decided=decided)
    assert merged.conflicts == ()
    result = apply(roadmap, merged.changes)
    assert all(
        place.starts_on is None or place.ends_on is None or place.starts_on <= place.ends_on
        for place in result.values()
    )


def test_both_sides_are_named_in_a_conflict() -> None:
    base = {"f1": Place("now"), "f2": Place("now")}
    roadmap = {"f1": Place("next"), "f2": Place("now", is_pinned=True)}
    scenario = {"f1": Place("later"), "f2": Place("later")}
    merged = merge(base, roadmap, scenario)
    assert merged.conflicts == (Conflict("f1", "horizon", Place("now"), Place("next"), Place("later")),)
    assert merged.changes == (Change("f2", Place("now", is_pinned=True), Place("later", is_pinned=True)),)
