"""Fifty who send the same at once with one Idempotency-Key, a hundred times over: one effect each."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from tests.e2e.stack import Stack

AT_ONCE = 50
# Feedback is committed in groups, everything else in a transaction of its own: two mechanisms, one promise.
WAYS = {
    "feedback": (100, {"text": "The export takes twenty minutes."}),
    "objectives": (20, {"title": "Reports in a minute", "due_on": "2027-03-31"}),
}


@pytest.mark.parametrize("noun", WAYS)
async def test_fifty_at_once_have_one_effect(stack: Stack, noun: str) -> None:
    rounds, body = WAYS[noun]
    key = await stack.other_workspace("Idempotency")
    async with AsyncExitStack() as open_ones:
        # A client for each: in a pool shared by fifty, finding a connection costs more than the request.
        callers = [await open_ones.enter_async_context(stack.client(key)) for _ in range(AT_ONCE)]
        made = [await _one_round(callers, noun, body, f"round-{number}") for number in range(rounds)]
        there = (await callers[0].get(f"/v1/{noun}", params={"limit": 1, "count": "exact"})).json()["count"]
    assert len(set(made)) == there == rounds


async def _one_round(callers: Sequence[httpx.AsyncClient], noun: str, body: dict[str, Any], key: str) -> str:
    """The id of the one thing that came of it; who came while the first was at work is told to come again."""
    headers = {"Idempotency-Key": key}
    sent = [caller.post(f"/v1/{noun}", json=body, headers=headers) for caller in callers]
    answers = await asyncio.gather(*sent)
    seen = Counter(answer.status_code for answer in answers)
    assert seen.keys() <= {201, 409}, seen
    ids = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(ids) == 1, seen
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 409)
    again = await callers[0].post(f"/v1/{noun}", json=body, headers=headers)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.json()["id"] in ids
    return ids.pop()
