"""The forecast equals a naive simulator sample by sample, keeps to its percentiles, and learns from what came true."""

import heapq
from dataclasses import replace
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.roadmap.domain.forecasting.calibration import Finished, calibration_of
from services.roadmap.domain.forecasting.durations import (
    Z90,
    Correction,
    Lognormal,
    Range,
    SharedLuck,
    lognormal_of,
    sample_efforts,
)
from services.roadmap.domain.forecasting.forecast import Bundle, ForecastProblem, PlannedTask, forecast
from services.roadmap.domain.forecasting.simulation import Clock, Crew, Gate, Task, simulate

ALWAYS = tuple(range(400))
WEEKDAYS = tuple(day for day in range(400) if day % 7 < 5)
SAMPLES = 40


def gate(index: int) -> st.SearchStrategy[Gate]:
    """On tasks that come before this one."""
    tasks = st.sets(st.integers(0, index - 1), min_size=1, max_size=2).map(tuple)
    return st.builds(Gate, tasks, st.sampled_from(["finish_start", "start_start"]), st.sampled_from([0.0, 4.0]))


@st.composite
def plans(draw: st.DrawFn) -> tuple[list[Task], list[Crew]]:
    crews = [
        Crew(draw(st.integers(1, 3)), draw(st.sampled_from([ALWAYS, WEEKDAYS, WEEKDAYS[:9], ()]))) for _ in range(2)
    ]
    tasks = []
    for index in range(draw(st.integers(1, 7))):
        crew = draw(st.integers(0, 1))
        waits_for = draw(st.sets(st.integers(0, index - 1), max_size=2)) if index else set()
        gates = draw(st.lists(gate(index), max_size=2)) if index else []
        earliest = draw(st.sampled_from([0.0, 3.0]))
        tasks.append(
            Task(crew, draw(st.integers(1, crews[crew].lanes)), tuple(waits_for), earliest, gates=tuple(gates))
        )
    return tasks, crews


def naive_end(start: float, effort: float, crew: Crew) -> float:
    """Day by day."""
    day, left = start, effort
    known = set(crew.workdays)
    last = crew.workdays[-1] + 1 if crew.workdays else 0
    while True:
        whole = int(day)
        if whole >= last:
            return max(day, last) + left * 7 / 5
        if whole in known:
            there = whole + 1 - day
            if left <= there:
                return day + left
            left -= there
        day = float(whole + 1)


def naive(tasks: list[Task], efforts: list[float], crews: list[Crew]) -> list[float]:
    """One sample, with heaps."""
    free = [[0.0] * crew.lanes for crew in crews]
    ends: list[float] = []
    starts: list[float] = []
    for task, effort in zip(tasks, efforts, strict=True):
        taken = [heapq.heappop(free[task.crew]) for _ in range(task.width)]
        opens = [
            each.lag_days
            + (min(starts[t] for t in each.tasks) if each.link == "start_start" else max(ends[t] for t in each.tasks))
            for each in task.gates
        ]
        start = max([*taken, *(ends[before] for before in task.waits_for), *opens, task.earliest_day])
        starts.append(start)
        ends.append(naive_end(start, effort, crews[task.crew]))
        for _ in range(task.width):
            heapq.heappush(free[task.crew], ends[-1])
    return ends


@settings(max_examples=150)
@given(plans(), st.integers(0, 2**32))
def test_it_equals_a_naive_simulator_sample_by_sample(plan: tuple[list[Task], list[Crew]], seed: int) -> None:
    tasks, crews = plan
    efforts = np.random.default_rng(seed).uniform(0.1, 9, (len(tasks), SAMPLES)).astype(np.float32)
    found = simulate(tasks, efforts, crews=crews)
    for sample in range(SAMPLES):
        expected = naive(tasks, efforts[:, sample].tolist(), crews)
        assert found.ends[:, sample] == pytest.approx(expected, abs=2e-2)
    assert found.criticality.max() > 0
    assert np.all((found.criticality >= 0) & (found.criticality <= 1))


@given(st.floats(0.01, 300), st.sampled_from([ALWAYS, WEEKDAYS, ()]))
def test_days_and_work_turn_into_one_another(work: float, workdays: tuple[int, ...]) -> None:
    clock = Clock(Crew(1, workdays))
    day = clock.day_of(np.array([work]))
    assert clock.work_until(day.astype(np.float32))[0] == pytest.approx(work, abs=1e-3)


