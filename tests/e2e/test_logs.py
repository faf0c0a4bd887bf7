"""What callers say and show is in no log: of the four processes, of the launcher, of PostgreSQL."""

import gzip
import secrets
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from services.launcher.bootstrap import SERVICES
from tests.e2e.stack import Stack, until

NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def canary() -> str:
    return f"canary{uuid4().hex}"


def logs(stack: Stack) -> dict[str, str]:
    """What each process has written so far, and the launcher to its terminal."""
    written = {path.name: path.read_text(errors="replace") for path in stack.home.rglob("*.log")}
    return written | {"launcher": "\n".join(line for line in stack.output if stack.admin_key not in line)}


async def speak(client: httpx.AsyncClient, canary: str) -> None:
    """Words and addresses wherever a caller can put them: taken, refused, doubled, malformed, too large."""
    said = {"text": f"My {canary} is broken", "source": canary, "external_id": canary}
    contact = {"email": f"{canary}@example.org", "name": canary}
    for _ in range(2):
        await client.post("/v1/feedback", json=said | {"contact": contact, "metadata": {"note": canary}})
        await client.post("/v1/contacts", json=contact)
        await client.post("/v1/kpis", json={"name": canary, "unit": "s", "aggregation": "average", "direction": "down"})
        await client.post("/v1/objectives", json={"title": canary, "due_on": "2027-03-31"})
    await client.post("/v1/feedback/bulk", content=f'{{"text": "{canary}"}}\n{canary}\n'.encode(), headers=NDJSON)
    await client.post("/v1/feedback", content=f'{{"text": "{canary}"'.encode())
    await client.post("/v1/feedback", content=canary.encode(), headers={"Content-Type": canary})
    await client.post("/v1/feedback", content=gzip.compress(canary.encode()), headers={"Content-Encoding": canary})
    await client.post("/v1/requirements", json={"title": canary, canary: canary})
    await client.post("/v1/requirements", content=b'{"title": "%s"}' % (canary.encode() * 60_000))
    for path in ("feedback", "features", "kpis", "workspace"):
        await client.get(f"/v1/{path}", params={"q": canary, canary: canary, "cursor": canary})
        await client.get(f"/v1/{path}/{canary}", headers={"If-None-Match": canary, "traceparent": canary})


async def show_keys(stack: Stack, client: httpx.AsyncClient, canary: str) -> list[str]:
    """Everything secret that a caller holds, used and misused; answers what it was."""
    made = (await client.post("/v1/api-keys", json={"name": "Desk", "role": "viewer"})).json()["key"]
    ticket = (await client.post("/v1/stream-tickets")).json()["ticket"]
    hook = {"url": f"https://127.0.0.1:9/{canary}?token={canary}", "event_types": ["*"]}
    webhook = (await client.post("/v1/webhooks", json=hook)).json()
    for key in (made, made[:-1] + "x", f"fc_live_{canary}", f"Basic {canary}"):
        async with stack.client(key) as wrong:
            await wrong.get("/v1/me")
            await wrong.post("/v1/api-keys", json={"name": canary})
    async with stack.stranger() as stranger:
        await stranger.get("/v1/event-log/stream", params={"ticket": ticket[:-1] + "x"})
        await stranger.get("/v1/features", headers={"Cookie": canary, "Authorization": f"Bearer {canary}"})
    return [secret for secret in (made, ticket, webhook.get("secret")) if secret]


async def test_no_word_no_key_and_no_address_is_in_a_log(stack: Stack, canary: str) -> None:
    key = await stack.other_workspace("Overheard")
    async with stack.client(key) as client:
        await speak(client, canary)
        shown = await show_keys(stack, client, canary)
        trace_id = await ask_everyone(client)
    kept = [path.read_text().strip() for path in (stack.home / "secrets").iterdir() if path.is_file()]
    passwords = [str(urlsplit(stack.owner_url(service)).password) for service in SERVICES]
    hidden = [canary, stack.admin_key, key, *shown, *kept, *passwords]
    await until(lambda: everyone_has_logged(stack, trace_id), what="each process has logged the last request")
    found = [
        f"{name}: {line[:300]}"
        for name, text in logs(stack).items()
        for line in text.splitlines()
        if any(secret in line for secret in hidden)
    ]
    assert found == []


async def ask_everyone(client: httpx.AsyncClient) -> str:
    """A trace that every process logs, after all that it has logged before."""
    trace_id = secrets.token_hex(16)
    for path in ("feedback", "features", "kpis", "workspace"):
        await client.get(f"/v1/{path}", headers={"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"})
    return trace_id


async def everyone_has_logged(stack: Stack, trace_id: str) -> bool:
    written = logs(stack)
    return all(trace_id in written[f"{service}.log"] for service in SERVICES)
