"""The way of something from one team to another."""

from collections.abc import Mapping
from typing import Final, Literal

HandoffStatus = Literal["planned", "handed_over", "received", "returned", "cancelled"]

STEPS: Final[Mapping[HandoffStatus, frozenset[HandoffStatus]]] = {
    "planned": frozenset({"handed_over", "received", "cancelled"}),
    # What does not suffice goes back, and is handed over again.
    "handed_over": frozenset({"received", "returned", "cancelled"}),
    "returned": frozenset({"handed_over", "cancelled"}),
    "received": frozenset({"returned"}),
    "cancelled": frozenset(),
}
OPEN: Final[frozenset[HandoffStatus]] = frozenset({"planned", "handed_over", "returned"})
REASONED: Final[frozenset[HandoffStatus]] = frozenset({"returned", "cancelled"})


class StepRefused(Exception):
    """A step that the way of a hand-off does not have, or that lacks its reason."""


def require_step(status: HandoffStatus, to: HandoffStatus, *, reason: str | None) -> None:
    """Raises StepRefused."""
    if to not in STEPS[status]:
        allowed = ", ".join(sorted(STEPS[status])) or "none"
        raise StepRefused(f"A hand-off that is {status} cannot become {to}; it can become: {allowed}.")
    if to in REASONED and not reason:
        raise StepRefused(f"Say why it is {to}.")
