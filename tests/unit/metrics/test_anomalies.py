import numpy as np
import pytest

from services.metrics.domain.anomalies.expectation import find_anomalies
from services.metrics.domain.anomalies.told import Kind

DAYS = np.arange(200)


def kpi(seed=0, noise=1.0):
    return 100 + 20 * (DAYS % 7 > 4) + np.random.default_rng(seed).normal(0, noise, len(DAYS))


@pytest.mark.parametrize(("by", "kind"), [(12, Kind.SPIKE), (-12, Kind.DIP)])
def test_one_figure_out_of_line_is_told_with_what_was_expected(by, kind):
    values = kpi()
    values[150] += by
    (anomaly,) = find_anomalies(values, season=7)
    assert (anomaly.row, anomaly.kind) == (150, kind)
    assert anomaly.low < values[150] - by < anomaly.high
    assert not anomaly.low <= anomaly.value <= anomaly.high


def test_the_weekend_is_no_anomaly():
    assert find_anomalies(kpi(), season=7) == []


def test_a_new_level_is_told_twice_and_then_known():
    values = kpi()
    values[120:] += 25
    told = find_anomalies(values, season=7)
    assert [(each.row, each.kind) for each in told] == [(120, Kind.SPIKE), (123, Kind.LEVEL_SHIFT)]


def test_a_slow_trend_is_no_anomaly():
    assert find_anomalies(kpi() + 0.3 * DAYS, season=7) == []


def test_chance_alone_is_seldom_told():
    told = sum(len(find_anomalies(kpi(seed), season=7)) for seed in range(60))
    assert told / (60 * len(DAYS)) < 0.003


def test_what_comes_later_changes_nothing():
    values = kpi()
    values[[90, 150]] += 15
    whole = find_anomalies(values, season=7)
    for end in (91, 120, 151, 180):
        assert find_anomalies(values[:end], season=7) == [each for each in whole if each.row < end]


def test_gaps_and_short_series_are_borne():
    values = kpi()
    values[::5] = np.nan
    values[151] += 15
    assert 151 in [each.row for each in find_anomalies(values, season=7)]
    assert find_anomalies(np.array([1.0, 900.0, np.nan]), season=7) == []


def test_a_figure_that_never_moved_and_then_does():
    values = np.full(60, 5.0)
    values[50] = 6.0
    assert [each.row for each in find_anomalies(values, season=1)] == [50]
