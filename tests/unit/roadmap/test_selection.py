"""The selection equals brute force on small instances, names its cycles and conflicts, and gives true reasons."""

from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.roadmap.domain.selection.checker import broken_rules
from services.roadmap.domain.selection.explanation import WhyNot
from services.roadmap.domain.selection.model import model_of
from services.roadmap.domain.selection.problem import (
    Budget,
    Candidate,
    Customer,
    Dependency,
    DependencyCycle,
    Rule,
    SelectionProblem,
    SelectionRefused,
    digest_of,
    require_sound,
)
from services.roadmap.domain.selection.selecting import select
from services.roadmap.domain.selection.solver import MilpSolver

NAMES = ("a", "b", "c", "d", "e", "f")


def every_choice(problem: SelectionProblem) -> list[frozenset[str]]:
    """All choices that keep every rule: the oracle."""
    ids = [candidate.id for candidate in problem.candidates]
    choices = [frozenset(choice) for size in range(len(ids) + 1) for choice in combinations(ids, size)]
    return [choice for choice in choices if not broken_rules(problem, choice)]


def best_value(problem: SelectionProblem) -> int | None:
    return max((problem.value_of(choice) for choice in every_choice(problem)), default=None)


some = st.sets(st.sampled_from(NAMES), max_size=1).map(frozenset)
groups = st.lists(st.sets(st.sampled_from(NAMES), min_size=2, max_size=3).map(tuple), max_size=2).map(tuple)


@st.composite
def problems(draw: st.DrawFn) -> SelectionProblem:
    number = st.integers(min_value=0, max_value=9)
    candidates = tuple(
        Candidate(name, value=draw(number), uses={"cost": draw(number), "effort": draw(number)}) for name in NAMES
    )
    wants = st.sets(st.sampled_from(NAMES), min_size=1, max_size=3).map(tuple)
    customers = tuple(Customer(str(i), draw(number), draw(wants)) for i in range(draw(st.integers(0, 3))))
    pairs = draw(st.sets(st.sampled_from(list(combinations(NAMES, 2))), max_size=4))
    return SelectionProblem(
        candidates=candidates,
        budgets=(Budget("cost", draw(st.integers(0, 30))), Budget("effort", draw(st.integers(0, 30)))),
        customers=customers,
        dependencies=tuple(Dependency(later, earlier) for earlier, later in sorted(pairs)),
        exclusions=draw(groups),
        couplings=draw(groups),
        one_of=draw(groups),
        must_have=draw(some),
        pinned_in=draw(some),
        pinned_out=draw(some),
    )


@settings(max_examples=150)
@given(problems())
def test_the_choice_is_worth_what_brute_force_finds(problem: SelectionProblem) -> None:
    selection = select(problem)
    best = best_value(problem)
    if best is None:
        assert selection.status == "infeasible"
        return
    assert (selection.status, selection.objective, selection.bound, selection.gap) == ("optimal", best, best, 0.0)
    assert broken_rules(problem, selection.chosen) == ()
    assert problem.value_of(selection.chosen) == best


@settings(max_examples=100)
@given(problems())
def test_each_reason_is_true(problem: SelectionProblem) -> None:
    selection = select(problem)
    if selection.objective is None:
        return
    assert {why.candidate for why in selection.not_chosen} == set(NAMES) - set(selection.chosen)
    for why in selection.not_chosen:
        forced = best_value(replace(problem, pinned_in=problem.pinned_in | {why.candidate}))
        assert why.is_possible == (forced is not None)
        assert why.value_given_up == (None if forced is None else selection.objective - forced)
        check_the_remedy(problem, selection.chosen, selection.objective, why)


def check_the_remedy(problem: SelectionProblem, chosen: tuple[str, ...], objective: int, why: WhyNot) -> None:
    joined = {*chosen, why.candidate, *why.brings}
    broken = broken_rules(problem, joined)
    match why.reason:
        case "over_budget":
            assert {rule.kind for rule in broken} == {"budget"}
            assert set(why.blockers) == {rule.subjects[0] for rule in broken} == set(why.shortfall)
            eased = tuple(replace(b, limit=b.limit + why.shortfall.get(b.name, 0)) for b in problem.budgets)
            assert broken_rules(replace(problem, budgets=eased), joined) == ()
            assert problem.value_of(joined) == objective + why.value_added
        case "adds_no_value":
            assert broken == ()
            assert problem.value_of(joined) == objective
        case "excluded":
            assert {"exclusion", "one_of"} & {rule.kind for rule in broken}
        case "pinned_out" | "needs_pinned_out":
            assert set(why.blockers) <= problem.pinned_out
        case "search_ended":
            pytest.fail("a proved optimum has no such reason")


