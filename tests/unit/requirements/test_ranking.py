"""Order, how firm it is, and the least change that turns it."""

import numpy as np
from hypothesis import strategies as st

from services.requirements.domain.methods import RICE
from services.requirements.domain.ranking import drawn_ranks, order, smallest_swap, stability, standings

positive_inputs = st.fixed_dictionaries(
    {
        "reach": st.floats(1, 1e5),
        "impact": st.floats(0.25, 3),
        "confidence": st.floats(0.1, 1),
        "effort": st.floats(0.25, 100),
    }
)


def test_equal_scores_stand_by_key() -> None:
    assert order({"b": 1.0, "a": 1.0, "c": 2.0}) == ["c", "a", "b"]


def test_ranks_within_each_draw() -> None:
    ranks = drawn_ranks([np.array([3.0, 1.0]), np.array([2.0, 2.0]), np.array([2.0, 3.0])])
    assert ranks.tolist() == [[1, 3], [2, 2], [3, 1]]


def test_standings_tell_how_sure_a_rank_is() -> None:
    first, second = standings(drawn_ranks([np.array([3.0, 3, 3, 1]), np.array([2.0, 2, 2, 2])]), tops=(1, 2))
    assert (first.rank, first.p_rank, dict(first.p_top)) == (1, 0.75, {1: 0.75, 2: 1.0})
    assert (second.rank, second.p_rank, dict(second.p_top)) == (2, 0.75, {1: 0.25, 2: 1.0})


def test_stability_is_one_when_nothing_moves_and_minus_one_when_all_is_reversed() -> None:
    steady = np.array([[1, 1], [2, 2], [3, 3]])
    assert stability(steady) == 1.0
    assert stability(steady[::-1]) == -1.0
    assert stability(steady[:1]) == 1.0


def test_the_swap_is_the_smallest() -> None:
    strong = {"reach": 200.0, "impact": 1.0, "confidence": 1.0, "effort": 1.0}
    weak = {"reach": 100.0, "impact": 1.0, "confidence": 1.0, "effort": 1.0}
    swap = smallest_swap(RICE, upper=("a", strong), lower=("b", weak))
    assert swap is not None
    assert (swap.changed, swap.input, round(swap.relative_change, 9)) == ("a", "confidence", 0.5)


def test_no_swap_when_no_single_input_can() -> None:
    nothing = {"reach": 0.0, "impact": 0.0, "confidence": 0.0, "effort": 1.0}
    assert smallest_swap(RICE, upper=("a", nothing), lower=("b", nothing)) is None
