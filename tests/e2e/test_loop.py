"""The whole loop over four real processes: from quotes to verdict, and back."""

import io
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from rich.console import Console

from services.launcher.demo.loop import Loop
from services.launcher.demo.run import demonstrate
from tests.e2e.feeds import faults_of_feeds, heads, until_caught_up
from tests.e2e.stack import Stack, running_stack, until

WAY = ("feedback", "theme", "requirement", "feature", "outcome")


async def test_the_demo_tells_the_whole_story(stack: Stack) -> None:
    told = io.StringIO()
    key = await stack.other_workspace("Demo")
    assert await demonstrate(url=stack.url, key=key, console=Console(file=told, width=160)), told.getvalue()
    assert "From the customer's words to the measured outcome" in told.getvalue()


async def test_the_demo_says_which_step_broke(stack: Stack) -> None:
    told = io.StringIO()
    _, key = await stack.key(role="viewer")
    assert not await demonstrate(url=stack.url, key=key, console=Console(file=told, width=160))
    assert "403" in told.getvalue()


async def test_quotes_stand_where_they_say(loop: Loop) -> None:
    """Offsets are characters into the customer's own words."""
    for quote in loop.evidence:
        feedback = await loop.api.get(f"/v1/feedback/{quote['feedback_id']}")
        assert feedback["text"][quote["start"] : quote["end"]] == quote["quote"]


async def test_the_words_lead_to_the_verdict(loop: Loop) -> None:
    chain = await loop.api.get(f"/v1/trace/{loop.quoted}")
    kinds = {node["id"]: node["type"] for node in chain["nodes"]}
    reached = reached_from(loop.quoted, chain["links"])
    assert loop.outcome["outcome_id"] in reached
    assert {kinds[each] for each in reached} >= set(WAY)


async def test_the_verdict_leads_back_to_the_words(loop: Loop) -> None:
    chain = await loop.api.get(f"/v1/trace/{loop.outcome['outcome_id']}")
    kinds = {node["id"]: node["type"] for node in chain["nodes"]}
    before = {"vision", "market_segment", "persona", "need", "pain_point"}
    assert {*WAY, *before, "kpi", "objective", "key_result"} <= set(kinds.values())
    assert all(link["from"] in kinds and link["to"] in kinds for link in chain["links"])
    for start in (loop.quoted, loop.persona["id"], loop.vision["id"]):
        assert loop.outcome["outcome_id"] in reached_from(start, chain["links"])
    assert not chain["unavailable"]


def reached_from(start: str, links: list[dict[str, Any]]) -> set[str]:
    """Every node that can be reached along the links."""
    seen, pending = {start}, [start]
    while pending:
        here = pending.pop()
        following = {link["to"] for link in links if link["from"] == here} - seen
        seen |= following
        pending += following
    return seen


async def test_the_events_of_the_loop_are_in_order(stack: Stack, loop: Loop) -> None:
    await until_caught_up(stack)
    assert all(count > 0 for service, count in (await heads(stack)).items() if service != "gateway")
    assert await faults_of_feeds(stack) == []


async def test_heavy_libraries_stay_in_children(stack: Stack, loop: Loop) -> None:
    """After themes were built and a plan was solved, none of the four processes has mapped them."""
    for service in ("requirements", "roadmap", "metrics", "gateway"):
        with open(f"/proc/{stack.pid(service)}/maps") as maps:  # noqa: ASYNC230 -- the kernel answers at once
            mapped = maps.read()
        for library in ("highspy", "onnxruntime", "ortools", "pandas", "sklearn", "scipy"):
            assert f"/{library}/" not in mapped, f"{service} has loaded {library}"


@asynccontextmanager
async def without(stack: Stack, *services: str) -> AsyncIterator[None]:
    """Meanwhile these are dead: the launcher, who would start them again, is held."""
    os.kill(stack.launcher.pid, signal.SIGSTOP)
    try:
        for service in services:
            stack.kill(service)
        yield
    finally:
        os.kill(stack.launcher.pid, signal.SIGCONT)


async def test_intake_goes_on_alone_and_the_feeds_catch_up() -> None:
    async with running_stack() as stack, stack.client() as client:
        async with without(stack, "roadmap", "metrics"):
            for number in range(5):
                answer = await client.post("/v1/feedback", json={"text": f"Heard while others were away, {number}"})
                assert answer.status_code == 201, answer.text
            requirement = await client.post("/v1/requirements", json={"title": "Written while others were away"})
            assert requirement.status_code == 201, requirement.text
            assert (await client.get("/v1/features")).status_code in {502, 503, 504}
        await until(stack.answers, what="all are back")
        feature = {"title": "Afterwards", "requirement_ids": [requirement.json()["id"]]}
        assert (await client.post("/v1/features", json=feature)).status_code == 201
        await until_caught_up(stack)
        assert await faults_of_feeds(stack) == []
