"""What needs attention today, on which occasion, and who wants to be told of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

Topic = Literal["overdue", "at_risk", "declined"]
SubjectKind = Literal["commitment", "handoff", "work_package", "milestone"]
Channel = Literal["mail", "event"]
Delivery = Literal["pending", "delivered", "refused"]

ATTENTION: Final = "attention"
"""The wake-up topic of the process's part that tells subscribers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """Something with a day, as far as it may need attention; `trouble` is what its owner said of it, and when."""

    kind: SubjectKind
    id: str
    title: str
    due_on: date
    is_open: bool = True
    trouble: Literal["at_risk", "declined"] | None = None
    trouble_since: datetime | None = None
    reason: str | None = None
    teams: frozenset[str] = frozenset()
    feature: str | None = None
    release: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """A subscription: topics, and what it is narrowed to; None: everything."""

    id: str
    topics: frozenset[Topic]
    team: str | None = None
    feature: str | None = None
    release: str | None = None

    def covers(self, concern: Concern, topic: Topic) -> bool:
        """Whether the subscriber wants to be told."""
        return (
            topic in self.topics
            and self.team in {None, *concern.teams}
            and self.feature in {None, concern.feature}
            and self.release in {None, concern.release}
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """To tell one subscriber of one occasion. The same occasion is never told twice: `occasion` is its name."""

    interest: str
    topic: Topic
    concern: Concern = field(compare=False)
    occasion: str = ""


def notices_of(concerns: Iterable[Concern], interests: Sequence[Interest], *, today: date) -> Iterator[Notice]:
    """Who is to be told of what today.

    An item is late once for each day it was due on: another day is another occasion. What its owner says of it is an
    occasion each time it is said.
    """
    for concern in concerns:
        for topic, occasion in _occasions(concern, today):
            for interest in interests:
                if interest.covers(concern, topic):
                    yield Notice(interest.id, topic, concern, occasion)


def sentence_of(notice: Notice) -> str:
    """In plain words, for a subject line."""
    concern = notice.concern
    noun = concern.kind.replace("_", " ").capitalize().replace("Handoff", "Hand-off")
    due = f"{concern.due_on.day} {concern.due_on:%B %Y}"
    match notice.topic:
        case "overdue":
            return f"{noun} overdue since {due}: {concern.title}"
        case "at_risk":
            return f"{noun} at risk, due {due}: {concern.title}"
        case "declined":
            return f"{noun} declined, due {due}: {concern.title}"


def _occasions(concern: Concern, today: date) -> Iterator[tuple[Topic, str]]:
    if concern.is_open and concern.due_on < today:
        yield "overdue", f"overdue:{concern.due_on.isoformat()}"
    if concern.trouble is not None and concern.trouble_since is not None:
        yield concern.trouble, f"{concern.trouble}:{concern.trouble_since.isoformat()}"
