"""How long a caller would wait, as RFC 7240 writes it."""

import pytest

from services.chassis.deadline import deadline_from
from services.chassis.preferences import LONGEST_WAIT_S, preferred_wait_s


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        ("", 0),
        ("respond-async", 0),
        ("wait=10", 10),
        ('wait="10"', 10),
        ("respond-async, wait = 5", 5),
        ("Wait=5; foo=bar, handling=lenient", 5),
        ("wait=100000", LONGEST_WAIT_S),
        ("wait=-1", 0),
        ("wait=soon", 0),
        ("await=10", 0),
        ("wait=12345678", 0),
    ],
)
def test_the_preferred_wait(sent: str, seconds: float) -> None:
    assert preferred_wait_s({"prefer": sent}) == seconds


def test_the_answer_comes_before_the_caller_gives_up() -> None:
    with deadline_from({"x-fullcircle-deadline-ms": "5000"}):
        assert 2.5 < preferred_wait_s({"prefer": "wait=20"}) <= 3
    with deadline_from({"x-fullcircle-deadline-ms": "500"}):
        assert preferred_wait_s({"prefer": "wait=20"}) == 0
