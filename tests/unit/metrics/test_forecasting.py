import numpy as np
import pytest

from services.metrics.domain.attainment import Goal, Status, attain
from services.metrics.domain.forecasting import TooShort, filled, forecast, is_seasonal, seasonal_indices, theta

DAYS = np.arange(140)
WEEKLY = 10 * np.sin(2 * np.pi * DAYS / 7)


def noise(seed=0, size=140):
    return np.random.default_rng(seed).normal(0, 1, size)


def test_a_season_goes_on():
    ahead = forecast(100 + WEEKLY + noise(), horizon=14, season=7)
    expected = 100 + 10 * np.sin(2 * np.pi * np.arange(140, 154) / 7)
    assert np.abs(ahead.points - expected).mean() < 1.5
    assert is_seasonal(100 + WEEKLY + noise(), 7)


def test_white_noise_has_no_season():
    assert not is_seasonal(noise(), 7)
    assert not is_seasonal(np.full(50, 3.0), 7)
    assert not is_seasonal(0.1 * np.arange(50) + 1 / 3, 7), "what rounding leaves of a line is no season"


def test_seasonal_indices_are_what_was_put_in():
    assert seasonal_indices(50 + 0.3 * DAYS + WEEKLY, 7) == pytest.approx(WEEKLY[:7], abs=0.1)


def test_theta_follows_half_the_trend_of_the_published_definition():
    """On a straight line, smoothing with the largest constant ends at the last point; theta adds half the slope."""
    line = 2.0 * np.arange(30)
    assert theta(line, 3, 1) == pytest.approx([59, 60, 61], abs=0.2)


def test_intervals_hold_what_they_promise():
    held = total = 0
    for seed in range(60):
        walk = 100 + np.cumsum(noise(seed, 160)) * 0.3 + noise(seed + 1000, 160)
        ahead = forecast(walk[:140], horizon=20, season=7, level=0.9)
        held += int(((ahead.low <= walk[140:]) & (walk[140:] <= ahead.high)).sum())
        total += 20
    assert 0.82 <= held / total <= 0.97


def test_intervals_do_not_shrink_with_the_distance():
    ahead = forecast(100 + noise(), horizon=30, season=7)
    widths = ahead.high - ahead.low
    assert (np.diff(widths) >= -1e-9).all()


def test_gaps_are_bridged():
    assert filled(np.array([np.nan, 1.0, np.nan, 3.0, np.nan])).tolist() == [1, 2, 3, 3]


def test_too_little_past_is_no_ground():
    with pytest.raises(TooShort):
        forecast(np.arange(4.0), horizon=3, season=7)


def test_a_steady_figure_is_forecast_as_itself():
    ahead = forecast(np.full(30, 5.0), horizon=3, season=7)
    assert ahead.points == pytest.approx([5, 5, 5])
    assert ahead.high == pytest.approx(ahead.low)


def goal(value, **differing):
    return Goal(**({"baseline": 100.0, "value": value, "periods_gone": 60, "periods_left": 30, "span": 7} | differing))


def test_a_kpi_that_rises_fast_enough_is_on_track():
    judged = attain(100 + 0.5 * DAYS + noise(), goal(180), season=7)
    assert judged.status is Status.ON_TRACK
    assert 0.8 < judged.progress < 0.95
    assert judged.probability > 0.6


def test_a_kpi_that_stands_still_is_off_track():
    judged = attain(100 + noise(), goal(180), season=7)
    assert (judged.status, round(judged.probability, 3)) == (Status.OFF_TRACK, 0)


def test_a_fall_can_be_wanted():
    judged = attain(100 - 0.5 * DAYS + noise(), goal(20), season=7)
    assert judged.status is Status.ON_TRACK
    assert judged.progress > 0.8


@pytest.mark.parametrize(("value", "status"), [(99, Status.REACHED), (180, Status.MISSED)])
def test_when_it_is_due_the_last_figures_decide(value, status):
    assert attain(100 + noise(), goal(value, baseline=90.0, periods_left=0), season=7).status is status


def test_nothing_measured_is_unknown():
    assert attain(np.full(5, np.nan), goal(10), season=7).status is Status.UNKNOWN
    assert attain(np.arange(3.0), goal(10, baseline=0.0), season=7).status is Status.UNKNOWN
