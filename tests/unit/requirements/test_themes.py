"""Themes: found without a number given, named by their words, the same after a rebuild."""

import numpy as np
from numpy.typing import NDArray

from services.requirements.domain.clustering import find_clusters, find_families
from services.requirements.domain.labelling import label_themes
from services.requirements.domain.lineage import inherit
from services.requirements.domain.similarity import nearest, normalised

Groups = NDArray[np.float32]


def groups(count: int, *, each: int, seed: int = 0) -> Groups:
    """Normalised vectors scattered around `count` directions."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(count, 384))
    return normalised(np.repeat(centres, each, axis=0) + chance.normal(scale=0.3, size=(count * each, 384)))


def test_groups_are_found_and_nothing_is_left_over() -> None:
    clusters = find_clusters(groups(6, each=40))
    truth = np.repeat(np.arange(6), 40)
    assert len(clusters.centres) == 6
    assert {len(set(clusters.labels[truth == one])) for one in range(6)} == {1}
    assert clusters.cosines.min() > 0.5


def test_a_handful_of_items_makes_no_theme() -> None:
    clusters = find_clusters(groups(1, each=5))
    assert (clusters.labels.tolist(), len(clusters.centres)) == ([-1] * 5, 0)


def test_nearest_works_in_blocks() -> None:
    vectors = groups(3, each=10)
    chosen, cosines = nearest(vectors, vectors[::10], block=7)
    assert chosen.tolist() == [0] * 10 + [1] * 10 + [2] * 10
    assert np.allclose(cosines[::10], 1, atol=1e-6)


def test_labels_are_the_words_that_set_a_theme_apart() -> None:
    labels = label_themes(
        [
            ["The export to csv fails every Monday", "csv export fails", "Our export fails again"],
            ["Dark mode please, my eyes hurt", "We want dark mode", "dark mode at night"],
        ]
    )
    assert "export" in " ".join(labels[0].words[:2])
    assert labels[1].words[0] == "dark mode"
    assert labels[0].spokesman == 0


def test_texts_without_words_get_a_quote_and_no_label() -> None:
    assert label_themes([["!!", "??"], ["a", "the"]])[0].words == ()


def test_a_theme_keeps_its_name_by_overlap() -> None:
    before_and_after = [("a", 1)] * 9 + [("b", 1)] * 2 + [("b", 0)] * 5 + [(None, 0)] * 3 + [("a", 2)] + [(None, 2)] * 9
    assert inherit(before_and_after) == {1: "a", 0: "b"}


def test_families_are_of_centres_that_are_alike() -> None:
    """Two pairs at a cosine of .8 and of .6, and one that nothing is like: only the first pair is a family."""
    centres = np.zeros((5, 6), np.float32)
    for place, (axes, values) in enumerate(
        [((0,), (1,)), ((0, 1), (0.8, 0.6)), ((2,), (1,)), ((2, 3), (0.6, 0.8)), ((5,), (1,))]
    ):
        centres[place, list(axes)] = values
    first, second, *others = find_families(centres)
    assert first is not None
    assert first == second
    assert others == [None, None, None]
    assert find_families(centres[:1]) == [None]
    assert find_families(centres[:0]) == []
