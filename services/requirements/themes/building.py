"""The heavy part of building themes; runs in a child process, reads vectors from a file and never all at once."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from services.requirements.domain.clustering import find_clusters, find_families
from services.requirements.domain.groups import Grouping, Label
from services.requirements.domain.labelling import label_themes
from services.requirements.language.model import DIMENSIONS


def group(path: Path, _report: object) -> Grouping:
    """Groups the float16 vectors that were written one after another to `path`."""
    vectors = np.memmap(path, dtype="<f2", mode="r").reshape(-1, DIMENSIONS)
    clusters = find_clusters(vectors)
    return Grouping(
        labels=clusters.labels.tolist(),
        cosines=clusters.cosines.tolist(),
        centres=[centre.astype("<f2").tobytes() for centre in clusters.centres],
        families=find_families(clusters.centres),
    )


def name(themes: Sequence[Sequence[str]], _report: object) -> list[Label]:
    """Names for themes, given some of their members' texts, the most central first."""
    return label_themes(themes)
