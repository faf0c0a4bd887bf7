"""The whole loop over four real processes: from quotes to verdict, and back."""

import io
from typing import Any

from rich.console import Console

from services.launcher.demo.loop import Loop
from services.launcher.demo.run import demonstrate
from tests.e2e.feeds import faults_of_feeds, progress, until_caught_up
from tests.e2e.stack import Stack

WAY = ("feedback", "theme", "requirement", "feature", "outcome")


async def test_the_demo_tells_the_whole_story(stack: Stack) -> None:
    told = io.StringIO()
    key = await stack.other_workspace("Demo")
    assert await demonstrate(url=stack.url, key=key, console=Console(file=told, width=160)), told.getvalue()
    assert "From the customer's words to the measured outcome" in told.getvalue()


async def test_the_demo_says_which_step_broke(stack: Stack) -> None:
    told = io.StringIO()
    key = await stack.other_workspace("Demo", role="viewer")
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
    assert all(count > 0 for service, count in (await progress(stack)).told.items() if service != "gateway")
    assert await faults_of_feeds(stack) == []


async def test_heavy_libraries_stay_in_children(stack: Stack, loop: Loop) -> None:
    """After themes were built and a plan was solved, none of the four processes has mapped them."""
    for service in ("requirements", "roadmap", "metrics", "gateway"):
        with open(f"/proc/{stack.pid(service)}/maps") as maps:  # noqa: ASYNC230 -- the kernel answers at once
            mapped = maps.read()
        for library in ("highspy", "onnxruntime", "ortools", "pandas", "sklearn", "scipy"):
            assert f"/{library}/" not in mapped, f"{service} has loaded {library}"
