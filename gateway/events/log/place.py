"""A place in a workspace's event log, as callers hold it."""

import re
from dataclasses import dataclass
from uuid import UUID

from services.chassis.errors import BadRequest, Gone

EPOCH_LENGTH = 8
_PLACE = re.compile(rf"(?P<position>0|[1-9][0-9]{{0,17}})-(?P<epoch>[0-9a-f]{{{EPOCH_LENGTH}}})")


class LogGone(Gone):
    """The log cannot be read on from this place: it is older than what is kept, or of a log that was set back."""

    code, title = "event_log_gone", "Read the event log from its beginning"


@dataclass(frozen=True)
class Place:
    """`1042-3f9a1c2b`: after the event at position 1042, in the log that this epoch names.

    A database that was restored is another log under another epoch: its positions are given out anew, and a place in
    the log of before must not pass for one in it.
    """

    position: int
    epoch: str

    def __str__(self) -> str:
        return f"{self.position}-{self.epoch}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Raises BadRequest."""
        parts = _PLACE.fullmatch(text)
        if parts is None:
            raise BadRequest("This is not a place in the event log: send a `cursor` that the log gave you.")
        return cls(int(parts["position"]), parts["epoch"])


@dataclass(frozen=True)
class Extent:
    """How far a workspace's log reaches."""

    epoch: str
    oldest: int
    newest: int

    @property
    def beginning(self) -> Place:
        return Place(self.oldest - 1, self.epoch)

    @property
    def end(self) -> Place:
        return Place(self.newest, self.epoch)

    def require(self, place: Place) -> None:
        """Raises LogGone, with the place to start from."""
        if place.epoch != self.epoch or not self.oldest - 1 <= place.position <= self.newest:
            raise LogGone(
                "The log does not reach back to this place, or was restored since.", cursor=str(self.beginning)
            )


def epoch_of(feed_id: UUID) -> str:
    """A restored database gets another feed id; the log shares it."""
    return feed_id.hex[:EPOCH_LENGTH]
