"""What a team may answer when it is asked for something, and what it may say later."""

from collections.abc import Mapping
from typing import Final, Literal

CommitmentStatus = Literal["asked", "accepted", "at_risk", "declined", "done", "withdrawn"]
Answer = Literal["accept", "flag_risk", "decline", "complete", "withdraw"]
Health = Literal["on_track", "at_risk", "off_track"]

LEADS_TO: Final[Mapping[Answer, CommitmentStatus]] = {
    "accept": "accepted",
    "flag_risk": "at_risk",
    "decline": "declined",
    "complete": "done",
    "withdraw": "withdrawn",
}
POSSIBLE: Final[Mapping[CommitmentStatus, frozenset[Answer]]] = {
    "asked": frozenset({"accept", "flag_risk", "decline", "complete", "withdraw"}),
    "accepted": frozenset({"flag_risk", "decline", "complete", "withdraw"}),
    # At risk again, for another reason or another day, is news as well.
    "at_risk": frozenset({"accept", "flag_risk", "decline", "complete", "withdraw"}),
    "declined": frozenset({"accept", "flag_risk", "withdraw"}),
    "done": frozenset(),
    "withdrawn": frozenset(),
}
OPEN: Final[frozenset[CommitmentStatus]] = frozenset({"asked", "accepted", "at_risk"})
REASONED: Final[frozenset[Answer]] = frozenset({"flag_risk", "decline"})


class AnswerRefused(Exception):
    """An answer that cannot follow on what was said before, or that lacks its reason."""


def answered(status: CommitmentStatus, answer: Answer, *, reason: str | None) -> CommitmentStatus:
    """The status after the answer. Raises AnswerRefused."""
    if answer not in POSSIBLE[status]:
        allowed = ", ".join(sorted(POSSIBLE[status])) or "none"
        raise AnswerRefused(f"A commitment that is {status} cannot be answered with {answer}; it can with: {allowed}.")
    if answer in REASONED and not reason:
        raise AnswerRefused(f"Say why: {answer} needs a reason.")
    return LEADS_TO[answer]


def answer_of(health: Health, status: CommitmentStatus) -> Answer | None:
    """What a check-in says of the commitment that it is about, if that is news."""
    if status not in OPEN:
        return None
    if health == "on_track":
        return "accept" if status != "accepted" else None
    return "flag_risk" if status != "at_risk" else None
