"""Two rankings beside each other: every move is accounted for."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.requirements.domain.comparing import Kept, Ranked, compare
from services.requirements.domain.drivers import Driver, weighted
from services.requirements.domain.methods import VALUE_EFFORT
from services.requirements.domain.ranking import concordance, order, rank_correlation

points = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.fixed_dictionaries({"value": st.integers(0, 50).map(float), "effort": st.integers(1, 9).map(float)}),
    min_size=1,
)


def kept(given_: dict[str, dict[str, float]]) -> Kept:
    keys = order({key: VALUE_EFFORT.value(point) for key, point in given_.items()})
    return Kept("value_effort", (), [Ranked(key, place, given_[key]) for place, key in enumerate(keys, start=1)])


@given(points, points)
def test_every_move_adds_up(now: dict[str, dict[str, float]], then: dict[str, dict[str, float]]) -> None:
    moves = compare(kept(now), kept(then))
    assert {move.key for move in moves} == now.keys() | then.keys()
    for move in moves:
        if move.rank is None or move.earlier_rank is None:
            assert move.change is None
            continue
        gained = len(move.passed_by) + len(move.entered_above) - len(move.passed) - len(move.left_above)
        assert move.rank == move.earlier_rank + gained
        assert move.change is not None
        parts = [Decimal(repr(part)) for part in (move.change.reference_score, *move.change.contributions.values())]
        assert sum(parts) == Decimal(repr(move.change.score))


def test_another_weight_is_told_apart_from_another_value() -> None:
    def by(weight: float, reach: float) -> Kept:
        drivers = (Driver("Reach", "reach", weight, 0, 100), Driver("Ease", "effort", 1, 10, 0))
        return Kept("weighted", drivers, [Ranked("a", 1, {"reach": reach, "effort": 5})])

    (move,) = compare(by(3, 60), by(1, 40))
    assert move.change is not None
    told = move.change.contributions
    assert (told["Ease"], told["weight of Ease"]) == (0, (0.25 - 0.5) * 0.5)
    assert told["Reach"] == 0.125  # (0.6 - 0.4) * (0.75 + 0.5) / 2
    assert told["weight of Reach"] == 0.125  # (0.75 - 0.5) * (0.6 + 0.4) / 2
    later = weighted((Driver("Reach", "reach", 3, 0, 100), Driver("Ease", "effort", 1, 10, 0)))
    assert move.change.score == later.value({"reach": 60, "effort": 5})


def test_other_methods_are_compared_by_rank_alone() -> None:
    one = kept({"a": {"value": 1, "effort": 1}})
    (move,) = compare(Kept("rice", (), one.lines), one)
    assert (move.rank, move.earlier_rank, move.change) == (1, 1, None)


def test_concordance_is_one_among_the_like_minded_and_falls_with_dispute() -> None:
    assert concordance([[3, 2, 1], [30, 20, 10]]) == 1
    assert concordance([[3, 2, 1], [1, 2, 3]]) == 0
    assert concordance([[3, 2, 1]]) is None
    assert concordance([[1, 1], [1, 1]]) is None


def test_concordance_as_published() -> None:
    """Four people rank strawberries of eight farms: influentialpoints.com/Training/coefficient_of_concordance.htm."""
    ranks = [[8, 4, 2, 3, 5, 1, 6, 7], [7, 3, 1, 4, 5, 2, 6, 8], [8, 2, 5, 6, 7, 1, 4, 3], [8, 3, 4, 2, 5, 1, 6, 7]]
    told = concordance([[-rank for rank in each] for each in ranks])
    assert told is not None
    assert round(told, 3) == 0.744


def test_concordance_by_hand() -> None:
    """Sums of ranks 15, 11, 10, 19, 12, 17 about 14: S = 64, W = 12 x 64 / (16 x 210)."""
    ranks = [[5, 4, 1, 6, 3, 2], [2, 3, 1, 5, 6, 4], [4, 1, 6, 3, 2, 5], [4, 3, 2, 5, 1, 6]]
    told = concordance([[-rank for rank in each] for each in ranks])
    assert told is not None
    assert round(told, 3) == 0.229


def test_rank_correlation() -> None:
    assert rank_correlation([3, 2, 1], [9, 4, 1]) == 1
    assert rank_correlation([1, 1], [1, 2]) is None
