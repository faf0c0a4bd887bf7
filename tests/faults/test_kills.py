"""The loop while its processes die: nothing lost, nothing doubled, order per subject kept."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
import pytest_asyncio

from services.launcher.demo.api import Api
from services.launcher.demo.loop import Loop
from services.launcher.demo.sample import WISHES
from tests.e2e.feeds import faults_of_feeds, until_caught_up
from tests.e2e.stack import Stack, running_stack, until

VICTIMS = ("requirements", "roadmap", "metrics", "gateway", "PostgreSQL", "launcher")
# Progress points, as steps of the story; each kill meets the first request of its step in flight.
MOMENTS = {
    "requirements": ("Customers speak", "Their words become themes", "Requirements are ranked"),
    "roadmap": ("Features promise effects", "The best plan is proved", "A feature ships"),
    "metrics": ("A KPI says what success is", "A feature ships", "The outcome is measured"),
    "gateway": ("Themes become requirements", "People adopt it"),
    "PostgreSQL": ("Themes become requirements", "A feature ships"),
    "launcher": ("Features promise effects",),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def breakable() -> AsyncIterator[Stack]:
    async with running_stack() as running:
        yield running


@dataclass
class Killer:
    """Kills while the next request is on its way; a dead launcher is started again, as a person would."""

    stack: Stack
    victim: str
    is_armed: bool = False
    kills: int = 0
    strikes: list["asyncio.Task[None]"] = field(default_factory=list)

    async def on_request(self, _request: httpx.Request) -> None:
        if self.is_armed:
            self.is_armed = False
            self.strikes.append(asyncio.create_task(self._strike()))

    async def _strike(self) -> None:
        await until(self._hits, within_s=60, what=f"{self.victim} is back from the last kill")
        self.kills += 1
        if self.victim == "launcher":
            await self._start_again()

    async def _hits(self) -> bool:
        """Whether the victim was there to be killed: it may still be on its way back."""
        try:
            self.stack.kill(self.victim)
        except ProcessLookupError:
            return False
        return True

    async def _start_again(self) -> None:
        await asyncio.to_thread(self.stack.launcher.wait)
        await self.stack.start()


@pytest.mark.parametrize("victim", VICTIMS)
async def test_the_loop_survives(breakable: Stack, victim: str) -> None:
    await until(breakable.answers, within_s=60, what="the stack is whole before the next kill")
    key = breakable.admin_key if victim == VICTIMS[0] else await breakable.other_workspace(f"Without {victim}")
    killer = Killer(breakable, victim)
    async with Api(breakable.url, key, event_hooks={"request": [killer.on_request]}) as api:
        story = Loop(api)
        for heading, step in story.steps():
            killer.is_armed = heading in MOMENTS[victim]
            await step()
        await asyncio.gather(*killer.strikes)
        assert killer.kills == len(MOMENTS[victim])
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
