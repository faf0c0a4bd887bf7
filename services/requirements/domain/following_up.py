"""Who is told what of the things they asked for, and in which words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

FOLLOW_UP = "follow_up"
MOST_ATTEMPTS = 8
FIRST_WAIT_S = 30.0
LONGEST_QUOTE = 1_000


class FollowUpEvent(StrEnum):
    """What people are told of."""

    SHIPPED = "shipped"
    DECLINED = "declined"
    MEASURED = "measured"


class FollowUpState(StrEnum):
    """`waiting` until it is one of the other three, for good."""

    WAITING = "waiting"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    FAILED = "failed"


class Channel(StrEnum):
    """By mail, or by an event that the workspace's own systems take up."""

    EMAIL = "email"
    EVENT = "event"


@dataclass(frozen=True)
class Recipient:
    """What decides whether somebody may be written to."""

    email: str | None
    purposes: frozenset[str]
    is_unsubscribed: bool


def suppression(recipient: Recipient, *, channel: Channel) -> str | None:
    """Why nothing may be sent; None when it may.

    Only who agreed to be told is told, and who left is not told again, whatever they agreed to before.
    """
    if recipient.is_unsubscribed:
        return "unsubscribed"
    if FOLLOW_UP not in recipient.purposes:
        return "no_consent"
    if channel is Channel.EMAIL and recipient.email is None:
        return "no_address"
    return None


@dataclass(frozen=True)
class Message:
    """What somebody reads."""

    subject: str
    body: str


VERDICTS: Mapping[str, str] = {
    "improved": "We measured what it changed, and it helped: things are better than they would have been without it.",
    "worse": "We measured what it changed, and it made things worse. That is not what we wanted, and we are looking at "
    "it again.",
    "no_effect": "We measured what it changed, and found no difference worth speaking of.",
    "inconclusive": "We measured what it changed, and cannot tell yet: the numbers neither show that it helped nor "
    "that it did not.",
}


def compose(
    event: FollowUpEvent, *, quote: str, title: str, reason: str | None = None, verdict: str | None = None
) -> Message:
    """The message in plain words, with the reader's own quote first."""
    subjects = {
        FollowUpEvent.SHIPPED: f"You asked, and it is here: {title}",
        FollowUpEvent.DECLINED: f"You asked, and we decided against it: {title}",
        FollowUpEvent.MEASURED: f"What came of what you asked for: {title}",
    }
    outcomes = {
        FollowUpEvent.SHIPPED: f"It is done: “{title}” is in your hands now. We go on to measure whether it helps, and "
        "will tell you.",
        FollowUpEvent.DECLINED: f"We looked into it, and will not do it: “{title}”."
        + (f"\n\nThe reason: {reason}" if reason else ""),
        FollowUpEvent.MEASURED: f"You had this in mind: “{title}”.\n\n" + VERDICTS.get(verdict or "", UNKNOWN_VERDICT),
    }
    return Message(subjects[event], f"You told us:\n\n{_quoted(quote)}\n\n{outcomes[event]}\n")


UNKNOWN_VERDICT = "We measured what it changed, and have put the result on record."


def _quoted(words: str) -> str:
    cut = words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1].rstrip() + "…"
    return "\n".join(f"> {line}" for line in cut.splitlines())


def wait_s(attempts: int) -> float:
    """How long to wait after so many attempts: half a minute, doubled each time."""
    return FIRST_WAIT_S * float(2 ** max(attempts - 1, 0))
