import numpy as np
import pytest

from services.metrics.domain.counterfactual import InterventionEstimator, Series, Slopes, seasonal_terms
from services.metrics.domain.distributions import StudentMixture, student_cdf
from services.metrics.domain.impact import (
    INTERIM_LEVEL,
    LEVEL,
    Aim,
    Direction,
    Doubt,
    Grade,
    Interval,
    Launch,
    Verdict,
    assess,
)
from services.metrics.domain.noise import NoiseGrid, kalman_filter

BEFORE, AFTER = 90, 28
UP = Aim(Direction.UP)


def kpi(effect: float = 0.0, *, seed: int = 7, noise: float = 1.5) -> np.ndarray:
    values = 130 + np.random.default_rng(seed).normal(0, noise, BEFORE + AFTER)
    values[BEFORE:] += effect
    return values


def judge(values: np.ndarray, aim: Aim = UP, **launch):
    return assess(Launch(Series.of(values, seasons=(7,)), BEFORE, aim, **launch))


@pytest.mark.parametrize(
    ("effect", "direction", "verdict"),
    [
        (6, Direction.UP, Verdict.IMPROVED),
        (6, Direction.DOWN, Verdict.WORSE),
        (-6, Direction.UP, Verdict.WORSE),
        (-6, Direction.DOWN, Verdict.IMPROVED),
    ],
)
def test_a_clear_effect_is_judged_by_the_direction_that_is_wanted(effect, direction, verdict):
    impact = judge(kpi(effect), Aim(direction))
    assert impact.verdict is verdict
    assert effect in impact.interval
    assert impact.doubts == ()
    assert impact.grade is Grade.BEFORE_AFTER


def test_no_effect_needs_an_interval_within_what_nobody_would_act_on():
    assert judge(kpi(), negligible=4.0).verdict is Verdict.NO_EFFECT
    narrow = judge(kpi(), negligible=0.01)
    assert (narrow.verdict, narrow.doubts) == (Verdict.INCONCLUSIVE, (Doubt.INTERVAL_TOO_WIDE,))


def test_a_band_rewards_coming_nearer_and_punishes_leaving():
    near = Aim(Direction.BAND, Interval(135, 140))
    assert judge(kpi(7), near).verdict is Verdict.IMPROVED
    assert judge(kpi(7), Aim(Direction.BAND, Interval(128, 132))).verdict is Verdict.WORSE


def test_a_gain_within_the_band_is_no_gain():
    gain = Aim(Direction.BAND, Interval(0, 10)).gain(actual=5, expected=Interval(4, 6))
    assert gain == Interval(0, 0)


def test_an_early_look_must_clear_a_higher_bar():
    early, late = judge(kpi(1.2), is_final=False), judge(kpi(1.2))
    assert (early.level, late.level) == (INTERIM_LEVEL, LEVEL)
    assert late.verdict is Verdict.IMPROVED
    assert (early.verdict, early.doubts) == (Verdict.INCONCLUSIVE, (Doubt.WINDOW_OPEN,))


@pytest.mark.parametrize(
    ("values", "doubt"),
    [
        (kpi()[BEFORE - 10 :], Doubt.TOO_FEW_POINTS_BEFORE),
        (kpi()[: BEFORE + 3], Doubt.TOO_FEW_POINTS_AFTER),
        (np.where(np.arange(BEFORE + AFTER) % 5 < 3, np.nan, kpi()), Doubt.TOO_MANY_GAPS),
        (np.r_[np.full(BEFORE, 5.0), np.full(AFTER, 6.0)], Doubt.NO_VARIATION_BEFORE),
    ],
)
def test_a_verdict_is_withheld_when_the_data_cannot_carry_one(values, doubt):
    row = 10 if doubt is Doubt.TOO_FEW_POINTS_BEFORE else BEFORE
    impact = assess(Launch(Series.of(values, seasons=(7,)), row, UP))
    assert impact.verdict is Verdict.INCONCLUSIVE
    assert doubt in impact.doubts
    assert impact.effect is None


def test_a_series_without_any_value_is_inconclusive():
    assert judge(np.full(BEFORE + AFTER, np.nan)).verdict is Verdict.INCONCLUSIVE


def test_a_kpi_that_jumps_by_itself_proves_nothing():
    values = kpi(noise=0.3)
    values[60:75] += 40
    assert judge(values).verdict is Verdict.INCONCLUSIVE


def test_placebo_launches_that_seem_to_work_forbid_a_verdict():
    values = kpi(6, noise=0.3)
    values[68:] += 8  # exactly where a placebo launch is tried
    impact = judge(values)
    assert impact.placebo.widening > 2
    assert (impact.verdict, impact.doubts) == (Verdict.INCONCLUSIVE, (Doubt.PLACEBO_FAILED,))


def test_a_lasting_trend_is_expected_to_go_on():
    values = kpi() + 0.4 * np.arange(BEFORE + AFTER)
    impact = judge(values)
    assert impact.has_pre_trend
    assert 0.0 in impact.interval


