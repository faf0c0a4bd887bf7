from itertools import pairwise
from math import exp, factorial, log

import numpy as np
import pytest

from benchmarks.metrics_anomalies import Labelled, standard_score
from services.metrics.domain.anomalies.novelty import LIMIT, RARER, _joined, _surprise, find_novelties
from services.metrics.domain.anomalies.search import Method, Question, search
from services.metrics.domain.anomalies.told import Kind

HOURS = np.arange(2_000)


def usage(seed=0):
    return 100 + 20 * np.sin(HOURS * 2 * np.pi / 24) + np.random.default_rng(seed).normal(0, 2, len(HOURS))


def told_near(values, row, within=40):
    return [each for each in find_novelties(values, season=24) if row <= each.row < row + within]


@pytest.mark.parametrize(("by", "kind"), [(90, Kind.SPIKE), (-90, Kind.DIP)])
def test_a_figure_like_none_before_is_told_at_once_with_what_was_expected(by, kind):
    values = usage()
    values[1_500] += by
    anomaly = told_near(values, 1_500)[0]
    assert (anomaly.row, anomaly.kind, anomaly.value) == (1_500, kind, values[1_500])
    assert anomaly.low < anomaly.expected < anomaly.high
    assert not anomaly.low <= anomaly.value <= anomaly.high
    assert anomaly.score > LIMIT


@pytest.mark.parametrize("seed", range(3))
def test_a_day_whose_figures_are_ordinary_but_come_at_the_wrong_hours_is_told(seed):
    values = usage(seed)
    values[1_500:1_524] = values[1_512:1_536]
    assert [each.kind for each in told_near(values, 1_500, within=6)] == [Kind.SPIKE]


@pytest.mark.parametrize(("seed", "kind"), [(0, Kind.SPREAD), (2, Kind.PATTERN)])
def test_figures_that_are_each_ordinary_are_told_when_they_stand_still(seed, kind):
    values = usage(seed)
    values[1_500:1_600] = values[1_500:1_600].mean()
    assert kind in [each.kind for each in told_near(values, 1_500)]


def test_what_comes_later_changes_nothing():
    values = usage()
    values[1_200:1_300] += 40
    whole = find_novelties(values, season=24)
    assert whole
    for end in (1_201, 1_230, 1_477, 1_999):
        assert find_novelties(values[:end], season=24) == [each for each in whole if each.row < end]


def test_it_is_quiet_for_a_twentieth_of_the_past_but_for_what_is_ten_times_rarer():
    values = usage()
    values[1_500:] += 45
    rows = [each.row for each in find_novelties(values, season=24) if each.row >= 1_500]
    scores = {each.row: each.score for each in find_novelties(values, season=24)}
    assert rows[0] == 1_500
    for earlier, later in pairwise(rows):
        assert later >= earlier * 1.05 or scores[later] > scores[earlier]
    assert len(rows) < 20


def test_gaps_and_short_series_are_borne():
    values = usage()
    values[::5] = np.nan
    values[1_501] += 90
    assert 1_501 in [each.row for each in find_novelties(values, season=24)]
    assert find_novelties(np.array([1.0, np.nan, 900.0]), season=24) == []
    assert find_novelties(np.full(500, np.nan), season=24) == []
    assert find_novelties(np.full(500, 5.0), season=24) == []


def test_a_surprise_is_the_logarithm_of_a_conformal_p_value():
    scores = np.r_[np.arange(99.0), 1_000, 50]
    surprises = _surprise(scores)
    assert surprises[99] == pytest.approx(log(100))
    assert surprises[100] == pytest.approx(log(101 / 51))
    assert np.isnan(surprises[:30]).all()


def test_surprises_are_joined_by_fishers_method():
    two = np.array([[log(100), np.nan], [log(10), log(20)]])
    total = log(1_000)
    assert _joined(two) == pytest.approx([-log(exp(-total) * sum(total**k / factorial(k) for k in range(2))), log(20)])


def test_a_child_is_asked_by_either_method():
    values = usage()
    values[1_500] += 90
    for method in Method:
        (found,) = search(Question([values], season=24, method=method))
        assert 1_500 in [each.row for each in found]
    assert search(Question([values], season=24, limit=20, method=Method.NOVELTY)) == [[]]
    assert pytest.approx(log(10)) == RARER


def test_the_benchmarks_score_is_nothing_for_silence_and_all_for_the_first_figure_of_each_window():
    series = Labelled(np.zeros(1_000), 24, [(400, 499), (800, 899)])
    assert standard_score([series], [[]]) == 0
    assert standard_score([series], [[400, 800]]) == pytest.approx(100)
    assert 0 < standard_score([series], [[499, 899]]) < 55
    assert standard_score([series], [[400, 650, 800]]) == pytest.approx(100 - 100 * 0.11 / 4 * 0.98, abs=0.1)
    assert standard_score([series], [[100, 400, 800]]) == pytest.approx(100)
