"""Garbage collection that suits intake: many short-lived objects, hardly any cycles."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

YOUNG, MIDDLE, OLD = 50_000, 20, 20
"""Python's own 700, 10, 10 walk the same living objects hundreds of times in one body of 10,000 lines: a quarter of the
CPU time of bulk intake, measured by `benchmarks/requirements_intake.py` with and without."""


@asynccontextmanager
async def collecting_seldom() -> AsyncIterator[None]:
    """Leave what start-up has made out of every later collection, and collect less often; undone at the end."""
    before = gc.get_threshold()
    gc.collect(1)  # what is older was frozen when the process had put itself together
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
