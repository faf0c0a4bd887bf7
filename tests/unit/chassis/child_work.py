"""What the children of `test_child.py` are asked to do."""

import ctypes
import os
import time
from collections.abc import Callable
from typing import Any

Report = Callable[[Any], None]


def square(payload: int, report: Report) -> int:
    report("halfway")
    return payload * payload


def nice_level(_payload: None, _report: Report) -> int:
    return os.nice(0)


def process_id(_payload: None, _report: Report) -> int:
    return os.getpid()


def fail(payload: str, _report: Report) -> None:
    raise LookupError(payload)


class Unreadable(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} {two}")


def fail_unreadably(_payload: None, _report: Report) -> None:
    raise Unreadable("cannot be", "pickled back")


def crash(_payload: None, _report: Report) -> None:
    ctypes.string_at(0)


def never_end(_payload: None, report: Report) -> None:
    report(os.getpid())
    while True:
        time.sleep(60)


def print_much(payload: int, _report: Report) -> int:
    print("noise" * payload)
    return payload


def echo(payload: bytes, _report: Report) -> bytes:
    return payload
