"""A whole Fullcircle as a person would start it: `fullcircle up` in a home of its own, and callers of every kind."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from gateway.identity.administration import administration
from services.chassis.identity import Role
from services.launcher.bootstrap import ServiceDatabase
from services.launcher.demo.api import Api
from services.launcher.demo.loop import Loop
from services.launcher.home import Home
from services.launcher.keys import pepper
from services.launcher.ports import free_port
from services.launcher.postgres import EmbeddedPostgres
from tests.plain import plain_client
from tests.shared import copy_owned, once_awaited, reachable_directory, shared

ROOT = Path(__file__).parents[2]
KEY = re.compile(r"fc_(?:live|test)_[0-9A-Za-z]{36}")
START_LIMIT_S = 120.0
STOP_LIMIT_S = 60.0
POLL_S = 0.05
# The walks knock with bad keys far more often than anybody honest, from one address.
UNRESTRAINED = {
    "FULLCIRCLE_FAILED_KEYS_PER_MINUTE": "1000000",
    "FULLCIRCLE_STRANGERS_PER_MINUTE": "1000000",
    "FULLCIRCLE_RATE_LIMIT_REQUESTS": "10000000",
}
# Whatever a test sends is also told to the logs, so that one of them can look there for what must never be.
TALKATIVE = {"FULLCIRCLE_ACCESS_LOG": "true"}


class NeverHappened(AssertionError):
    """What a test waited for did not come."""


async def until(
    condition: Callable[[], Awaitable[object]], *, within_s: float = 30.0, every_s: float = POLL_S, what: str = ""
) -> object:
    """The first true answer of the condition; raises NeverHappened after the deadline."""
    deadline = asyncio.get_running_loop().time() + within_s
    while True:
        if answer := await condition():
            return answer
        if asyncio.get_running_loop().time() > deadline:
            raise NeverHappened(what or condition.__qualname__)
        await asyncio.sleep(every_s)


@dataclass
class Stack:
    """One running stack. Its processes may be killed: the launcher starts them again."""

    directory: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _launcher: "subprocess.Popen[bytes] | None" = None
    _admin_key: str | None = None

    @property
    def home(self) -> Path:
        return self.directory / "home"

    @property
    def output(self) -> list[str]:
        """What the launcher has written to its terminal since its last start."""
        return (self.directory / "output").read_text().splitlines()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def launcher(self) -> "subprocess.Popen[bytes]":
        if self._launcher is None:
            raise LookupError("the stack was not started")
        return self._launcher

    async def start(self) -> None:
        """Return when the launcher says that everything is ready; the first start also shows the admin's key."""
        self._launcher = self._spawn()
        await until(self._is_up, within_s=START_LIMIT_S, what="the stack is ready")

    def _spawn(self) -> "subprocess.Popen[bytes]":
        with (self.directory / "output").open("w") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "services.launcher", "up"],
                cwd=ROOT,
                env={**os.environ, **self.settings, **self._place},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def _place(self) -> dict[str, str]:
        return {"FULLCIRCLE_HOME": str(self.home), "FULLCIRCLE_PORT": str(self.port)}

    async def stop(self) -> int:
        """As Ctrl-C does; answers the launcher's exit code."""
        if self._launcher is None:
            return 0
        if self.launcher.poll() is None:
            self.launcher.send_signal(signal.SIGINT)
        return await asyncio.to_thread(self.launcher.wait, STOP_LIMIT_S)

    async def _is_up(self) -> bool:
        if self.launcher.poll() is not None:
            raise NeverHappened("the launcher ended:\n" + "\n".join(self.output))
        return any("ready" in line and self.url in line for line in self.output) and await self.answers()

    async def answers(self) -> bool:
        """Whether the gateway answers, and each service behind it."""
        try:
            async with self.client() as client:
                seen = [
                    await client.get(path, params={"limit": 1}) for path in ("/v1/feedback", "/v1/features", "/v1/kpis")
                ]
        except httpx.TransportError:
            return False
        return all(answer.status_code == 200 for answer in seen)

    @property
    def admin_key(self) -> str:
        """The key that the first start showed."""
        if self._admin_key is None:
            self._admin_key = next(found[0] for line in self.output if (found := KEY.search(line)))
        return self._admin_key

    def pid(self, name: str) -> int:
        """The process that runs `requirements`, `roadmap`, `metrics`, `gateway` or `PostgreSQL` now."""
        children = json.loads((self.home / "children.json").read_text())["children"]
        return next(int(child["pid"]) for child in children if child["name"] == name)

    def kill(self, name: str) -> int:
        """`kill -9`; answers the process id that died."""
        pid = self.launcher.pid if name == "launcher" else self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def client(self, key: str | None = None, **more: object) -> httpx.AsyncClient:
        """A caller with this key, or with the admin's."""
        headers = {"Authorization": f"Bearer {key or self.admin_key}"}
        return plain_client(self.url, headers=headers, timeout=60, **more)

    def stranger(self) -> httpx.AsyncClient:
        """A caller without a key."""
        return plain_client(self.url, timeout=60)

    async def key(
        self, *, role: str = "admin", scopes: Iterable[str] = (), expires_in: timedelta | None = None
    ) -> tuple[UUID, str]:
        """A new key in the admin's workspace, with its id."""
        new = {"name": f"Test {role}", "role": role, "scopes": sorted(scopes)}
        if expires_in is not None:
            new["expires_at"] = (datetime.now(UTC) + expires_in).isoformat()
        async with self.client() as admin:
            answer = await admin.post("/v1/api-keys", json=new)
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["id"]), answer.json()["key"]

    async def other_workspace(self, name: str = "Elsewhere", *, role: Role = "admin") -> str:
        """A key in a workspace of its own, made the way an operator makes it."""
        async with administration(self.owner_url("gateway"), pepper=pepper(Home(self.home))) as keys:
            workspace_id = await keys.create_workspace(name)
            issued = await keys.create("Tests", role=role, scopes=[], workspace_id=workspace_id, expires_at=None)
        return issued.key

    def database_url(self, service: str) -> str:
        """A service's database, as superuser: to look at what is there, never to change it."""
        return self._server().url(ServiceDatabase.of(service).name)

    def owner_url(self, service: str) -> str:
        database = ServiceDatabase.of(service)
        return self._server().role_url(database.name, database.owner)

    def _server(self) -> EmbeddedPostgres:
        server = EmbeddedPostgres.running(Home(self.home).postgres())
        assert server, "the embedded PostgreSQL does not run"
        return server


