"""No plan is worth more than the bound of prices, whatever they are."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.roadmap.domain.scheduling.pricing import ROUNDING, prices_of
from services.roadmap.domain.scheduling.problem import (
    ScheduleProblem,
    objective_of,
)
from services.roadmap.domain.scheduling.relaxation import Relaxation
from services.roadmap.domain.scheduling.solving import schedule
from tests.unit.roadmap.schedules import QUICK, every_plan, is_held, one, plan_of, problems


@settings(max_examples=60)
@given(problems(), st.sampled_from([0, 1, 30, 200]))
def test_no_plan_is_worth_more_than_the_bound_of_prices(problem: ScheduleProblem, steps: int) -> None:
    """Whatever the prices are: after no step, one, and many."""
    prices = prices_of(problem, steps=steps)
    plans = [plan for plan in every_plan(problem) if is_held(problem, plan)]
    if plans:
        assert prices is not None
        assert max(objective_of(problem, plan) for plan in plans) <= prices.bound


@settings(max_examples=60)
@given(problems(), st.integers(0, 1000))
def test_any_prices_give_a_bound(problem: ScheduleProblem, seed: int) -> None:
    relaxation = Relaxation(problem)
    dice = np.random.default_rng(seed)
    prices = relaxation.allowed(dice.normal(0, 10.0 ** dice.integers(0, 5), len(relaxation.limits)))
    bound = relaxation.choose(prices).bound
    for plan in every_plan(problem):
        if is_held(problem, plan):
            assert objective_of(problem, plan) <= bound + ROUNDING


def test_prices_close_the_gap_where_nothing_is_divided() -> None:
    """Two weeks for three jobs of one week: the third is dropped, and the bound says just what the others are worth."""
    problem = replace(plan_of(one("a", 3), one("b", 5), one("c", 4)), horizon=2, capacity={("core", "code"): (1, 1)})
    prices = prices_of(problem)
    assert prices is not None
    answer = schedule(problem, QUICK)
    assert (prices.bound, set(answer.plan)) == (answer.objective, {"b", "c"})


def test_prices_tell_of_the_step_at_which_they_know_enough() -> None:
    """A plan that is worth all that the jobs are worth alone needs no prices."""
    problem = plan_of(one("a"))
    prices = prices_of(problem, enough=problem.worth(problem.jobs[0], 1))
    assert prices is not None
    assert prices.bound == problem.worth(problem.jobs[0], 1)
