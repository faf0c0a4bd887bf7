"""Experts' ranges together: within what they said, and never surer than the least sure of the aspects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requirements.domain.feasibility import Aspect, combined, opinion_pool, pert_mean, risk_adjusted
from services.requirements.domain.scoring import Range

ranges = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(lambda three: Range(*sorted(three)))


@given(st.lists(ranges, min_size=1, max_size=6))
def test_the_pool_lies_within_what_was_said(said: list[Range]) -> None:
    pool = opinion_pool(said)
    assert pool.low - 1e-12 <= pool.mean <= pool.high + 1e-12
    assert min(map(pert_mean, said)) - 1e-12 <= pool.mean <= max(map(pert_mean, said)) + 1e-12


@given(st.dictionaries(st.sampled_from(Aspect), st.lists(ranges, min_size=1, max_size=3), min_size=1))
def test_all_aspects_together_are_no_surer_than_the_least(said: dict[Aspect, list[Range]]) -> None:
    found = combined(said)
    assert found is not None
    assert found.together.mean <= min(chance.mean for chance in found.aspects.values()) + 1e-12


def test_by_hand() -> None:
    """(0.2 + 4 x 0.5 + 0.8) / 6 = 0.5; with an expert who is sure of 0.7: 0.6."""
    assert opinion_pool([Range(0.2, 0.5, 0.8), Range.exactly(0.7)]).mean == pytest.approx(0.6)
    assert combined({}) is None


def test_what_nobody_judged_counts_as_certain() -> None:
    half = combined({Aspect.LEGAL: [Range.exactly(0.5)]})
    adjusted = risk_adjusted({"a": (10.0, half), "b": (6.0, None)})
    assert (adjusted["a"].score, adjusted["a"].rank, adjusted["b"].score, adjusted["b"].rank) == (5.0, 2, None, 1)
