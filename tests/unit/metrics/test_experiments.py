import numpy as np
import pytest
from scipy import stats

from services.metrics.domain.experiments import (
    Advice,
    Measure,
    Totals,
    breaks,
    compare,
    covariate_balance,
    read_out,
    sample_ratio_p,
    sequence_half_width,
)
from services.metrics.domain.impact import Aim, Direction, Verdict

UP = Aim(Direction.UP)
HALVES = {"control": 0.5, "treatment": 0.5}


def totals(values, other=None):
    other = np.zeros(len(values)) if other is None else other
    return Totals(len(values), values.sum(), (values**2).sum(), other.sum(), (other**2).sum(), (values * other).sum())


def arms(effect=0.0, *, units=4000, seed=0, correlation=0.8):
    random = np.random.default_rng(seed)
    made = {}
    for name in HALVES:
        before = random.normal(10, 2, units)
        noise = random.normal(0, 2 * np.sqrt(1 - correlation**2), units)
        values = 10 + correlation * (before - 10) + noise + (effect if name == "treatment" else 0)
        made[name] = totals(values, before)
    return made


def judge(made, aim=UP, shares=HALVES, **more):
    asked = {"measure": Measure.MEAN, "planned_units": 8000, "negligible": 0.01} | more
    return read_out(made, shares, control="control", treatment="treatment", aim=aim, **asked)


@pytest.mark.parametrize(
    ("effect", "direction", "verdict", "advice"),
    [
        (0.5, Direction.UP, Verdict.IMPROVED, Advice.SHIP),
        (0.5, Direction.DOWN, Verdict.WORSE, Advice.DROP),
        (0.0, Direction.UP, Verdict.INCONCLUSIVE, Advice.KEEP_RUNNING),
    ],
)
def test_what_is_certain_is_advised(effect, direction, verdict, advice):
    found = judge(arms(effect), Aim(direction))
    assert (found.verdict, found.advice) == (verdict, advice)


def test_an_effect_that_nobody_would_act_on_ends_the_experiment():
    assert judge(arms(units=20_000), negligible=0.3, planned_units=40_000).advice is Advice.STOP_WITHOUT_EFFECT


def test_a_covariate_narrows_the_interval_by_what_it_explains():
    with_it = judge(arms(correlation=0.8)).difference
    assert with_it.variance_kept == pytest.approx(1 - 0.8**2, abs=0.02)


def test_without_a_covariate_the_estimate_is_the_plain_difference():
    values = np.random.default_rng(1).normal(5, 1, (2, 1000))
    found = compare(totals(values[0]), totals(values[1]), measure=Measure.MEAN, planned_units=2000)
    assert found.estimate == pytest.approx(values[1].mean() - values[0].mean())
    assert found.variance_kept == pytest.approx(1)


def test_the_ratio_has_the_error_of_the_jackknife():
    random = np.random.default_rng(2)
    sessions = random.poisson(4, 3000) + 1.0
    clicks = random.binomial(sessions.astype(int), 0.3).astype(float)
    arm = totals(clicks, sessions)
    found = compare(arm, arm, measure=Measure.RATIO, planned_units=6000)
    without = (clicks.sum() - clicks) / (sessions.sum() - sessions)
    jackknife = np.sqrt((len(clicks) - 1) * without.var())
    expected = sequence_half_width(np.sqrt(2) * jackknife, units=6000, planned_units=6000)
    assert (found.interval.high - found.interval.low) / 2 == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(
    ("units", "planned", "bound"),
    [
        (50, 1_000, 33.3669085679),
        (1_000, 1_000, 95.9817358421),
        (200_000, 1_000, 1635.25282012),
        (50, 8_000, 79.9403427167),
        (7_000, 8_000, 254.118203012),
        (1_000, 100_000, 287.273301511),
        (200_000, 100_000, 1369.13423459),
    ],
)
def test_half_widths_are_those_of_a_published_implementation(units, planned, bound):
    """`normal_mixture_bound` of confseq 0.0.11 (S. Howard), two-sided at 0.05: of a sum whose terms vary by 1 each."""
    assert sequence_half_width(1 / np.sqrt(units), units=units, planned_units=planned) == pytest.approx(bound / units)


def test_shares_that_were_not_kept_forbid_any_conclusion():
    made = arms(0.5)
    made["treatment"] = totals(np.random.default_rng(5).normal(10.5, 2, 4600))
    found = judge(made)
    assert (found.advice, found.verdict, found.difference) == (Advice.REPAIR_ASSIGNMENT, Verdict.INCONCLUSIVE, None)


def test_the_sample_ratio_test_agrees_with_the_tables():
    """Chi-squared quantiles at 0.05: 3.841 with one degree of freedom, 5.991 with two (NIST e-Handbook 1.3.6.7.4)."""
    off = np.sqrt(3.841 * 1000 / 4)
    assert sample_ratio_p([500 + off, 500 - off], [1, 1]) == pytest.approx(0.05, abs=1e-4)
    off = np.sqrt(5.991 * 300 / 6)
    assert sample_ratio_p([100 + off, 100 - off, 100], [1, 1, 1]) == pytest.approx(0.05, abs=2e-3)
    assert sample_ratio_p([0, 0], [1, 1]) == 1


def test_too_few_units_are_waited_for():
    assert judge(arms(5.0, units=20)).advice is Advice.KEEP_RUNNING


def test_a_guardrail_breaks_only_for_certain():
    harmed = compare(*arms(-0.5).values(), measure=Measure.MEAN, planned_units=8000)
    unsure = compare(*arms(-0.02).values(), measure=Measure.MEAN, planned_units=8000)
    assert breaks(harmed, UP)
    assert not breaks(unsure, UP)
    assert not breaks(harmed, Aim(Direction.DOWN))


def test_looking_every_day_does_not_make_effects():
    """Fourteen looks at 400 experiments without an effect: the interval holds at all of them together."""
    random = np.random.default_rng(9)
    wrong = 0
    for _ in range(400):
        values = random.lognormal(3, 0.6, (2, 14 * 200))
        looks = range(200, 14 * 200 + 1, 200)
        found = (
            compare(totals(values[0, :n]), totals(values[1, :n]), measure=Measure.MEAN, planned_units=5600).interval
            for n in looks
        )
        wrong += any(0 not in interval for interval in found)
    assert wrong / 400 <= 0.05


def test_the_balance_of_a_covariate_is_that_of_welchs_test_in_large_arms():
    random = np.random.default_rng(5)
    before = [random.normal(10, 2, 3000), random.normal(10.1, 3, 2500)]
    control, treatment = (totals(np.zeros(len(each)), each) for each in before)
    found = covariate_balance(control, treatment)
    assert found.p == pytest.approx(stats.ttest_ind(*before, equal_var=False).pvalue, rel=0.01)
    deviation = np.sqrt((before[0].var(ddof=1) + before[1].var(ddof=1)) / 2)
    assert found.difference == pytest.approx((before[1].mean() - before[0].mean()) / deviation)
    assert not found.is_lost
    assert covariate_balance(*(totals(np.ones(100)) for _ in range(2))) is None


def test_arms_that_differed_before_are_told_before_any_effect_is():
    made = arms(0.5)
    made["treatment"] = totals(np.full(4000, 12.0), np.random.default_rng(6).normal(10.5, 2, 4000))
    found = judge(made)
    assert (found.verdict, found.advice, found.difference) == (Verdict.INCONCLUSIVE, Advice.REPAIR_ASSIGNMENT, None)
    assert found.balance.is_lost
    assert not found.is_mismatch
