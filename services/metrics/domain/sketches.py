"""Distinct counts and percentiles in little room: sketches that can be merged, with a bound on their error.

HyperLogLog (Flajolet and others, AofA 2007) as Apache DataSketches has it, with 2^14 registers; DDSketch (Masson, Rim
and Lee, VLDB 12, 2019) with a relative accuracy of half a percent: the bins are the library's, their counts are kept as
arrays, for the library's own stores are merged bin by bin in Python.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

REGISTERS_LOG2 = 14
# Three standard errors of 1.04 / sqrt(2^14): what 997 of 1,000 estimates keep within.
DISTINCT_BOUND = 3 * 1.04 / 2 ** (REGISTERS_LOG2 / 2)
PERCENTILE_BOUND = 0.005
# Beyond the bin of any double, so that a bin and its sign are one number that sorts as the figures do; 0 is zero.
SIGNED = 1_000_000


@dataclass(frozen=True)
class Question:
    """Sets of what is to be sketched: subjects to be counted once each, or figures."""

    kind: str
    sets: Sequence[Sequence[float]]


def sketch_all(question: Question, _report: Any = None) -> list[bytes]:
    """A sketch of each set; for a child process."""
    sketch = distinct_sketch if question.kind == "distinct" else percentile_sketch
    return [sketch(each) for each in question.sets]


def distinct_sketch(subjects: Iterable[float]) -> bytes:
    """HyperLogLog of these subjects, which are 64-bit hashes."""
    from datasketches import hll_sketch  # noqa: PLC0415 -- a tenth of a second that few processes need

    sketch = hll_sketch(REGISTERS_LOG2)
    for subject in subjects:
        sketch.update(int(subject))
    return bytes(sketch.serialize_compact())


def distinct_count(sketches: Iterable[bytes]) -> float:
    """How many different subjects there are in all of these."""
    from datasketches import hll_sketch, hll_union  # noqa: PLC0415 -- as above

    union = hll_union(REGISTERS_LOG2)
    for sketch in sketches:
        union.update(hll_sketch.deserialize(sketch))
    return float(union.get_estimate())


def percentile_sketch(figures: Sequence[float]) -> bytes:
    """DDSketch of these figures: each bin that is not empty, and how many figures it holds."""
    numbers = np.asarray(figures, dtype=float)
    sizes = np.abs(numbers)
    bins = np.zeros(len(numbers))
    np.log(sizes, out=bins, where=sizes > 0)
    bins = np.ceil(bins / np.log(_mapping().gamma))
    keys = (np.sign(numbers) * (bins + SIGNED)).astype(np.int64)
    return np.stack(np.unique(keys, return_counts=True)).astype("<i8").tobytes()


def percentile(sketches: Iterable[bytes], share: float) -> float | None:
    """The figure below which this share of all figures lies; None without any."""
    read = [np.frombuffer(each, dtype="<i8").reshape(2, -1) for each in sketches]
    if not any(each.size for each in read):
        return None
    keys, places = np.unique(np.concatenate([each[0] for each in read]), return_inverse=True)
    counts = np.bincount(places, weights=np.concatenate([each[1] for each in read])).cumsum()
    rank = share * (counts[-1] - 1)
    key = int(keys[np.searchsorted(counts, rank, side="right")])
    return 0.0 if key == 0 else float(np.sign(key) * _mapping().value(abs(key) - SIGNED))


def merged_distinct(one: bytes, other: bytes) -> bytes:
    """The sketch of all subjects of both."""
    from datasketches import hll_sketch, hll_union  # noqa: PLC0415 -- as above

    union = hll_union(REGISTERS_LOG2)
    for sketch in (one, other):
        union.update(hll_sketch.deserialize(sketch))
    return bytes(union.get_result().serialize_compact())


def merged_percentile(one: bytes, other: bytes) -> bytes:
    """The sketch of all figures of both."""
    both = np.concatenate([np.frombuffer(each, dtype="<i8").reshape(2, -1) for each in (one, other)], axis=1)
    keys, places = np.unique(both[0], return_inverse=True)
    counts = np.zeros(len(keys), dtype="<i8")
    np.add.at(counts, places, both[1])
    return np.stack((keys, counts)).astype("<i8").tobytes()


MERGES: Mapping[str, Callable[[bytes, bytes], bytes]] = {
    "distinct": merged_distinct,
    "percentile": merged_percentile,
}


def _mapping() -> Any:
    from ddsketch import LogarithmicMapping  # noqa: PLC0415 -- as above

    return LogarithmicMapping(PERCENTILE_BOUND)
