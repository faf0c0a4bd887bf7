"""Rate limits by the generic cell rate algorithm (ITU-T I.371), told as draft-ietf-httpapi-ratelimit-headers-11 has it.

One number per caller: the theoretical arrival time (TAT) of the next request if they came evenly. A caller may be ahead
of it by a whole window, so that a burst of all its requests is fine, and then they come back evenly.
"""

import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import NamedTuple

MAX_CALLERS = 100_000


@dataclass(frozen=True)
class Policy:
    """`requests` in `window_s` seconds."""

    requests: int
    window_s: int
    name: str = "default"

    @property
    def field(self) -> bytes:
        """The value of `RateLimit-Policy`."""
        return b'"%s";q=%d;w=%d' % (self.name.encode(), self.requests, self.window_s)


class Allowance(NamedTuple):
    """What is left after a request; `retry_after_s` is 0 for one that is allowed."""

    remaining: int
    reset_s: int
    retry_after_s: int

    def field(self, policy: Policy) -> bytes:
        """The value of `RateLimit`."""
        return b'"%s";r=%d;t=%d' % (policy.name.encode(), self.remaining, self.reset_s)


class RateLimiter:
    """Counts in this process: behind several gateways each grants the whole policy."""

    def __init__(self, policy: Policy, *, now: Callable[[], float] = time.monotonic) -> None:
        self.policy = policy
        self._interval = policy.window_s / policy.requests
        self._now = now
        self._arrival: dict[Hashable, float] = {}

    def take(self, caller: Hashable) -> Allowance:
        """Count one request, unless it is one too many."""
        now = self._now()
        arrival = max(now, self._arrival.get(caller, now))
        ahead = arrival + self._interval - now
        if ahead > self.policy.window_s + 1e-9:
            return Allowance(0, math.ceil(arrival - now), max(1, math.ceil(ahead - self.policy.window_s)))
        self._arrival[caller] = arrival + self._interval
        if len(self._arrival) > MAX_CALLERS:
            self._forget_idle(now)
        return Allowance(int((self.policy.window_s - ahead) / self._interval + 1e-6), math.ceil(ahead), 0)

    def is_exhausted(self, caller: Hashable) -> bool:
        """Whether the next request would be one too many; counts nothing."""
        return self._arrival.get(caller, 0.0) + self._interval - self._now() > self.policy.window_s

    def _forget_idle(self, now: float) -> None:
        self._arrival = {caller: arrival for caller, arrival in self._arrival.items() if arrival > now}
