"""Change points: against every possible cut of small series, and on plain worlds."""

from itertools import combinations, pairwise
from math import exp, log

import numpy as np
import pytest

from services.metrics.domain.change_points import CHANGE, NEAR, SHORTEST_SEGMENT, _evidence, find_changes


def noise(seed: int, size: int = 180) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, size)


@pytest.mark.parametrize("seed", range(6))
def test_the_cut_and_its_probability_are_those_of_trying_all(seed: int) -> None:
    values = noise(seed, 9) + np.where(np.arange(9) >= 5, 4, 0)
    evidence = _evidence((values - values.mean()) / values.std())
    worth: dict[tuple[int, ...], float] = {}
    for count in range(4):
        for cuts in combinations(range(1, 9), count):
            edges = (0, *cuts, 9)
            lengths = np.diff(edges)
            if lengths.min() >= SHORTEST_SEGMENT:
                worth[cuts] = count * log(CHANGE) + sum(evidence[a, b] for a, b in pairwise(edges))
    best = max(worth, key=lambda cuts: worth[cuts])
    found = find_changes(values)
    assert tuple(each.row for each in found) == best
    everything = sum(map(exp, worth.values()))
    for each in found:
        near = range(max(1, each.row - NEAR), each.row + NEAR + 1)
        expected = sum(exp(value) * sum(cut in near for cut in cuts) for cuts, value in worth.items()) / everything
        assert each.probability == pytest.approx(min(1, expected))


def test_a_new_level_is_found_where_it_begins() -> None:
    values = noise(1)
    values[90:] += 4
    (found,) = find_changes(values)
    assert abs(found.row - 90) <= 1
    assert found.probability > 0.9
    assert (found.before, found.after) == (pytest.approx(0, abs=0.3), pytest.approx(4, abs=0.3))


def test_a_season_is_not_a_change_and_hides_none() -> None:
    week = 10 * np.sin(2 * np.pi * np.arange(280) / 7)
    assert find_changes(noise(2, 280) + week, season=7) == []
    values = noise(2, 280) + week
    values[140:] += 3
    (found,) = find_changes(values, season=7)
    assert abs(found.row - 140) <= 3


def test_noise_alone_is_seldom_cut() -> None:
    assert sum(find_changes(noise(seed)) != [] for seed in range(40)) <= 2


def test_gaps_short_and_constant_series_say_nothing_wrong() -> None:
    values = noise(3)
    values[90:] += 5
    values[[0, 40, 95]] = np.nan
    (found,) = find_changes(values)
    assert abs(found.row - 90) <= 1
    assert find_changes(np.full(50, 7.0)) == []
    assert find_changes(np.array([1.0, np.nan, 2.0])) == []
