"""Are change points where people see them? The Turing Change Point Dataset, scored as its authors do.

Covering and F1 (margin 5) against several annotators: G. J. J. van den Burg, C. K. I. Williams, An evaluation of change
point detection algorithms, arXiv 2003.06222 (2020). The univariate series are read from `FULLCIRCLE_DATA/metrics/tcpd`;
missing figures are gaps. The constants of the model were chosen among round numbers on these very series, so the
figures say how well one default fits many kinds of series, not how well it would do on unseen ones.

    FULLCIRCLE_DATA=... python -m benchmarks.metrics_change_points
"""

import json
import os
import sys
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import mean
from time import process_time

import numpy as np

from benchmarks.report import Figure, exit_code, report
from services.metrics.domain.change_points import find_changes

MARGIN = 5


def stretches(cuts: Iterable[int], size: int) -> list[tuple[int, int]]:
    return list(pairwise([0, *sorted({cut for cut in cuts if 0 < cut < size}), size]))


def overlap(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Jaccard's index of two stretches."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return max(0, shared) / (max(one[1], other[1]) - min(one[0], other[0]))


def covering(seen: Collection[Sequence[int]], found: Sequence[int], size: int) -> float:
    """How well the found stretches cover those that each annotator saw; the mean over annotators."""
    ours = stretches(found, size)
    return mean(
        sum((end - begin) * max(overlap((begin, end), each) for each in ours) for begin, end in stretches(cuts, size))
        / size
        for cuts in seen
    )


def f1(seen: Collection[Sequence[int]], found: Sequence[int]) -> float:
    """Precision against what anybody saw, recall against each annotator; the start counts as a change everywhere."""
    ours, theirs = {0, *found}, [{0, *cuts} for cuts in seen]
    precision = _hits(set().union(*theirs), ours) / len(ours)
    recall = mean(_hits(cuts, ours) / len(cuts) for cuts in theirs)
    return 2 * precision * recall / (precision + recall)


def _hits(true: set[int], found: set[int]) -> int:
    left = set(found)
    for cut in sorted(true):
        near = [each for each in left if abs(each - cut) <= MARGIN]
        if near:
            left.remove(min(near, key=lambda each: (abs(each - cut), each)))
    return len(found) - len(left)


def main() -> int:
    folder = Path(os.environ["FULLCIRCLE_DATA"]) / "metrics" / "tcpd"
    seen = json.loads((folder / "annotations.json").read_text())
    covers, scores, began, rows = [], [], process_time(), 0
    for path in sorted(folder.glob("*.json")):
        if path.stem == "annotations":
            continue
        series = json.loads(path.read_text())
        values = np.array([np.nan if each is None else each for each in series["series"][0]["raw"]], dtype=float)
        found = [each.row for each in find_changes(values)]
        annotators = list(seen[series["name"]].values())
        covers.append(covering(annotators, found, len(values)))
        scores.append(f1(annotators, found))
        rows += len(values)
    spent = process_time() - began
    return exit_code(
        [
            report(Figure("tcpd_series", len(covers))),
            report(Figure("tcpd_cover", mean(covers), at_least=0.68)),
            report(Figure("tcpd_f1", mean(scores), at_least=0.71)),
            report(Figure("tcpd_cpu_ms_per_series", 1000 * spent / len(covers))),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
