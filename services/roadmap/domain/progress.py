"""How far an objective is, from where its key results began, stand and should end."""

from collections.abc import Sequence


def key_result_progress(*, start: float, target: float, current: float | None) -> float | None:
    """(current - start) / (target - start), held within 0 and 1; None while nothing was measured."""
    if current is None:
        return None
    return min(1.0, max(0.0, (current - start) / (target - start)))


def objective_progress(weighted: Sequence[tuple[float, float | None]]) -> float | None:
    """The weighted mean of the key results' progress. What is not measured yet counts as 0; nothing measured: None."""
    if all(progress is None for _, progress in weighted):
        return None
    return sum(weight * (progress or 0.0) for weight, progress in weighted) / sum(weight for weight, _ in weighted)
