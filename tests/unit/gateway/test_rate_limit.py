"""The cell rate algorithm on a clock that tests move."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from gateway.limits.rate_limit import Policy, RateLimiter


@dataclass
class Watch:
    time: float = 1000.0

    def __call__(self) -> float:
        return self.time


def test_a_whole_window_may_come_at_once_and_then_evenly():
    watch = Watch()
    limiter = RateLimiter(Policy(5, 10), now=watch)
    assert [limiter.take("a").remaining for _ in range(5)] == [4, 3, 2, 1, 0]
    refused = limiter.take("a")
    assert (refused.remaining, refused.retry_after_s) == (0, 2)
    assert limiter.is_exhausted("a")
    watch.time += 2
    assert limiter.take("a").retry_after_s == 0
    assert limiter.take("a").retry_after_s == 2
    watch.time += 1000
    assert limiter.take("a").remaining == 4


def test_callers_do_not_share():
    limiter = RateLimiter(Policy(1, 10), now=Watch())
    assert limiter.take("a").retry_after_s == 0
    assert limiter.take("b").retry_after_s == 0
    assert limiter.take("a").retry_after_s > 0


@given(
    st.integers(1, 50),
    st.integers(1, 100),
    st.lists(st.floats(min_value=0, max_value=20), min_size=1, max_size=200),
)
def test_no_window_lets_more_than_two_shares_through_and_what_is_promised_is_kept(requests, window_s, gaps):
    watch = Watch()
    limiter = RateLimiter(Policy(requests, window_s), now=watch)
    allowed: list[float] = []
    for gap in gaps:
        watch.time += gap
        allowance = limiter.take("a")
        assert 0 <= allowance.remaining < requests
        if allowance.retry_after_s:
            before, watch.time = watch.time, watch.time + allowance.retry_after_s
            assert not limiter.is_exhausted("a")
            watch.time = before
        else:
            allowed.append(watch.time)
        # A burst of a whole share right after an idle window, and what refills while it passes.
        assert sum(moment > watch.time - window_s for moment in allowed) <= 2 * requests


def test_the_fields_are_those_of_the_draft():
    policy = Policy(100, 60)
    assert policy.field == b'"default";q=100;w=60'
    assert RateLimiter(policy, now=Watch()).take("a").field(policy) == b'"default";r=99;t=1'
