"""Themes on real words: BANKING77 with its 77 intents unknown, and 10,000 app reviews to be read by a person.

    FULLCIRCLE_DATA=/path/to/data python -m benchmarks.requirements_themes [--show]

Protocol: every question of BANKING77 (train and test, 13,083) and its test part alone (3,080) are embedded, grouped and
every item assigned; AMI and ARI are taken against the intents, which the grouping never sees. `--show` prints the
themes of the reviews with their quotes: would a product manager recognise them?
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from benchmarks.report import Figure
from services.requirements.domain.clustering import Clusters, find_clusters
from services.requirements.domain.labelling import label_themes
from services.requirements.domain.similarity import Vectors
from services.requirements.language.embedder import embedder

MANY = 100_000
LABELLED_BY = 200


def read(name: str) -> list[dict[str, str]]:
    """The rows of one file of the data set; ends the program with advice when it is not there."""
    root = os.environ.get("FULLCIRCLE_DATA")
    if not root or not (path := Path(root) / "feedback" / name).is_file():
        sys.exit("Set FULLCIRCLE_DATA to the folder with feedback/banking_train.jsonl and its siblings.")
    return [json.loads(line) for line in path.read_text().splitlines()]


def timed(work: Callable[[], Clusters]) -> tuple[Clusters, float]:
    start = time.process_time()
    return work(), time.process_time() - start


def banking(name: str, rows: Sequence[dict[str, str]], vectors: Vectors) -> list[Figure]:
    """How well the themes agree with the intents."""
    clusters, seconds = timed(lambda: find_clusters(vectors))
    intents = [row["label"] for row in rows]
    return [
        Figure(f"{name}_themes", len(clusters.centres)),
        Figure(f"{name}_ami", adjusted_mutual_info_score(intents, clusters.labels), at_least=0.70),
        Figure(f"{name}_ari", adjusted_rand_score(intents, clusters.labels), at_least=0.43),
        Figure(f"{name}_grouping_cpu_s", seconds),
    ]


def many(vectors: Vectors) -> list[Figure]:
    """Time at 100,000 items: mixtures of real vectors, for no such corpus is at hand."""
    chance = np.random.default_rng(0)
    share = chance.uniform(0.6, 1, MANY).astype(np.float32)[:, None]
    one, two = (vectors[chance.integers(0, len(vectors), MANY)] for _ in range(2))
    mixed = share * one + (1 - share) * two
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    clusters, seconds = timed(lambda: find_clusters(mixed.astype(np.float16)))
    return [Figure("many_themes", len(clusters.centres)), Figure("many_grouping_cpu_s", seconds)]


def show(texts: Sequence[str], clusters: Clusters) -> None:
    """Each theme with its size, words and quote, the largest first."""
    members = []
    for theme in range(len(clusters.centres)):
        places = np.flatnonzero(clusters.labels == theme)
        members.append([texts[place] for place in places[np.argsort(-clusters.cosines[places])]])
    labels = label_themes([texts[:LABELLED_BY] for texts in members])
    for label, quotes in sorted(zip(labels, members, strict=True), key=lambda pair: -len(pair[1])):
        print(f"# {len(quotes):5d}  {', '.join(label.words):50s}  {quotes[label.spokesman][:110]!r}")


def main() -> None:
    train, test, reviews = (read(f"{name}.jsonl") for name in ("banking_train", "banking_test", "is22_reviews"))
    start = time.process_time()
    known, asked = (embedder().embed([row["text"] for row in rows]) for rows in (train, test))
    figures = [
        Figure("embed_short_texts_per_cpu_s", (len(train) + len(test)) / (time.process_time() - start), at_least=80)
    ]
    figures += banking("banking77", [*train, *test], np.concatenate([known, asked]))
    figures += banking("banking77_test", test, asked)
    texts = [row["text"] for row in reviews]
    said = embedder().embed(texts)
    clusters, seconds = timed(lambda: find_clusters(said))
    figures += [Figure("reviews_themes", len(clusters.centres)), Figure("reviews_grouping_cpu_s", seconds)]
    figures += many(said)
    for figure in figures:
        print(figure.line())
    if "--show" in sys.argv:
        show(texts, clusters)


if __name__ == "__main__":
    main()