@settings(max_examples=100)
@given(problems())
def test_a_conflict_is_minimal(problem: SelectionProblem) -> None:
    selection = select(problem)
    if selection.status != "infeasible":
        assert selection.conflict == ()
        return
    model = model_of(problem)

    def can_hold(rules: set[Rule]) -> bool:
        return MilpSolver(model.under(frozenset(rules)), seed=0, time_limit_s=10).solve().status == "optimal"

    conflict = set(selection.conflict)
    assert conflict
    assert not can_hold(conflict)
    assert all(can_hold(conflict - {rule}) for rule in conflict)


@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_decides_nothing(problem: SelectionProblem, random: Any) -> None:
    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(items, len(items)))

    other = replace(
        problem,
        candidates=shuffled(problem.candidates),
        budgets=shuffled(problem.budgets),
        customers=shuffled(problem.customers),
        dependencies=shuffled(problem.dependencies),
        exclusions=shuffled(problem.exclusions),
        couplings=shuffled(problem.couplings),
        one_of=shuffled(problem.one_of),
    )
    assert digest_of(other) == digest_of(problem)
    assert model_of(other) == model_of(problem)


def small(**more: Any) -> SelectionProblem:
    return SelectionProblem(candidates=(Candidate("a", 5, {"cost": 3}), Candidate("b", 4, {"cost": 2})), **more)


def test_a_circle_is_refused_and_named() -> None:
    circle = tuple(Dependency(*pair) for pair in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")))
    with pytest.raises(DependencyCycle) as refused:
        select(SelectionProblem(candidates=tuple(Candidate(name) for name in NAMES), dependencies=circle))
    cycle = refused.value.cycle
    assert cycle[0] == cycle[-1]
    assert len(cycle) == 4
    assert all(Dependency(one, other) in circle for one, other in pairwise(cycle))


@pytest.mark.parametrize(
    "problem",
    [
        small(dependencies=(Dependency("a", "z"),)),
        small(budgets=(Budget("cost", -1),)),
        small(),  # uses a budget that is not there
        small(budgets=(Budget("cost", 1), Budget("cost", 2))),
        SelectionProblem(candidates=(Candidate("a"), Candidate("a"))),
        SelectionProblem(candidates=(Candidate("a", 2**40), Candidate("b", 1))),
    ],
)
def test_what_contradicts_itself_is_refused(problem: SelectionProblem) -> None:
    with pytest.raises(SelectionRefused):
        require_sound(problem)


def test_what_earns_nothing_is_not_chosen_into_a_slack_budget() -> None:
    problem = replace(small(budgets=(Budget("cost", 100),)), candidates=(Candidate("a", 1), Candidate("idle", 0)))
    selection = select(problem)
    assert selection.chosen == ("a",)
    assert selection.not_chosen == (WhyNot("idle", "adds_no_value", is_possible=True, value_given_up=0),)


def test_a_budget_is_kept_to_the_last_cent() -> None:
    price = 1_000_000_007
    twins = tuple(Candidate(name, 1, {"cost": price + position}) for position, name in enumerate(NAMES))
    problem = SelectionProblem(candidates=twins, budgets=(Budget("cost", 3 * price + 2),))
    selection = select(problem)
    assert selection.objective == 2
    assert broken_rules(problem, selection.chosen) == ()


def test_the_same_input_and_seed_give_the_same_answer() -> None:
    problem = small(budgets=(Budget("cost", 4),))
    assert select(problem, seed=7) == select(problem, seed=7)
    assert select(problem, seed=7).digest != select(problem, seed=8).digest


def test_without_time_the_answer_says_so() -> None:
    selection = select(small(budgets=(Budget("cost", 4),)), time_limit_s=0)
    assert (selection.status, selection.objective, selection.bound) == ("unknown", None, 9)


def test_nothing_to_choose_from_is_no_error() -> None:
    selection = select(SelectionProblem(candidates=()))
    assert (selection.status, selection.objective, selection.gap) == ("optimal", 0, 0.0)
