"""Members: invited, changed, removed, and never without an admin."""

import asyncio

import asyncpg
import pytest
import pytest_asyncio

ISSUER = "https://login.example.com"


@pytest_asyncio.fixture
async def owner(database):
    connection = await asyncpg.connect(database.superuser_url)
    yield connection
    await connection.close()


async def invited(gateway, **who):
    answer = await gateway.client().post("/v1/members", json=who)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def joined(gateway, owner, **who):
    """As if they had signed in."""
    member = await invited(gateway, **who)
    await owner.execute("UPDATE member SET joined_at = now() WHERE id = $1", member["id"])
    return member


async def test_the_story_of_a_member_is_told_and_audited(gateway, owner):
    admin = gateway.client()
    ada = await invited(gateway, email="Ada@Example.com", name="Ada", role="viewer")
    assert (ada["email"], ada["state"], ada["joined_at"]) == ("ada@example.com", "invited", None)
    again = await admin.post("/v1/members", json={"email": "ADA@example.com", "role": "admin"})
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")
    path = f"/v1/members/{ada['id']}"
    changed = await admin.patch(path, json={"role": "planner"}, headers={"If-Match": ada["etag"]})
    assert (changed.json()["role"], changed.json()["name"]) == ("planner", "Ada")
    stale = await admin.delete(path, headers={"If-Match": ada["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_etag")
    assert (await admin.delete(path)).status_code == 428
    page = (await admin.get("/v1/members")).json()
    assert [each["id"] for each in page["items"]] == [ada["id"]]
    gone = await admin.delete(path, headers={"If-Match": changed.headers["etag"]})
    assert gone.status_code == 204
    assert (await admin.get(path)).status_code == 404
    since = (await admin.get("/v1/members", params={"sync_token": page["sync_token"]})).json()
    assert [each["id"] for each in since["deleted"]] == [ada["id"]]
    wanted = "SELECT action FROM audit_entry WHERE workspace_id = $1 AND subject_type = 'member' ORDER BY position"
    told = await owner.fetch(wanted, gateway.workspace_id)
    assert [row["action"] for row in told] == ["member.invited", "member.updated", "member.removed"]


async def test_the_last_admin_who_can_sign_in_stays(gateway, owner):
    admin = gateway.client()
    ada = await joined(gateway, owner, issuer=ISSUER, subject="ada", role="admin")
    bob = await invited(gateway, email="bob@example.com", role="admin")
    path, anything = f"/v1/members/{ada['id']}", {"If-Match": "*"}
    for answer in (
        await admin.delete(path, headers=anything),
        await admin.patch(path, json={"role": "planner"}, headers=anything),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
    renamed = await admin.patch(path, json={"name": "Ada", "role": "admin"}, headers=anything)
    assert renamed.status_code == 200
    assert (await admin.delete(f"/v1/members/{bob['id']}", headers=anything)).status_code == 204


async def test_of_two_admins_who_leave_at_once_one_stays(gateway, owner):
    admin = gateway.client()
    for _ in range(5):
        two = [await joined(gateway, owner, issuer=ISSUER, subject=name, role="admin") for name in ("a", "b")]
        answers = await asyncio.gather(
            *(admin.delete(f"/v1/members/{each['id']}", headers={"If-Match": "*"}) for each in two)
        )
        assert sorted(each.status_code for each in answers) == [204, 409]
        await owner.execute("DELETE FROM member WHERE workspace_id = $1", gateway.workspace_id)


@pytest.mark.parametrize(
    "who",
    [
        {"role": "viewer"},
        {"role": "viewer", "subject": "x"},
        {"role": "viewer", "issuer": ISSUER},
        {"role": "owner", "email": "x@example.com"},
        {"role": "viewer", "email": "x"},
        {"role": "viewer", "issuer": "login", "subject": "x"},
        {"email": "x@example.com"},
    ],
)
async def test_who_is_meant_must_be_clear(gateway, who):
    refused = await gateway.client().post("/v1/members", json=who)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")


async def test_nobody_lifts_another_above_themselves(gateway, keys):
    issued = await keys.create("x", role="admin", scopes=["admin:*"], workspace_id=gateway.workspace_id)
    narrow = gateway.client(issued.key)
    refused = await narrow.post("/v1/members", json={"email": "x@example.com", "role": "viewer"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    member = await invited(gateway, email="x@example.com", role="viewer")
    lifted = await narrow.patch(f"/v1/members/{member['id']}", json={"role": "admin"}, headers={"If-Match": "*"})
    assert lifted.status_code == 403


async def test_another_workspaces_members_do_not_exist(gateway, keys):
    member = await invited(gateway, email="x@example.com", role="viewer")
    other = gateway.client((await keys.create("x", workspace_id=await keys.create_workspace("Other"))).key)
    path = f"/v1/members/{member['id']}"
    assert (await other.get("/v1/members")).json()["items"] == []
    assert (await other.get(path)).status_code == 404
    assert (await other.delete(path, headers={"If-Match": "*"})).status_code == 404
    theirs = await other.post("/v1/members", json={"email": "x@example.com", "role": "viewer"})
    assert theirs.status_code == 201, "one person may be a member of several workspaces"
