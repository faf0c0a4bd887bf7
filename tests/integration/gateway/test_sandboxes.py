"""Sandboxes: all of the API, none of the workspace's data."""

import asyncio

import jwt

from tests.integration.gateway.test_edge import assert_nowhere


async def opened(gateway, name="Trying"):
    answer = await gateway.client().post("/v1/workspace/sandbox/keys", json={"name": name})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_sandbox_key_reaches_the_sandbox_and_nothing_else(gateway, shared_service, database):
    assert (await gateway.client().get("/v1/workspace/sandbox")).status_code == 404
    made = await opened(gateway)
    assert made["key"].startswith("fc_test_")
    sandbox, live = gateway.client(made["key"]), gateway.client()
    me = (await sandbox.get("/v1/me")).json()
    assert (me["workspace"]["kind"], me["workspace"]["name"], me["role"]) == ("test", "Acme (sandbox)", "admin")
    assert me["workspace"]["id"] == made["sandbox_id"] != str(gateway.workspace_id)
    await sandbox.get("/v1/features")
    token = shared_service.heard[-1].headers["authorization"].removeprefix("Bearer ")
    assert jwt.decode(token, options={"verify_signature": False})["workspace"] == made["sandbox_id"]
    await live.post("/v1/members", json={"email": "ada@example.com", "role": "viewer"})
    assert (await sandbox.get("/v1/members")).json()["items"] == []
    assert [each["id"] for each in (await sandbox.get("/v1/api-keys")).json()["items"]] == [made["id"]]
    assert made["id"] not in (await live.get("/v1/api-keys")).text
    assert (await live.get(f"/v1/api-keys/{made['id']}")).status_code == 404
    assert (await sandbox.get("/v1/workspace")).json()["sandbox_of"] == str(gateway.workspace_id)
    await assert_nowhere(database, made["key"])


async def test_there_is_one_sandbox_however_many_open_it(gateway):
    made = await asyncio.gather(*(opened(gateway, f"Key {number}") for number in range(5)))
    assert len({each["sandbox_id"] for each in made}) == 1
    shown = (await gateway.client().get("/v1/workspace/sandbox")).json()
    assert (shown["id"], shown["keys"]) == (made[0]["sandbox_id"], 5)
    sandbox = gateway.client(made[0]["key"])
    await sandbox.post(f"/v1/api-keys/{made[1]['id']}/revoke")
    assert (await gateway.client().get("/v1/workspace/sandbox")).json()["keys"] == 4


async def test_a_sandbox_has_no_sandbox(gateway):
    sandbox = gateway.client((await opened(gateway))["key"])
    refused = await sandbox.post("/v1/workspace/sandbox/keys", json={"name": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "is_sandbox")
    narrower = await sandbox.post("/v1/api-keys", json={"name": "x", "role": "viewer"})
    assert narrower.json()["key"].startswith("fc_test_")
    form = await sandbox.post("/v1/api-keys", json={"name": "x", "kind": "form"})
    assert form.json()["key"].startswith("fc_pub_")


async def test_only_an_admin_opens_the_sandbox(gateway, keys):
    planner = gateway.client((await keys.create("x", role="planner", workspace_id=gateway.workspace_id)).key)
    assert (await planner.post("/v1/workspace/sandbox/keys", json={"name": "x"})).status_code == 403
