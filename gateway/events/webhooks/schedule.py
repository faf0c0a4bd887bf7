"""When to try again, when to rest, and when to give up: pure decisions."""

from datetime import datetime, timedelta

# As Standard Webhooks recommends: at once, then after these; the tenth failure is the last.
RETRY_AFTER_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
JITTER = 0.2
LONGEST_RETRY_AFTER_S = 86_400.0

DISABLE_AFTER = timedelta(days=5)

SHORTEST_REST_S = 5.0
LONGEST_REST_S = 600.0


def retry_delay_s(failures: int, *, jitter: float, asked_s: float = 0.0) -> float | None:
    """Seconds until the next attempt after the `failures`-th failure; None when there is none.

    `jitter` in [0, 1) lengthens the wait by up to a fifth, so that what failed together does not come back together;
    `asked_s` is what the receiver wants (Retry-After), which is granted up to a day.
    """
    if failures > len(RETRY_AFTER_S):
        return None
    planned = RETRY_AFTER_S[failures - 1] * (1 + JITTER * jitter)
    return max(planned, min(asked_s, LONGEST_RETRY_AFTER_S))


def rest_s(failing_since: datetime, now: datetime) -> float:
    """For how long a receiver is left alone after a failure: a tenth of the time for which it has been failing."""
    failing_s = (now - failing_since).total_seconds()
    return min(max(failing_s / 10, SHORTEST_REST_S), LONGEST_REST_S)


def is_hopeless(failing_since: datetime, now: datetime) -> bool:
    """Whether nothing has gone well for five days."""
    return now - failing_since >= DISABLE_AFTER
