"""Work in a child process: answers, failures, crashes, and an end to it."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest

from services.chassis.child import NICENESS, Child, ChildDied, Children, ChildServer, run_in_child

WORK = "tests.unit.chassis.child_work"


async def test_a_call_answers_and_reports() -> None:
    seen: list[Any] = []

    async def note(value: Any) -> None:
        seen.append(value)

    assert await run_in_child(f"{WORK}:square", 12, on_progress=note) == 144
    assert seen == ["halfway"]


async def test_the_child_runs_at_the_lowest_priority_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NICENESS)
    assert await run_in_child(f"{WORK}:nice_level", None) == 19
    monkeypatch.setenv(NICENESS, "3")
    assert await run_in_child(f"{WORK}:nice_level", None) == os.nice(0) + 3


async def test_what_the_function_raises_is_raised_here() -> None:
    with pytest.raises(LookupError, match="no such thing"):
        await run_in_child(f"{WORK}:fail", "no such thing")
    with pytest.raises(RuntimeError, match="Unreadable: cannot be pickled back"):
        await run_in_child(f"{WORK}:fail_unreadably", None)
    with pytest.raises(ModuleNotFoundError):
        await run_in_child("no.such.module:f", None)


async def test_a_crash_is_a_clear_error() -> None:
    with pytest.raises(ChildDied):
        await run_in_child(f"{WORK}:crash", None)


async def test_noise_on_standard_output_harms_nothing() -> None:
    assert await run_in_child(f"{WORK}:print_much", 100_000) == 100_000


async def test_large_messages_pass_both_ways() -> None:
    payload = os.urandom(20_000_000)
    assert await run_in_child(f"{WORK}:echo", payload) == payload


async def test_cancelling_kills_the_child_within_a_second() -> None:
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def note(pid: int) -> None:
        started.set_result(pid)

    call = asyncio.create_task(run_in_child(f"{WORK}:never_end", None, on_progress=note))
    pid = await started
    before = time.monotonic()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert time.monotonic() - before < 1
    assert not Path(f"/proc/{pid}").exists()


async def test_a_server_keeps_its_child_and_replaces_a_dead_one() -> None:
    server = ChildServer()
    first = await server.call(f"{WORK}:process_id", None)
    assert await server.call(f"{WORK}:process_id", None) == first
    with pytest.raises(ChildDied):
        await server.call(f"{WORK}:crash", None)
    second = await server.call(f"{WORK}:process_id", None)
    assert second != first
    await server.close()
    assert not Path(f"/proc/{second}").exists()


async def test_an_idle_child_is_let_go() -> None:
    server = ChildServer(idle_s=0.01)
    pid = await server.call(f"{WORK}:process_id", None)
    async with asyncio.timeout(5):
        while Path(f"/proc/{pid}").exists():
            await asyncio.sleep(0.01)
    await server.close()


async def test_calls_of_one_child_wait_for_each_other() -> None:
    child = await Child.start()
    try:
        answers = await asyncio.gather(*(child.call(f"{WORK}:square", number) for number in range(10)))
    finally:
        await child.kill()
    assert answers == [number * number for number in range(10)]


async def test_a_lent_child_rests_for_the_next_and_is_lent_to_one_at_a_time() -> None:
    children = Children()
    async with children.lent() as first, children.lent() as second:
        assert first.pid != second.pid
    async with children.lent() as again:
        assert again.pid == first.pid, "the last one given back"
    assert not Path(f"/proc/{second.pid}").exists()
    await children.close()
    assert not Path(f"/proc/{first.pid}").exists()


async def test_a_child_whose_work_failed_is_not_lent_again() -> None:
    children = Children()
    with pytest.raises(LookupError):
        async with children.lent() as failed:
            await failed.call(f"{WORK}:fail", "no such thing")
    assert not Path(f"/proc/{failed.pid}").exists()


async def test_a_resting_child_is_let_go() -> None:
    children = Children(idle_s=0.01)
    async with children.lent() as child:
        pass
    async with asyncio.timeout(5):
        while Path(f"/proc/{child.pid}").exists():
            await asyncio.sleep(0.01)
