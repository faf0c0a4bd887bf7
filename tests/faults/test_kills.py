"""The loop while its processes die: nothing lost, nothing doubled, order per subject kept."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial

import httpx
import pytest_asyncio

from services.launcher.demo.api import Api
from services.launcher.demo.loop import Loop
from services.launcher.demo.sample import WISHES
from tests.e2e.feeds import faults_of_feeds, until_caught_up
from tests.e2e.stack import Stack, running_stack, until

# Who dies at which step of the story; the kill meets the first request of the step in flight.
DEATHS = {
    "Customers speak": "requirements",
    "Their words become themes": "requirements",
    "Themes become requirements": "gateway",
    "The need shows where it hurts": "PostgreSQL",
    "Requirements are ranked": "requirements",
    "A KPI says what success is": "metrics",
    "An objective names it": "roadmap",
    "Features promise effects": "launcher",
    "The best plan is proved": "roadmap",
    "People adopt it": "gateway",
    "The teams agree": "PostgreSQL",
    "A feature ships": "roadmap",
    "The outcome is measured": "metrics",
    "The next promises learn from it": "metrics",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def breakable() -> AsyncIterator[Stack]:
    async with running_stack() as running:
        yield running


@dataclass
class Killer:
    """Kills its victim while the next request is on its way; a dead launcher is started again, as a person would."""

    stack: Stack
    victim: str | None = None
    killed: list[str] = field(default_factory=list)
    strikes: list["asyncio.Task[None]"] = field(default_factory=list)

    async def on_request(self, _request: httpx.Request) -> None:
        if self.victim is not None:
            self.strikes.append(asyncio.create_task(self._strike(self.victim)))
            self.victim = None

    async def _strike(self, victim: str) -> None:
        await until(partial(self._hits, victim), within_s=60, what=f"{victim} is back from the last kill")
        self.killed.append(victim)
        if victim == "launcher":
            await self._start_again()

    async def _hits(self, victim: str) -> bool:
        """Whether the victim was there to be killed: it may still be on its way back."""
        try:
            self.stack.kill(victim)
        except ProcessLookupError:
            return False
        return True

    async def _start_again(self) -> None:
        await asyncio.to_thread(self.stack.launcher.wait)
        await self.stack.start()


async def test_the_loop_survives(breakable: Stack) -> None:
    """Each of the six at different moments of one story, for most of a story is not about the kill."""
    await until(breakable.answers, within_s=60, what="the stack is whole before the story begins")
    key = await breakable.other_workspace("Among the dying")
    killer = Killer(breakable)
    async with Api(breakable.url, key, event_hooks={"request": [killer.on_request]}) as api:
        story = Loop(api)
        for heading, step in story.steps():
            killer.victim = DEATHS.get(heading)
            await step()
        await asyncio.gather(*killer.strikes)
        assert Counter(killer.killed) == Counter(DEATHS.values())
        assert await counts(api) == {
            "feedback": len(story.feedback),
            "requirements": len(WISHES),
            "prioritizations": 2,
            "kpis": 1,
            "objectives": 1,
            "features": len(WISHES),
            "roadmaps": 1,
            "optimizations": 1,
            "outcomes": 1,
            "calibration-proposals": 1,
        }
    await until_caught_up(breakable)
    assert await faults_of_feeds(breakable) == []


async def counts(api: Api) -> dict[str, int]:
    """How many of each the workspace holds."""
    lists = (
        "feedback",
        "requirements",
        "prioritizations",
        "kpis",
        "objectives",
        "features",
        "roadmaps",
        "optimizations",
        "outcomes",
        "calibration-proposals",
    )
    return {name: (await api.get(f"/v1/{name}", count="exact"))["count"] for name in lists}
