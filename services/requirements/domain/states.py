"""The life of a requirement: from an idea to a measured outcome."""

from collections.abc import Mapping
from enum import StrEnum


class RequirementStatus(StrEnum):
    DRAFT = "draft"
    CANDIDATE = "candidate"
    COMMITTED = "committed"
    IN_PROGRESS = "in_progress"
    SHIPPED = "shipped"
    MEASURED = "measured"
    DECLINED = "declined"


class TransitionRefused(ValueError):
    """The status machine has no such step, or the step lacks its reason."""


_S = RequirementStatus

STEPS: Mapping[RequirementStatus, frozenset[RequirementStatus]] = {
    _S.DRAFT: frozenset({_S.CANDIDATE, _S.DECLINED}),
    _S.CANDIDATE: frozenset({_S.DRAFT, _S.COMMITTED, _S.DECLINED}),
    _S.COMMITTED: frozenset({_S.CANDIDATE, _S.IN_PROGRESS, _S.SHIPPED, _S.DECLINED}),
    _S.IN_PROGRESS: frozenset({_S.COMMITTED, _S.SHIPPED, _S.DECLINED}),
    _S.SHIPPED: frozenset({_S.IN_PROGRESS, _S.MEASURED}),
    _S.MEASURED: frozenset({_S.IN_PROGRESS}),
    _S.DECLINED: frozenset({_S.CANDIDATE}),
}

FORWARD = (_S.DRAFT, _S.CANDIDATE, _S.COMMITTED, _S.IN_PROGRESS, _S.SHIPPED, _S.MEASURED)
NEEDS_REASON = frozenset({_S.DECLINED})


def check_step(current: RequirementStatus, target: RequirementStatus, *, reason: str | None) -> None:
    """Raises TransitionRefused unless a person may take this step now."""
    if target not in STEPS[current]:
        allowed = ", ".join(sorted(STEPS[current]))
        raise TransitionRefused(f"from {current} a requirement can become: {allowed}")
    if target in NEEDS_REASON and not (reason and reason.strip()):
        raise TransitionRefused(f"say why it becomes {target}")


def advanced(current: RequirementStatus, reached: RequirementStatus) -> RequirementStatus:
    """The status after the plan or a measurement reports `reached`: it moves work forward, never back.

    A shipped feature overrules a declined requirement: what is in the customers' hands cannot be declined.
    """
    if current is _S.DECLINED:
        return reached if reached in {_S.SHIPPED, _S.MEASURED} else current
    return max(current, reached, key=FORWARD.index)
