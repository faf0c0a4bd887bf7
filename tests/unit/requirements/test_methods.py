"""Every method: worked examples, contributions that add up, and a flip that flips.

An example says whether somebody published it or whether it is worked out by hand from the formula.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.requirements.domain.drivers import Driver, scaled, weighted
from services.requirements.domain.methods import ICE, KANO, METHODS, MOSCOW, MOSCOW_LEVELS, RICE, VALUE_EFFORT, WSJF
from services.requirements.domain.prioritizing import rank, turn
from services.requirements.domain.scoring import Candidate, Input, Method, Range, explain

Point = Mapping[str, float]


def test_rice_as_published() -> None:
    """Two projects as worked out on designingteams.com/p/prioritise-smarter-with-rice-scoring, read in 2026."""
    landing_page: Point = {"reach": 2000, "impact": 1, "confidence": 0.9, "effort": 1}
    redesign: Point = {"reach": 5000, "impact": 3, "confidence": 0.5, "effort": 6}
    assert [RICE.value(each) for each in (landing_page, redesign)] == pytest.approx([1800, 1250])


def test_rice_by_hand() -> None:
    """Worked out by hand: 450 x 3 x 1 / 2, 2000 x 1 x 0.8 / 4 and 800 x 2 x 0.5 / 1."""
    reach = 500 * 0.30 * 3  # customers a month in the funnel, three in ten choose it, three months in a quarter
    projects: list[Point] = [
        {"reach": reach, "impact": 3, "confidence": 1.0, "effort": 2},
        {"reach": 2000, "impact": 1, "confidence": 0.8, "effort": 4},
        {"reach": 800, "impact": 2, "confidence": 0.5, "effort": 1},
    ]
    assert [RICE.value(each) for each in projects] == pytest.approx([675, 400, 800])


def test_no_order_costs_less_than_that_by_wsjf() -> None:
    """Three jobs worked out by hand: the order by WSJF costs 1 x 3 + 4 x 1 = 7, the opposite one 10 x 3 + 13 x 10."""
    jobs = {"A": (1, 10), "B": (3, 3), "C": (10, 1)}  # duration, cost of delay
    points: dict[str, Point] = {
        name: {"business_value": cost, "time_criticality": 0, "risk_reduction": 0, "job_size": size}
        for name, (size, cost) in jobs.items()
    }
    assert {name: WSJF.value(point) for name, point in points.items()} == {"A": 10, "B": 1, "C": 0.1}
    by_wsjf = sorted(jobs, key=lambda name: -WSJF.value(points[name]))
    assert (_delay_cost(by_wsjf, jobs), _delay_cost(by_wsjf[::-1], jobs)) == (7, 160)
    assert min(_delay_cost(order, jobs) for order in itertools.permutations(jobs)) == 7


def _delay_cost(order: Sequence[str], jobs: Mapping[str, tuple[int, int]]) -> int:
    starts = itertools.accumulate([jobs[name][0] for name in order], initial=0)
    return sum(start * jobs[name][1] for name, start in zip(order, starts, strict=False))


def test_wsjf_with_the_cost_of_delay_in_three_parts() -> None:
    """Worked out by hand: 24 / 5, 13 / 3 and 8 / 8."""
    names = ("business_value", "time_criticality", "risk_reduction", "job_size")
    rows = [(3, 13, 8, 5), (8, 3, 2, 3), (5, 2, 1, 8)]
    values = [WSJF.value(dict(zip(names, map(float, row), strict=True))) for row in rows]
    assert [round(value, 1) for value in values] == [4.8, 4.3, 1.0]


def test_ice_is_an_average_and_value_by_effort_a_quotient() -> None:
    assert ICE.value({"impact_rating": 9, "confidence_rating": 6, "ease_rating": 3}) == pytest.approx(6)
    assert VALUE_EFFORT.value({"value": 8, "effort": 2}) == 4


def driver(name: str, source: str, weight: float, worst: float, best: float) -> Driver:
    return Driver(name, source, weight, worst, best)


WEIGHED = (
    driver("Customers", "reach", 3, 0, 1000),
    driver("Ease", "effort", 2, 12, 0),
    driver("Proof", "evidence_strength", 1, 0, 9),
)
ALL_METHODS: dict[str, Method] = {**METHODS, "weighted": weighted(WEIGHED)}


def _numbers(each: Input) -> st.SearchStrategy[float]:
    if each.levels:
        return st.sampled_from(each.levels)
    least = max(each.lowest, 0.01)
    return st.floats(least, min(each.highest, 1e4)).map(lambda value: max(least, round(value, 4)))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Method, tuple[Driver, ...], Point, Point]:
    """A method, the drivers it was made from, and two points of which the first scores higher."""
    name = draw(st.sampled_from(sorted(ALL_METHODS)))
    drivers: tuple[Driver, ...] = ()
    method = ALL_METHODS[name]
    if name == "weighted":
        weights = draw(st.lists(st.floats(0.1, 10), min_size=3, max_size=3))
        drivers = tuple(
            Driver(each.name, each.input, weight, each.worst, each.best)
            for each, weight in zip(WEIGHED, weights, strict=True)
        )
        method = weighted(drivers)
    one, two = (draw(st.fixed_dictionaries({each.name: _numbers(each) for each in method.inputs})) for _ in "ab")
    upper, lower = sorted((one, two), key=method.value, reverse=True)
    assume(method.value(upper) > method.value(lower))
    return method, drivers, upper, lower


@given(pairs())
def test_the_flip_really_flips(pair: tuple[Method, tuple[Driver, ...], Point, Point]) -> None:
    method, drivers, strong, weak = pair
    swap = turn(method, drivers, upper=("a", strong), lower=("b", weak))
    if swap is None:
        assert not any(_ends_turn(method, strong, weak, each) for each in method.inputs)
        return
    changed: dict[str | None, dict[str, float]] = {"a": dict(strong), "b": dict(weak)}
    if swap.changed is None:
        method = weighted([_reweighted(each, swap.input, swap.needed) for each in drivers])
    else:
        changed[swap.changed][swap.input] = swap.needed
        (bounds,) = [each for each in method.inputs if each.name == swap.input]
        assert bounds.holds(swap.needed)
        assert not bounds.levels or swap.needed in bounds.levels
    assert method.value(changed["b"]) > method.value(changed["a"])


def _ends_turn(method: Method, strong: Point, weak: Point, each: Input) -> bool:
    """Whether any single input, at an end of what it may be, turns the two."""
    ends = (each.lowest, each.highest)
    return any(
        method.value({**weak, each.name: end}) > method.value(strong)
        or method.value(weak) > method.value({**strong, each.name: end})
        for end in ends
    )


def _reweighted(each: Driver, name: str, weight: float) -> Driver:
    return Driver(each.name, each.input, weight if each.name == name else each.weight, each.worst, each.best)


@given(pairs())
def test_contributions_add_up_exactly(pair: tuple[Method, tuple[Driver, ...], Point, Point]) -> None:
    method, _, mine, middling = pair
    told = explain(method, given=mine, reference=middling)
    parts = [Decimal(repr(part)) for part in (told.reference_score, *told.contributions.values())]
    assert sum(parts) == Decimal(repr(told.score))
    largest = max(abs(float(part)) for part in parts)
    assert math.isclose(told.score, method.value(mine), rel_tol=1e-9, abs_tol=largest * 1e-11 + 1e-15)


def test_terms_share_as_the_whole_does() -> None:
    """Shapley values are linear: a method split into its terms is explained as one formula would be."""
    whole = Method("whole", "", WSJF.inputs, (type(WSJF.terms[0])(tuple(i.name for i in WSJF.inputs), WSJF.formula),))
    given_: dict[str, Any] = {"business_value": 8, "time_criticality": 3, "risk_reduction": 5, "job_size": 2}
    middle: dict[str, Any] = {"business_value": 3, "time_criticality": 5, "risk_reduction": 1, "job_size": 5}
    assert explain(WSJF, given=given_, reference=middle) == explain(whole, given=given_, reference=middle)


def test_a_weight_turns_two_requirements() -> None:
    drivers = [driver("Reach", "reach", 3, 0, 100), driver("Ease", "effort", 1, 10, 0)]
    wide: Point = {"reach": 80, "effort": 8}  # 3 x .8 + 1 x .2 = 2.6
    easy: Point = {"reach": 40, "effort": 1}  # 3 x .4 + 1 x .9 = 2.1
    swap = turn(weighted(drivers), drivers, upper=("wide", wide), lower=("easy", easy))
    assert swap is not None
    # Input by input: reach of wide must fall from 80 to 63.3 (21 %); the weight of Reach from 3 to 1.75 (42 %).
    assert (swap.changed, swap.input) == ("wide", "reach")
    assert swap.needed == pytest.approx(80 - 100 * 0.5 / 3)


def test_a_scale_is_what_the_candidates_span() -> None:
    narrow = scaled(driver("Ease", "effort", 1, 0, 0), [2, 8, 5], less_is_better=True)
    assert [narrow.attained(value) for value in (8, 5, 2)] == [0, 0.5, 1]
    flat = scaled(driver("Ease", "effort", 1, 0, 0), [3, 3], less_is_better=True)
    assert flat.attained(3) == 0


def test_a_weighing_needs_a_weight() -> None:
    with pytest.raises(ValueError, match="needs a weight"):
        weighted([driver("Reach", "reach", 0, 0, 1)])


def test_moscow_puts_musts_first_and_turns_by_whole_levels() -> None:
    levels = {"a": "should", "b": "must", "c": "wont"}
    candidates = {key: Candidate({"moscow": Range.exactly(MOSCOW_LEVELS[level])}) for key, level in levels.items()}
    ranking = rank(candidates, method=MOSCOW, seed=1, top=1)
    assert [place.key for place in ranking.places] == ["b", "a", "c"]
    (swap, _) = [place.swap for place in ranking.places if place.swap is not None]
    assert (swap.changed, swap.current, swap.needed) == ("b", 3, 1)


def test_kano_scores_what_it_gains_and_what_it_spares() -> None:
    assert KANO.value({"better": 0.5, "worse": 0.75, "importance": 0.5}) == 0.625