def test_control_series_explain_what_everyone_saw():
    market = np.cumsum(np.random.default_rng(3).normal(0, 2, BEFORE + AFTER))
    values = kpi() + market
    alone = judge(values)
    beside = assess(Launch(Series.of(values, controls=market[:, None], seasons=(7,)), BEFORE, UP))
    assert beside.grade is Grade.CONTROLS
    assert beside.interval.high - beside.interval.low < 0.5 * (alone.interval.high - alone.interval.low)


def test_a_control_that_never_moves_changes_nothing():
    still = np.ones((BEFORE + AFTER, 1))
    beside = assess(Launch(Series.of(kpi(6), controls=still, seasons=(7,)), BEFORE, UP))
    assert beside.effect == pytest.approx(judge(kpi(6)).effect, abs=1e-3)


def test_the_same_data_gives_the_same_answer():
    assert judge(kpi(2)) == judge(kpi(2))


def test_units_do_not_matter():
    small, large = judge(kpi(3)), judge(1e6 * kpi(3))
    assert large.effect == pytest.approx(1e6 * small.effect)
    assert large.interval.low == pytest.approx(1e6 * small.interval.low, rel=1e-6)


def test_student_probabilities_agree_with_the_tables():
    table = {5: 2.5706, 10: 2.2281, 30: 2.0423, 120: 1.9799}  # t at 0.975: NIST/SEMATECH e-Handbook 1.3.6.7.2
    for freedom, quantile in table.items():
        assert student_cdf(np.array([quantile]), freedom=freedom)[0] == pytest.approx(0.975, abs=5e-4)


def test_a_mixture_of_one_is_that_one():
    one = StudentMixture(np.ones(1), np.array([3.0]), np.array([2.0]), freedom=30)
    low, high = one.interval(0.95)
    assert (one.mean, (low + high) / 2) == pytest.approx((3.0, 3.0))
    assert (high - low) / 4 == pytest.approx(2.0423, abs=0.01)


def test_the_filter_gives_generalised_least_squares():
    """Against the textbook formula with the whole covariance matrix, gaps included."""
    random = np.random.default_rng(1)
    rows, persistence, drift = 40, 0.6, 0.3
    time = np.arange(rows)
    observed = random.random(rows) > 0.2
    table = np.where(observed[:, None], random.normal(size=(rows, 3)), 0.0)
    grid = NoiseGrid.product(persistence={persistence: 1.0}, drift_sd={drift: 1.0})
    filtered = kalman_filter(table, observed=observed, grid=grid)
    autoregressive = persistence ** abs(time[:, None] - time) / (1 - persistence**2)
    covariance = autoregressive + drift**2 * np.minimum(time[:, None], time)
    kept = table[observed]
    expected = kept.T @ np.linalg.solve(covariance[np.ix_(observed, observed)], kept)
    assert filtered.whitened[0].T @ filtered.whitened[0] == pytest.approx(expected)
    assert filtered.log_variance.sum() == pytest.approx(np.linalg.slogdet(covariance[np.ix_(observed, observed)])[1])


def test_weekly_terms_are_as_rich_as_day_of_week_dummies():
    terms = np.column_stack([np.ones(28), seasonal_terms(28, (7,))])
    dummies = np.eye(7)[np.arange(28) % 7]
    assert np.linalg.matrix_rank(np.column_stack([terms, dummies])) == terms.shape[1] == 7


def test_seasons_are_not_mistaken_for_effects():
    weekend = 9 * (np.arange(BEFORE + AFTER) % 7 > 4)
    plain, seasonal = judge(kpi(2)), judge(kpi(2) + weekend)
    assert seasonal.effect == pytest.approx(plain.effect, abs=1e-6)


def test_an_effect_that_grows_is_told_by_its_mean():
    growing = np.maximum(np.arange(BEFORE + AFTER) - BEFORE, 0) * 0.5
    impact = judge(kpi() + growing)
    assert impact.verdict is Verdict.IMPROVED
    assert growing[BEFORE:].mean() in impact.interval


def test_with_white_noise_the_effect_is_that_of_ordinary_regression():
    grid = NoiseGrid.product(persistence={0.0: 1.0}, drift_sd={0.0: 1.0})
    never = {name: Slopes(probability=1e-12, deviation=1.0) for name in ("trend", "ramp")}
    values = kpi(3)
    effect = InterventionEstimator(Series.of(values), grid=grid, slopes=never).effect(BEFORE, BEFORE + AFTER)
    difference = values[BEFORE:].mean() - values[:BEFORE].mean()
    pooled = (values[:BEFORE].var() * BEFORE + values[BEFORE:].var() * AFTER) / (BEFORE + AFTER - 2)
    half = 1.9806 * np.sqrt(pooled * (1 / BEFORE + 1 / AFTER))  # t at 0.975 with 116 degrees of freedom
    assert effect.mean == pytest.approx(difference, abs=1e-6)
    assert effect.interval(0.95) == pytest.approx((difference - half, difference + half), abs=0.01)
