"""What the rest of this room knows of any tracker."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from services.roadmap.domain.tracking import IssueReport

Headers = Mapping[str, str]


class UnreadableEvent(Exception):
    """The event is signed well, and does not have the form that the tracker publishes."""


class Tracker(Protocol):
    """The wall to one tracker. Everything here follows what the tracker publishes, not our own contract."""

    def identify(self, url: str) -> str | None:
        """The one name of the issue at this address, however it is written; None for no address of an issue here."""
        ...

    def is_genuine(self, secret: str, *, headers: Headers, body: bytes, now: datetime) -> bool:
        """Whether the tracker that shares the secret sent this."""
        ...

    def read(self, headers: Headers, event: Mapping[str, Any]) -> IssueReport | None:
        """What the event says of an issue; None when it is about something else."""
        ...


def is_signed(secret: str, signature: str, body: bytes) -> bool:
    """Whether this is the hexadecimal HMAC-SHA256 of the body."""
    made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(made.encode(), signature.strip().lower().encode("utf-8", "replace"))


def moment(value: Any) -> datetime | None:
    """A time as trackers write it: ISO 8601 in its forms, GitLab's `... UTC`, or milliseconds since 1970."""
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000, UTC)
    read = datetime.fromisoformat(str(value).replace(" UTC", "+00:00"))
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
