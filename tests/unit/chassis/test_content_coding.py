"""Compressed bodies: read as what they hold, and never unpacked further than the limit."""

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.content_coding import body_in
from services.chassis.errors import ContentTooLarge, MalformedBody, Problem, UnsupportedMediaType

LIMIT = 100_000


# Without the time of packing, which would give each worker of a test run another name for the same case.
PACKED = gzip.compress(b"{}", mtime=0)
TWICE = gzip.compress(PACKED, mtime=0)


def taken_in(coding: str, sent: bytes, *, limit: int = LIMIT, step: int = 1_000) -> bytes:
    body = body_in(coding, limit=limit)
    for start in range(0, len(sent), step):
        body.feed(sent[start : start + step])
    return body.whole()


@given(st.binary(max_size=5_000), st.integers(1, 700), st.sampled_from(["gzip", "GZIP", "x-gzip", "identity", ""]))
def test_a_body_is_what_was_packed_however_it_comes(content: bytes, step: int, coding: str) -> None:
    sent = gzip.compress(content) if "gzip" in coding.lower() else content
    assert taken_in(coding, sent, step=step) == content


def test_the_limit_is_of_what_is_unpacked() -> None:
    assert len(taken_in("gzip", gzip.compress(bytes(LIMIT)))) == LIMIT
    with pytest.raises(ContentTooLarge):
        taken_in("gzip", gzip.compress(bytes(LIMIT + 1)))


def test_a_bomb_is_not_unpacked() -> None:
    """A hundred megabytes in a hundred kilobytes, sent at once."""
    packing = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    bomb = b"".join([packing.compress(bytes(1_000_000)) for _ in range(100)]) + packing.flush()
    tracemalloc.start()
    with pytest.raises(ContentTooLarge):
        taken_in("gzip", bomb, step=len(bomb))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * LIMIT


@pytest.mark.parametrize(
    ("coding", "sent", "problem"),
    [
        ("gzip", b"{}", MalformedBody),
        ("gzip", PACKED[:-3], MalformedBody),
        ("gzip", PACKED + b"more", MalformedBody),
        ("gzip", PACKED + PACKED, MalformedBody),
        ("gzip", zlib.compress(b"{}"), MalformedBody),
        ("br", b"{}", UnsupportedMediaType),
        ("gzip, gzip", TWICE, UnsupportedMediaType),
        ("deflate", zlib.compress(b"{}"), UnsupportedMediaType),
    ],
)
def test_what_is_not_one_gzip_member_is_refused(coding: str, sent: bytes, problem: type[Problem]) -> None:
    with pytest.raises(problem):
        taken_in(coding, sent)


def test_an_empty_body_needs_no_unpacking() -> None:
    assert taken_in("gzip", b"") == b""
