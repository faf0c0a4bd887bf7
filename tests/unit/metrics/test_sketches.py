import numpy as np
import pytest
from ddsketch import DDSketch
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.domain.pseudonyms import pseudonym
from services.metrics.domain.sketches import (
    DISTINCT_BOUND,
    PERCENTILE_BOUND,
    Question,
    distinct_count,
    distinct_sketch,
    percentile,
    percentile_sketch,
    sketch_all,
)

figures = st.lists(st.floats(-1e15, 1e15).map(lambda figure: round(figure, 6)), min_size=1, max_size=60)


@given(figures, st.sampled_from([0.0, 0.5, 0.9, 0.99, 1.0]))
def test_percentiles_are_those_of_the_library(numbers, share):
    theirs = DDSketch(PERCENTILE_BOUND)
    for number in numbers:
        theirs.add(number)
    assert percentile([percentile_sketch(numbers)], share) == pytest.approx(theirs.get_quantile_value(share), rel=1e-9)


@given(figures, st.integers(0, 60))
def test_merged_percentiles_are_those_of_everything(numbers, cut):
    parts = [percentile_sketch(numbers[:cut]), percentile_sketch(numbers[cut:])]
    assert percentile(parts, 0.9) == percentile([percentile_sketch(numbers)], 0.9)


def test_percentiles_keep_within_their_bound():
    numbers = np.random.default_rng(1).lognormal(3, 2, 50_000)
    sketches = sketch_all(Question("percentile", np.array_split(numbers, 30)))
    for share in (0.01, 0.5, 0.95, 0.99):
        exact = np.quantile(numbers, share, method="lower")
        assert percentile(sketches, share) == pytest.approx(exact, rel=PERCENTILE_BOUND * 1.0001)


def test_without_figures_there_is_no_percentile():
    assert percentile([], 0.5) is None
    assert percentile([percentile_sketch([])], 0.5) is None


@pytest.mark.parametrize("count", [1, 50, 5_000, 60_000])
def test_distinct_counts_keep_within_their_bound(count):
    subjects = [pseudonym(str(number), workspace=bytes(16), secret=b"secret") for number in range(count)]
    sketches = [distinct_sketch(subjects[: count // 2 + 1]), distinct_sketch(subjects[count // 3 :])]
    assert distinct_count(sketches) == pytest.approx(count, rel=DISTINCT_BOUND)


def test_the_same_name_is_another_number_elsewhere():
    here, there = (pseudonym("ada", workspace=bytes([place] * 16), secret=b"secret") for place in (1, 2))
    assert here == pseudonym("ada", workspace=bytes([1] * 16), secret=b"secret")
    assert len({here, there, pseudonym("ada", workspace=bytes([1] * 16), secret=b"other")}) == 3