@dataclass(frozen=True)
class Model:
    """A stopped home after its first start, the key which that start showed, and the story told in its workspace."""

    admin_key: str
    story: dict[str, Any]


async def model() -> Model:
    """Made by the first who asks, for every worker of this run: a copy starts three times as fast as an empty home."""
    return await once_awaited("model", _tell_the_story)


async def _tell_the_story() -> Model:
    stack = Stack(shared("home").parent)
    try:
        await stack.start()
        async with Api(stack.url, stack.admin_key) as api:
            told = Loop(api)
            for _, step in told.steps():
                await step()
    finally:
        await stack.stop()
    return Model(stack.admin_key, {name: value for name, value in vars(told).items() if name != "api"})


async def _furnish(stack: Stack) -> None:
    stack._admin_key = (await model()).admin_key
    await copy_owned(shared("home"), stack.home)


@asynccontextmanager
async def story_of(stack: Stack) -> AsyncIterator[Loop]:
    """The story as it was told in the admin's workspace of a stack that is no new one."""
    async with Api(stack.url, stack.admin_key) as api:
        yield Loop(api, **(await model()).story)


@asynccontextmanager
async def running_stack(*, is_new: bool = False, **settings: str) -> AsyncIterator[Stack]:
    """A stack of its own, for tests that kill things, in whose first workspace the story was told already.

    A new one is empty, and shares no id and no secret with another.
    """
    stack = Stack(reachable_directory(), settings)
    try:
        if not is_new:
            await _furnish(stack)
        await stack.start()
        yield stack
    finally:
        await stack.stop()
        shutil.rmtree(stack.directory, ignore_errors=True)
