"""What blocks a launch, what waits for what, and how early it could be."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.launches import USUAL_LAUNCH
from services.roadmap.domain.readiness import (
    FeatureState,
    MilestoneState,
    PackageCycle,
    PackageState,
    PackageStatus,
    TroubledCommitment,
    due_day,
    readiness_of,
    require_acyclic_packages,
    workdays_after,
)

MONDAY = date(2027, 3, 1)
STATUSES: st.SearchStrategy[PackageStatus] = st.sampled_from(["open", "in_progress", "done", "dropped"])


@st.composite
def packages(draw: st.DrawFn) -> list[PackageState]:
    """In an order in which what is needed comes first."""
    found: list[PackageState] = []
    for number in range(draw(st.integers(0, 8))):
        needs = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        effort, due = draw(st.floats(0, 9)), draw(st.none() | st.dates(MONDAY, MONDAY + timedelta(days=60)))
        found.append(
            PackageState(
                str(number),
                f"Package {number}",
                "legal",
                draw(STATUSES),
                effort,
                due,
                draw(st.booleans()),
                tuple(map(str, sorted(needs))),
            )
        )
    return found


def test_everything_that_is_open_blocks_and_says_why() -> None:
    found = readiness_of(
        [FeatureState("f", "Export", "planned", date(2027, 3, 12)), FeatureState("g", "Login", "shipped")],
        [
            PackageState("a", "Terms", "legal", "open", 2, date(2027, 2, 26)),
            PackageState("b", "Training", "support", "open", 3, needs=("a",)),
            PackageState("c", "Stickers", "marketing", "open", 50, is_blocking=False),
            PackageState("d", "Price", "finance", "done"),
        ],
        [
            MilestoneState("m", "Beta", date(2027, 3, 5)),
            MilestoneState("n", "Alpha", date(2027, 2, 1), is_reached=True),
        ],
        today=MONDAY,
    )
    assert [(each.kind, each.id, each.is_overdue, each.waits_for) for each in found.blockers] == [
        ("work_package_open", "a", True, ()),
        ("milestone_not_reached", "m", False, ()),
        ("feature_not_shipped", "f", False, ()),
        ("work_package_open", "b", False, ("a",)),
    ]
    assert (found.is_ready, found.done, found.total) == (False, 3, 8)
    # Two days of law, three of training: Monday to Friday; the feature is planned to take a week more.
    assert (found.critical_path, found.earliest_on) == (("a", "b"), date(2027, 3, 12))


def test_what_a_blocking_package_waits_for_blocks_as_well() -> None:
    side = PackageState("a", "Pictures", "design", is_blocking=False)
    found = readiness_of([], [side, PackageState("b", "Campaign", "marketing", needs=("a",))], [], today=MONDAY)
    assert {each.id for each in found.blockers} == {"a", "b"}


def test_a_promise_in_trouble_blocks() -> None:
    promises = [
        TroubledCommitment("c", "Terms", date(2027, 2, 1), True),
        TroubledCommitment("d", "Texts", MONDAY, False),
    ]
    found = readiness_of([], [], [], promises, today=MONDAY)
    assert [(each.kind, each.id, each.is_overdue) for each in found.blockers] == [
        ("commitment_declined", "c", True),
        ("commitment_at_risk", "d", False),
    ]
    assert (found.done, found.total) == (0, 0)


def test_nothing_open_is_ready_today() -> None:
    found = readiness_of([FeatureState("f", "Export", "retired")], [], [], today=MONDAY)
    assert (found.is_ready, found.done, found.total, found.earliest_on) == (True, 1, 1, MONDAY)


@given(packages())
def test_ready_means_that_no_blocking_package_is_open(given_packages: list[PackageState]) -> None:
    found = readiness_of([], given_packages, [], today=MONDAY)
    is_open = {each.id for each in given_packages if each.status in {"open", "in_progress"}}
    assert found.is_ready == (not any(each.is_blocking and each.id in is_open for each in given_packages))
    assert {each.id for each in found.blockers} <= is_open
    assert found.done == found.total - len(is_open)
    assert found.earliest_on >= MONDAY
    assert set(found.critical_path) <= is_open


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 40))
def test_workdays_are_counted_one_by_one(day: date, workdays: int) -> None:
    at, left = day, max(1, workdays)
    while True:
        left -= at.isoweekday() <= 5
        if not left:
            break
        at += timedelta(days=1)
    assert workdays_after(day, workdays) == at


def test_a_circle_is_named() -> None:
    with pytest.raises(PackageCycle) as caught:
        require_acyclic_packages({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]})
    assert (len(caught.value.cycle), set(caught.value.cycle)) == (4, {"a", "b", "c"})


def test_due_days_move_with_the_launch() -> None:
    assert due_day(None, 5, target_on=date(2027, 4, 15)) == date(2027, 4, 10)
    assert due_day(date(2027, 4, 1), None, target_on=date(2027, 4, 15)) == date(2027, 4, 1)
    assert due_day(None, 5, target_on=None) is None


def test_days_end_with_the_calendar() -> None:
    endless = [
        PackageState(str(n), "Dig", "works", effort_days=10_000, needs=(str(n - 1),) if n else ()) for n in range(300)
    ]
    assert readiness_of([], endless, [], today=MONDAY).earliest_on == date.max
    assert due_day(None, 730, target_on=date(1, 5, 1)) == date.min


def test_the_usual_launch_hangs_together() -> None:
    needs = {each.key: each.needs for each in USUAL_LAUNCH}
    days = {each.key: each.days_before_launch for each in USUAL_LAUNCH}
    assert len(require_acyclic_packages(needs)) == len(USUAL_LAUNCH)
    assert all(days[key] >= each.days_before_launch for each in USUAL_LAUNCH for key in each.needs)
    assert {"engineering", "design", "marketing", "sales", "support", "legal"} <= {e.function for e in USUAL_LAUNCH}
