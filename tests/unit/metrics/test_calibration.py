import pytest

from services.metrics.domain.calibration import Kept, calibrate, improvement_probability, wilson
from services.metrics.domain.windows import Prediction


def kept(effect, *, low=2.0, likely=4.0, high=6.0, is_improved=True, wants_increase=True):
    return Kept(Prediction(low, likely, high), effect, effect - 1, effect + 1, is_improved, wants_increase)


def test_promises_that_were_kept_need_no_correction():
    score = calibrate([kept(4.0)] * 5, is_one_unit=True)
    assert (score.hit_rate, score.compatible_rate, score.bias, score.realised, score.factor) == (1, 1, 0, 1, 1)
    assert score.brier < 0.01


def test_promises_that_were_twice_too_high_are_halved_the_more_surely_the_more_there_are():
    few, many = (calibrate([kept(2.0)] * count, is_one_unit=True) for count in (1, 97))
    assert few.realised == many.realised == 0.5
    assert few.factor == pytest.approx(0.875)
    assert many.factor == pytest.approx(0.515)


def test_a_part_is_drawn_towards_the_whole():
    few, many = (calibrate([kept(4.0)] * count, is_one_unit=True, prior=0.5) for count in (1, 97))
    assert (few.factor, few.drawn_towards) == (pytest.approx(0.625), 0.5)
    assert many.factor == pytest.approx(0.985)


def test_one_wild_outcome_does_not_outweigh_the_rest():
    assert calibrate([kept(4000.0)], is_one_unit=True).factor == pytest.approx(1.5)


def test_a_miss_within_the_measurement_error_is_compatible():
    score = calibrate([kept(6.5, is_improved=True)], is_one_unit=True)
    assert (score.hit_rate, score.compatible_rate) == (0, 1)


def test_no_bias_across_units():
    assert calibrate([kept(4.0)], is_one_unit=False).bias is None


def test_a_promise_to_lower_is_scored_by_its_direction():
    falling = kept(-4.0, low=-6.0, likely=-4.0, high=-2.0, wants_increase=False)
    assert improvement_probability(falling) == improvement_probability(kept(4.0)) > 0.99
    assert calibrate([falling], is_one_unit=True).realised == 1


def test_a_range_of_no_width_promises_for_certain():
    assert improvement_probability(kept(1.0, low=1.0, likely=1.0, high=1.0)) == 1.0


def test_wilson_agrees_with_a_published_example():
    """Newcombe, Statistics in Medicine 17 (1998) 857-872, table I: 81 of 263."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