@given(st.floats(0.1, 100), st.floats(1.05, 10))
def test_a_range_is_read_as_p10_and_p90(low: float, times: float) -> None:
    fitted = lognormal_of(Range(low, low, low * times))
    assert fitted.quantile(-Z90) == pytest.approx(low)
    assert fitted.quantile(Z90) == pytest.approx(low * times)


def test_samples_have_the_spread_that_was_asked_for_and_share_their_teams_luck() -> None:
    fitted = [lognormal_of(Range(2, 4, 8))] * 4
    teams = np.array([0, 0, 1, 1], dtype=np.intp)
    efforts = sample_efforts(
        fitted, teams, [Correction(), Correction(2.0, 1.0)], luck=SharedLuck(0.1, 0.3), samples=40_000, seed=1
    )
    assert np.percentile(efforts[0], [10, 90]) == pytest.approx([2, 8], rel=0.03)
    assert np.percentile(efforts[2], [10, 90]) == pytest.approx([4, 16], rel=0.03)
    together = np.corrcoef(np.log(efforts))
    assert together[0, 1] == pytest.approx(0.4, abs=0.02)
    assert together[0, 2] == pytest.approx(0.1, abs=0.02)


def chain(*widths: float) -> ForecastProblem:
    """One crew of one, task after task, each between 1 and `width` workdays."""
    tasks = tuple(
        PlannedTask(f"f{n}", "code", lognormal_of(Range(1, 2, width)), Task(0), 0) for n, width in enumerate(widths)
    )
    return ForecastProblem(tasks, (Crew(1, WEEKDAYS),), (Correction(),), {"f0": 5.0})


def test_the_same_question_and_seed_give_the_same_forecast() -> None:
    assert forecast(chain(4, 9), samples=500, seed=3) == forecast(chain(4, 9), samples=500, seed=3)
    assert forecast(chain(4, 9), samples=500, seed=3) != forecast(chain(4, 9), samples=500, seed=4)


def test_a_bundle_is_done_with_the_last_of_its_features() -> None:
    bundles = (Bundle("both", ("f0", "f2"), 9.0), Bundle("first", ("f0",), None))
    found = forecast(replace(chain(4, 9, 5), bundles=bundles), samples=2_000, seed=2)
    first, _, last = found.features
    both, alone = found.bundles
    assert (both.days, alone.days) == (last.days, first.days)
    assert alone.chance is None
    assert both.chance is not None
    assert 0 < both.chance < 1
    promised = replace(chain(4, 9, 5), promises={"f2": 9.0})
    assert forecast(promised, samples=2_000, seed=2).features[2].chance == both.chance


def test_percentiles_rise_and_the_widest_work_drives_the_end() -> None:
    found = forecast(chain(1.5, 40), samples=4_000, seed=1)
    for each in (*(feature.days for feature in found.features), found.days):
        assert list(each.values()) == sorted(each.values())
    assert (found.drivers[0].feature, found.features[0].chance) == ("f1", 1.0)
    assert all(feature.criticality == 1 for feature in found.features)
    assert forecast(chain(), samples=1_000, seed=1).features == ()


@pytest.mark.parametrize(("bias", "stretch"), [(1.0, 1.0), (1.6, 1.0), (1.0, 2.0), (1.4, 1.7)])
def test_after_calibration_p85_holds_on_work_that_was_not_seen(bias: float, stretch: float) -> None:
    """Teams that estimate too low and too narrow, each by its own habit: 85 in 100, give or take five."""
    dice = np.random.default_rng(5)

    def work(number: int) -> list[Finished]:
        lows = dice.uniform(1, 10, number)
        ranges = [Range(low, low * 1.5, low * 2.5) for low in lows]
        fitted = [lognormal_of(each) for each in ranges]
        deviates = dice.standard_normal(number) * stretch
        return [
            Finished(estimate, float(np.exp(fit.mean + log(bias) + fit.spread * z)))
            for estimate, fit, z in zip(ranges, fitted, deviates, strict=True)
        ]

    learnt = calibration_of(work(120)).correction
    held = 0
    later = work(2_000)
    for each in later:
        fitted = lognormal_of(each.estimate)
        corrected = Lognormal(fitted.mean + log(learnt.factor), fitted.spread * learnt.widening)
        held += each.actual <= corrected.quantile(1.0364333894937898)
    assert 0.80 <= held / len(later) <= 0.90


def test_without_history_nothing_is_corrected_and_little_history_corrects_little() -> None:
    assert calibration_of([]).correction == Correction()
    one = calibration_of([Finished(Range(1, 2, 4), 40.0)])
    assert 1 < one.correction.factor < 2
    assert (one.tasks, one.coverage) == (1, 0.0)
