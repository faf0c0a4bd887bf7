"""How long the caller still waits: carried in a header from process to process, never longer than before."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "x-fullcircle-deadline-ms"

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


def remaining_s(default: float) -> float:
    """The seconds that the current caller still waits; `default` when nobody said. Never negative."""
    deadline = _deadline.get()
    return default if deadline is None else max(0.0, min(default, deadline - time.monotonic()))


@contextmanager
def deadline_from(headers: Mapping[str, str]) -> Iterator[None]:
    """Takes over the deadline of an incoming request, in milliseconds from now."""
    sent = headers.get(HEADER, "")
    token = _deadline.set(time.monotonic() + int(sent) / 1000 if sent.isdecimal() and len(sent) < 10 else None)
    try:
        yield
    finally:
        _deadline.reset(token)


def deadline_header(default_s: float) -> dict[str, str]:
    """What to send along with a call to a neighbour."""
    return {HEADER: str(int(remaining_s(default_s) * 1000))}
