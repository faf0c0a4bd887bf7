"""Who is told what of the things they asked for, and in which words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.requirements.domain.templates import fill, fill_line

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


@dataclass(frozen=True)
class Template:
    """A message with gaps."""

    subject: str
    body: str


GAPS: Mapping[str, str] = {
    "quote": "the reader's own words, each line behind a `>`",
    "title": "of the requirement",
    "reason": "why it was declined, where one was given",
    "verdict": "what the measurement said, in plain words",
}

DEFAULTS: Mapping[FollowUpEvent, Template] = {
    FollowUpEvent.SHIPPED: Template(
        "You asked, and it is here: {title}",
        "You told us:\n\n{quote}\n\nIt is done: “{title}” is in your hands now. We go on to measure whether it helps, "
        "and will tell you.",
    ),
    FollowUpEvent.DECLINED: Template(
        "You asked, and we decided against it: {title}",
        "You told us:\n\n{quote}\n\nWe looked into it, and will not do it: “{title}”.\n\nThe reason: {reason}",
    ),
    FollowUpEvent.MEASURED: Template(
        "What came of what you asked for: {title}",
        "You told us:\n\n{quote}\n\nYou had this in mind: “{title}”.\n\n{verdict}",
    ),
}
"""What is said unless a workspace has words of its own."""


def compose(
    event: FollowUpEvent,
    *,
    quote: str,
    title: str,
    reason: str | None = None,
    verdict: str | None = None,
    template: Template | None = None,
) -> Message:
    """The message in plain words, with the reader's own quote."""
    said = template or DEFAULTS[event]
    is_measured = event is FollowUpEvent.MEASURED
    values = {
        "quote": _quoted(quote),
        "title": title,
        "reason": reason or "",
        "verdict": VERDICTS.get(verdict or "", UNKNOWN_VERDICT) if is_measured else "",
    }
    return Message(fill_line(said.subject, values), fill(said.body, values))


UNKNOWN_VERDICT = "We measured what it changed, and have put the result on record."


def _quoted(words: str) -> str:
    cut = words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1].rstrip() + "…"
    return "\n".join(f"> {line}" for line in cut.splitlines())


def wait_s(attempts: int) -> float:
    """How long to wait after so many attempts: half a minute, doubled each time."""
    return FIRST_WAIT_S * float(2 ** max(attempts - 1, 0))
