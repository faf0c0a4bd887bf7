"""Themes as dense regions of meaning, their number not given; scikit-learn, so for a child process only."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import HDBSCAN, AgglomerativeClustering
from sklearn.decomposition import PCA

from services.requirements.domain.similarity import Vectors, nearest, normalised

Labels = NDArray[np.intp]

SAMPLE = 20_000
"""HDBSCAN's time grows with the square of the items (10,000: 7 s on one core): beyond this many it sees a sample."""
AXES = 50
SMALLEST_WORKSPACE = 8
NOISE = -1
RELATED = 0.65
"""Themes whose centres have this cosine on the average stand under one heading."""


@dataclass(frozen=True)
class Clusters:
    """A label for each item, how near it is to its theme (cosine), and the themes' centres."""

    labels: Labels
    cosines: Vectors
    centres: Vectors


def smallest_theme(count: int) -> int:
    """How many items make a theme: a fifth of the root of all, at least 4.

    It grows with the material, so that a hundred thousand items do not fall into thousands of themes.
    """
    return max(4, round(math.sqrt(count) / 5))


def find_clusters(vectors: Vectors, *, seed: int = 0) -> Clusters:
    """Groups normalised vectors, shape (n, d): PCA to 50 axes, HDBSCAN, then each item to its nearest centre.

    Too little material gives no clusters at all, rather than a made-up one. `vectors` may be a memory map of
    float16: it is read in blocks.

    Source: Campello, Moulavi and Sander, Density-based clustering based on hierarchical density estimates, 2013.
    """
    sample = _sample(len(vectors), seed=seed)
    seen = np.asarray(vectors[sample], dtype=np.float32)
    cores = _dense_regions(seen, seed=seed)
    count = int(cores.max(initial=NOISE)) + 1
    if count == 0:
        nothing = np.full(len(vectors), NOISE, dtype=np.intp)
        return Clusters(nothing, np.zeros(len(vectors), np.float32), np.zeros((0, vectors.shape[1]), np.float32))
    centres = normalised(np.stack([seen[cores == label].mean(axis=0) for label in range(count)]))
    labels, cosines = nearest(vectors, centres)
    labels[sample] = np.where(cores == NOISE, labels[sample], cores)
    return Clusters(labels, cosines, centres)


def find_families(centres: Vectors) -> list[int | None]:
    """Which themes are alike, by their normalised centres, shape (n, d): a family for each, None for one that is alone.

    Average linkage on the cosine, cut at `RELATED`.

    Source: Sokal and Michener, A statistical method for evaluating systematic relationships, 1958.
    """
    if len(centres) < 2:
        return [None] * len(centres)
    search = AgglomerativeClustering(None, metric="cosine", linkage="average", distance_threshold=1 - RELATED)
    found = search.fit_predict(np.asarray(centres, dtype=np.float64))
    sizes = np.bincount(found)
    return [int(family) if sizes[family] > 1 else None for family in found]


def _sample(count: int, *, seed: int) -> NDArray[np.intp]:
    if count <= SAMPLE:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, SAMPLE, replace=False))


def _dense_regions(seen: Vectors, *, seed: int) -> Labels:
    if len(seen) < SMALLEST_WORKSPACE:
        return np.full(len(seen), NOISE, dtype=np.intp)
    axes = min(AXES, len(seen) - 1, seen.shape[1])
    reduced = normalised(PCA(axes, random_state=seed).fit_transform(seen))
    search = HDBSCAN(
        min_cluster_size=smallest_theme(len(seen)), min_samples=4, cluster_selection_method="leaf", n_jobs=1, copy=False
    )
    return np.asarray(search.fit_predict(reduced), dtype=np.intp)
