"""People sign in with a real OpenID Connect provider, and are who their admins say they are."""

import asyncio
import time

import asyncpg
import pytest

from services.chassis.identity import TokenVerifier
from tests.integration.gateway.conftest import SEED
from tests.integration.gateway.oidc_provider import AUDIENCE


@pytest.fixture
def options(provider):
    return {"oidc_issuers": [{"issuer": provider.issuer, "audiences": [AUDIENCE]}], "failed_keys_per_minute": 100_000}


async def invited(gateway, **who):
    answer = await gateway.client().post("/v1/members", json=who)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def removed(gateway, member):
    answer = await gateway.client().delete(f"/v1/members/{member['id']}", headers={"If-Match": "*"})
    assert answer.status_code == 204


@pytest.fixture
async def ada(gateway, provider):
    """Ada, a planner by her address, who has a token and has not shown it yet."""
    member = await invited(gateway, email="ada@example.com", role="planner")
    yield member, (await provider.sign_in("ada"))["access_token"]
    await gateway.client().delete(f"/v1/members/{member['id']}", headers={"If-Match": "*"})


async def test_who_was_invited_by_address_is_a_member_from_the_first_call(gateway, provider, ada, shared_service):
    member, token = ada
    me = await gateway.client(token).get("/v1/me")
    assert me.status_code == 200, me.text
    assert (me.json()["kind"], me.json()["role"]) == ("person", "planner")
    assert me.json()["member"] == {"id": member["id"], "email": "ada@example.com", "name": "Ada Lovelace"}
    shown = (await gateway.client().get(f"/v1/members/{member['id']}")).json()
    assert (shown["state"], shown["issuer"], shown["subject"]) == ("active", provider.issuer, "ada")
    assert (await gateway.client(token).get("/v1/features")).status_code == 200
    internal = shared_service.heard[-1].headers["authorization"].removeprefix("Bearer ")
    principal = TokenVerifier(SEED, audience="roadmap").verify(internal)
    assert (principal.id, principal.kind) == (f"person:{member['id']}", "person")
    assert (await gateway.client(token).get("/v1/members")).status_code == 403, "a planner is no admin"


async def test_joining_is_told_and_audited_once_and_being_seen_is_noted(gateway, ada, database):
    member, token = ada
    answers = await asyncio.gather(*(gateway.client(token).get("/v1/me") for _ in range(5)))
    assert {each.status_code for each in answers} == {200}
    connection = await asyncpg.connect(database.superuser_url)
    wanted = "SELECT action, actor_id FROM audit_entry WHERE subject_id = $1 ORDER BY position"
    told = [tuple(row) for row in await connection.fetch(wanted, member["id"])]
    everywhere = [str(row) for row in await connection.fetch("SELECT t::text FROM audit_entry t")]
    await connection.close()
    assert [action for action, _ in told] == ["member.invited", "member.joined"]
    assert told[1][1] == f"person:{member['id']}"
    assert token not in "".join(everywhere)
    await gateway.edge.house.last_used.flush()
    assert (await gateway.client().get(f"/v1/members/{member['id']}")).json()["last_seen_at"] is not None


async def test_an_address_that_the_provider_has_not_verified_opens_nothing(gateway, provider, ada):
    refused = await gateway.client((await provider.sign_in("eve"))["access_token"]).get("/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_a_member")


async def test_an_invitation_is_taken_up_by_one_person_only(gateway, provider, ada):
    assert (await gateway.client(ada[1]).get("/v1/me")).status_code == 200
    late = await gateway.client((await provider.sign_in("second-ada"))["access_token"]).get("/v1/me")
    assert (late.status_code, late.json()["code"]) == (403, "not_a_member")


async def test_who_has_no_address_is_invited_by_subject(gateway, provider):
    member = await invited(gateway, issuer=provider.issuer, subject="nameless", role="viewer", name="N. N.")
    token = (await provider.sign_in("nameless", scope="openid"))["access_token"]
    me = (await gateway.client(token).get("/v1/me")).json()
    assert (me["member"]["name"], me["role"]) == ("N. N.", "viewer")
    await removed(gateway, member)


async def test_an_id_token_is_for_the_page_and_not_for_us(gateway, provider, ada):
    refused = await gateway.client((await provider.sign_in("ada"))["id_token"]).get("/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")


async def test_a_token_that_names_scopes_of_ours_can_do_no_more_than_these(gateway, provider, ada):
    token = (await provider.sign_in("ada", scope="openid email roadmap:read admin:write"))["access_token"]
    assert (await gateway.client(token).get("/v1/me")).json()["scopes"] == ["roadmap:read"]


async def test_a_new_role_and_a_removal_work_within_a_second(gateway, ada):
    member, token = ada
    client, path = gateway.client(token), f"/v1/members/{member['id']}"
    assert (await client.get("/v1/me")).status_code == 200
    changed = await gateway.client().patch(path, json={"role": "viewer"}, headers={"If-Match": "*"})
    assert changed.status_code == 200
    began = time.monotonic()
    while (await client.get("/v1/me")).json()["role"] != "viewer":
        assert time.monotonic() - began < 1
    await removed(gateway, member)
    began = time.monotonic()
    while (await client.get("/v1/features")).status_code != 403:
        assert time.monotonic() - began < 1


async def test_whoever_is_in_several_workspaces_says_which(gateway, provider, keys, ada):
    other_id = await keys.create_workspace("Other")
    other = gateway.client((await keys.create("x", workspace_id=other_id)).key)
    second = (await other.post("/v1/members", json={"email": "ada@example.com", "role": "viewer"})).json()
    client = gateway.client(ada[1])
    which = await client.get("/v1/me")
    assert (which.status_code, which.json()["code"]) == (400, "workspace_required")
    assert {each["name"] for each in which.json()["workspaces"]} == {"Acme", "Other"}
    for workspace_id, role in ((gateway.workspace_id, "planner"), (other_id, "viewer")):
        me = (await client.get("/v1/me", headers={"Fullcircle-Workspace": str(workspace_id)})).json()
        assert (me["workspace"]["id"], me["role"]) == (str(workspace_id), role)
    third = await keys.create_workspace("Third")
    for stranger in (str(third), "x", "00000000-0000-0000-0000-000000000000"):
        refused = await client.get("/v1/me", headers={"Fullcircle-Workspace": stranger})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_a_member")
    assert (await other.delete(f"/v1/members/{second['id']}", headers={"If-Match": "*"})).status_code == 204


async def test_a_person_follows_a_stream_with_a_ticket_until_they_are_removed(gateway, ada):
    member, token = ada
    got = await gateway.client(token).post("/v1/stream-tickets")
    assert got.status_code == 200, got.text
    browser = gateway.client(None)
    query = {"ticket": got.json()["ticket"]}
    async with asyncio.timeout(10), browser.stream("GET", "/v1/event-log/stream", params=query) as stream:
        assert stream.status_code == 200
        lines = stream.aiter_lines()
        assert (await anext(lines)).startswith("retry:")
        await removed(gateway, member)
        async for _ in lines:
            pass


async def test_guessing_with_tokens_is_slowed_down_too(gateway, provider):
    failures = gateway.edge.house.failures
    before = failures._arrival.get("127.0.0.1", 0.0)
    await gateway.client(provider.token(aud="x")).get("/v1/me")
    await gateway.client(provider.token(sub="stranger")).get("/v1/me")
    assert failures._arrival["127.0.0.1"] > before
