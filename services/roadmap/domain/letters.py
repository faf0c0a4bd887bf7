"""The life of an update: drafted, approved, sent; and what may be done when."""

from typing import Literal

UpdateStatus = Literal["draft", "approved", "sent"]
Delivery = Literal["waiting", "taken", "refused"]


class NotReady(Exception):
    """Something that cannot be done with an update as it stands."""


def require_unsent(status: UpdateStatus) -> None:
    """Raises NotReady: what was sent cannot be changed any more."""
    if status == "sent":
        raise NotReady("It has been sent: draft another one.")


def require_approved(status: UpdateStatus) -> None:
    """Raises NotReady: nothing goes out that nobody approved."""
    if status == "draft":
        raise NotReady("Nobody has approved it yet.")


def require_sent(status: UpdateStatus) -> None:
    """Raises NotReady: nobody can answer what they did not get."""
    if status != "sent":
        raise NotReady("It has not been sent yet.")
