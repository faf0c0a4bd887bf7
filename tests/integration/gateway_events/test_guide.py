"""docs/guides/webhooks.md keeps its word: its code is run as it stands there."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.launcher.ports import free_port
from tests.integration.gateway_events.conftest import House, Tenant
from tests.integration.gateway_events.waiting import until

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "webhooks.md"
NPM_LIBRARY = "standardwebhooks@1.1.1"


def code(language: str, *words: str) -> str:
    """The one block in this language that holds all these words."""
    blocks = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    (found,) = [block for block in blocks if all(word in block for word in words)]
    return str(found)


async def output_of(*command: str, cwd: Path | None = None, **environment: str) -> str:
    """What a program prints; it has to end well."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, (out + err).decode()
    return out.decode()


async def curl(*words: str, **environment: str) -> Any:
    """The answer to one of the guide's curl commands."""
    return json.loads(await output_of("bash", "-ec", code("bash", *words), **environment))


@asynccontextmanager
async def receiver_running(*command: str, port: int, secret: str, cwd: Path) -> AsyncIterator[list[str]]:
    """A receiver of the guide as a process of its own; answers the lines that it prints."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={**os.environ, "PORT": str(port), "WEBHOOK_SECRET": secret},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    lines: list[str] = []
    reading = asyncio.create_task(_read(process, lines))
    try:
        await until(lambda: _answers(port), what="the receiver")
        yield lines
    finally:
        process.terminate()
        await process.wait()
        await reading


async def _read(process: asyncio.subprocess.Process, lines: list[str]) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        lines.append(line.decode().strip())  # noqa: PERF401 -- a list is watched while it grows


async def _answers(port: int) -> bool:
    """A message without a signature is refused: the receiver is up, and careful."""
    with contextlib.suppress(httpx.TransportError):
        async with httpx.AsyncClient() as client:
            return (await client.post(f"http://127.0.0.1:{port}", content=b"{}")).status_code == 401
    return False


async def follow_the_guide(house: House, tenant: Tenant, *command: str, cwd: Path) -> None:
    """Make a webhook, receive the test and an event, replay and rotate: the guide from its beginning to its end."""
    port = free_port()
    known = {"FULLCIRCLE": house.url, "FULLCIRCLE_KEY": tenant.key}
    made = await curl('/v1/webhooks" ', "event_types", RECEIVER=f"http://127.0.0.1:{port}", **known)
    known["WEBHOOK_ID"] = made["id"]
    async with receiver_running(*command, port=port, secret=made["secret"], cwd=cwd) as lines:
        assert (await curl("/test", **known))["event_type"] == "webhook.test"
        await until(lambda: f"webhook.test {made['id']}" in lines, what="the test event")
        await curl("/secret/rotate", **known)
        subject = await house.roadmap.tell(tenant.id, "feature.created")
        await until(lambda: f"feature.created {subject}" in lines, what="an event after the rotation")
        since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()

        async def settled() -> bool:
            return not await tenant.deliveries(made["id"], state="pending")

        await until(settled)
        assert await curl("/replay", "since", SINCE=since, **known) == {"queued": 0}
        for delivery in await tenant.deliveries(made["id"]):
            await tenant.http.post(f"/v1/webhooks/{made['id']}/deliveries/{delivery['id']}/replay")
        await until(settled)
        assert len(lines) == len(set(lines)) == 2, "what comes twice is handled once"


async def test_the_python_receiver(house: House, tenant: Tenant, tmp_path: Path) -> None:
    (tmp_path / "receiver.py").write_text(code("python", "standardwebhooks"))
    await follow_the_guide(house, tenant, sys.executable, "receiver.py", cwd=tmp_path)


async def test_the_javascript_receiver(house: House, tenant: Tenant, tmp_path: Path) -> None:
    """The library of another house, in another language."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed: the npm library cannot verify our signatures here")
    install = ("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", NPM_LIBRARY)
    try:
        async with asyncio.timeout(60):
            await output_of(*install, cwd=tmp_path)
    except (AssertionError, TimeoutError):
        pytest.skip(f"npm cannot fetch {NPM_LIBRARY} here: no registry can be reached")
    (tmp_path / "receiver.js").write_text(code("javascript", "standardwebhooks"))
    await follow_the_guide(house, tenant, "node", "receiver.js", cwd=tmp_path)


async def test_the_reader_of_the_log(house: House, tenant: Tenant, tmp_path: Path) -> None:
    """From the beginning over several pages, then only what is new."""
    (tmp_path / "reader.py").write_text(code("python", "/v1/event-log"))
    known = {"FULLCIRCLE": house.url, "FULLCIRCLE_KEY": tenant.key}
    await house.roadmap.tell_many(tenant.id, "feature.created", 130)
    await tenant.logged(130)
    *events, last = (await output_of(sys.executable, "reader.py", cwd=tmp_path, **known)).splitlines()
    assert [int(line.split()[0]) for line in events] == list(range(1, 131))
    subject = await house.roadmap.tell(tenant.id, "feature.updated")
    await tenant.logged(1, type="feature.updated")
    again = await output_of(sys.executable, "reader.py", cwd=tmp_path, CURSOR=last.split()[-1], **known)
    assert again.splitlines()[:-1] == [f"131 feature.updated {subject}"]


async def test_the_event_of_the_guide_has_every_member(house: House, tenant: Tenant) -> None:
    await house.roadmap.tell(tenant.id, "feature.created")
    told = (await tenant.logged(1))[0]
    shown = json.loads(code("json", "specversion"))
    assert {**told, "traceparent": None}.keys() - {"traceparent"} == shown.keys()


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: the page's code is not read")
async def test_the_code_for_browsers_is_javascript(tmp_path: Path) -> None:
    """Read, not run: what it does against the stream, the tests of tickets do."""
    (tmp_path / "page.mjs").write_text(code("javascript", "EventSource"))
    await output_of("node", "--check", "page.mjs", cwd=tmp_path)
