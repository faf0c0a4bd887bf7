from math import erf, sqrt

import numpy as np
import pytest

from services.metrics.domain.attainment import Goal, Status, attain
from services.metrics.domain.forecasting import forecast
from services.metrics.domain.standing import Limits

CALM = 50 + np.random.default_rng(3).normal(0, 2, 120)


def goal(*, value=50.0, limits=None, baseline=60.0, periods_left=28):
    return Goal(baseline, value, periods_gone=60, periods_left=periods_left, span=7, limits=limits)


def test_the_probability_of_a_band_is_what_the_forecast_puts_within_it():
    ahead = forecast(CALM, horizon=28, season=7)
    expected, spread = ahead.mean_of_last(7)
    limits = Limits(expected - spread, expected + 2 * spread)
    judged = attain(CALM, goal(value=expected, limits=limits), season=7)
    assert judged.probability == pytest.approx((erf(2 / sqrt(2)) + erf(1 / sqrt(2))) / 2, abs=1e-6)
    assert judged.progress == 1.0
    assert judged.status is Status.REACHED


def test_a_figure_that_flies_past_a_band_has_not_reached_it():
    above = attain(CALM, goal(value=30, limits=Limits(28, 32)), season=7)
    assert (above.status, above.probability) == (Status.OFF_TRACK, pytest.approx(0, abs=1e-6))
    assert attain(CALM, goal(value=30, baseline=20), season=7).status is Status.REACHED


@pytest.mark.parametrize(("limits", "status"), [(Limits(45, 55), Status.REACHED), (Limits(51.5, 55), Status.MISSED)])
def test_when_it_is_due_only_what_lies_within_counts(limits, status):
    judged = attain(CALM, goal(value=53, limits=limits, periods_left=0), season=7)
    assert (judged.status, judged.probability) == (status, float(status is Status.REACHED))
