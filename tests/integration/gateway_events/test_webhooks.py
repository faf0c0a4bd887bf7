"""Webhooks as admins handle them: made, changed, guarded, tried, listed, replayed."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from standardwebhooks import Webhook

from gateway.events.webhooks.privacy import ReceiversAnswers
from services.chassis.identity import system_principal
from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from tests.integration.gateway_events.conftest import House, Tenant
from tests.integration.gateway_events.receiver import Receiver
from tests.integration.gateway_events.waiting import until


async def test_the_secret_is_shown_once(tenant: Tenant, receiver: Receiver) -> None:
    body, headers = {"url": receiver.url}, {"Idempotency-Key": "once"}
    first = await tenant.http.post("/v1/webhooks", json=body, headers=headers)
    again = await tenant.http.post("/v1/webhooks", json=body, headers=headers)
    assert first.json()["secret"].startswith("whsec_")
    assert (again.json()["id"], again.json()["secret"]) == (first.json()["id"], None)
    assert again.headers["idempotency-replayed"] == "true"
    read = await tenant.http.get(first.headers["location"])
    assert "secret" not in read.json()
    listed = (await tenant.http.get("/v1/webhooks")).json()["items"]
    assert [each["id"] for each in listed] == [first.json()["id"]]


async def test_no_secret_is_in_the_database(house: House, tenant: Tenant, receiver: Receiver) -> None:
    """Nor in the audit trail, nor in what is kept for idempotent replays: searched for in every table."""
    made = await tenant.http.post("/v1/webhooks", json={"url": receiver.url}, headers={"Idempotency-Key": "kept"})
    rotated = await tenant.http.post(f"/v1/webhooks/{made.json()['id']}/secret/rotate", json={})
    secrets = [answer.json()["secret"].removeprefix("whsec_") for answer in (made, rotated)]
    connection = await asyncpg.connect(house.context.settings.migration_url)
    try:
        tables = [
            row["name"]
            for row in await connection.fetch(
                "SELECT oid::regclass::text AS name FROM pg_class "
                "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
        ]
        for table in tables:
            rows = await connection.fetch(f"SELECT t::text AS whole FROM {table} t")
            assert not any(secret in row["whole"] for row in rows for secret in secrets), table
            hexed = [secret.encode().hex() for secret in secrets]
            assert not any(secret in row["whole"] for row in rows for secret in hexed), table
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "https://[::ffff:127.0.0.1]/",
        "http://example.com/",
        "https://user:secret@example.com/",
        "ftp://example.com/",
        "https://exämple.com/",
        "not a url",
    ],
)
async def test_an_address_that_must_not_be_called_is_refused(tenant: Tenant, url: str) -> None:
    answer = await tenant.http.post("/v1/webhooks", json={"url": url})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/url")


async def test_changes_want_the_etag_that_was_read(tenant: Tenant, receiver: Receiver) -> None:
    made = await tenant.webhook(receiver.url)
    path = f"/v1/webhooks/{made['id']}"
    assert (await tenant.http.patch(path, json={"description": "x"})).status_code == 428
    changed = await tenant.http.patch(
        path, json={"event_types": ["feature.*"], "is_enabled": False}, headers={"If-Match": made["etag"]}
    )
    assert (changed.json()["event_types"], changed.json()["disabled_reason"]) == (["feature.*"], "by_admin")
    assert (await tenant.http.patch(path, json={}, headers={"If-Match": made["etag"]})).status_code == 412
    refused = await tenant.http.patch(path, json={"url": "https://10.1.1.1"}, headers={"If-Match": "*"})
    assert refused.status_code == 422
    assert (await tenant.http.delete(path, headers={"If-Match": changed.headers["etag"]})).status_code == 204
    assert (await tenant.http.get(path)).status_code == 404


async def test_only_admins_of_the_workspace_see_webhooks(house: House, tenant: Tenant, receiver: Receiver) -> None:
    made = await tenant.webhook(receiver.url)
    planner = await house.keys.create("Planner", role="planner", workspace_id=tenant.id)
    other = await house.keys.create("Other", workspace_id=await house.keys.create_workspace("Other"))
    assert (await tenant.client(planner.key).get("/v1/webhooks")).status_code == 403
    stranger = tenant.client(other.key)
    assert (await stranger.get("/v1/webhooks")).json()["items"] == []
    for path in ("", "/deliveries", f"/deliveries/{uuid4()}"):
        assert (await stranger.get(f"/v1/webhooks/{made['id']}{path}")).status_code == 404, path
    assert (await stranger.post(f"/v1/webhooks/{made['id']}/test")).status_code == 404


async def test_a_webhook_sees_no_more_than_its_maker(house: House, tenant: Tenant, receiver: Receiver) -> None:
    """An admin key narrowed to webhooks and the roadmap cannot have metrics sent to itself."""
    narrow = await house.keys.create(
        "Narrow", role="admin", scopes=["admin:write", "roadmap:read"], workspace_id=tenant.id
    )
    made = await tenant.client(narrow.key).post("/v1/webhooks", json={"url": receiver.url})
    assert made.json()["scopes"] == ["roadmap:read"]
    await house.metrics.tell(tenant.id, "kpi.created")
    await tenant.logged(1)
    await house.roadmap.tell(tenant.id, "feature.created")
    assert [message.event["type"] for message in await receiver.got(1)] == ["feature.created"]
    wide = await tenant.webhook(f"{receiver.url}/wide")
    narrowed = await tenant.client(narrow.key).patch(
        f"/v1/webhooks/{wide['id']}", json={"description": "mine now"}, headers={"If-Match": "*"}
    )
    assert narrowed.json()["scopes"] == ["roadmap:read"]


async def test_a_test_event_goes_to_this_webhook_alone(tenant: Tenant, receiver: Receiver) -> None:
    made, other = await tenant.webhook(receiver.url), await tenant.webhook(f"{receiver.url}/other", "*")
    sent = await tenant.http.post(f"/v1/webhooks/{made['id']}/test")
    assert sent.status_code == 201
    message = await until(lambda: next((m for m in receiver.messages if m.event["type"] == "webhook.test"), None))
    assert message is not None
    assert Webhook(made["secret"]).verify(message.body, message.headers)["subject"] == made["id"]
    assert message.id == sent.json()["event_id"] == message.event["id"]

    async def delivered() -> bool:
        return (await tenant.http.get(sent.headers["location"])).json()["state"] == "delivered"

    await until(delivered)
    told = (await tenant.http.get(sent.headers["location"])).json()
    assert [(each["number"], each["status"], each["answer"]) for each in told["history"]] == [(1, 200, "ok")]
    assert "webhook.test" not in {each["event_type"] for each in await tenant.deliveries(other["id"])}


async def test_deliveries_are_listed_by_state_and_page(house: House, tenant: Tenant, receiver: Receiver) -> None:
    made = await tenant.webhook(receiver.url, "feature.*")
    await house.roadmap.tell_many(tenant.id, "feature.created", 12)
    await house.roadmap.tell(tenant.id, "objective.created")
    await receiver.got(12)

    async def all_delivered() -> bool:
        return len(await tenant.deliveries(made["id"], state="delivered")) == 12

    await until(all_delivered)
    assert await tenant.deliveries(made["id"], state="pending") == []
    path = f"/v1/webhooks/{made['id']}/deliveries"
    first = (await tenant.http.get(path, params={"limit": 8})).json()
    second = (await tenant.http.get(path, params={"limit": 8, "cursor": first["next_cursor"]})).json()
    ids = [each["id"] for each in (*first["items"], *second["items"])]
    assert (len(set(ids)), second["next_cursor"], first["sync_token"]) == (12, None, None)
    assert (await tenant.http.get(path, params={"sync_token": "x"})).status_code == 422


async def test_one_delivery_is_replayed_under_its_id(house: House, tenant: Tenant, receiver: Receiver) -> None:
    made = await tenant.webhook(receiver.url)
    await house.roadmap.tell(tenant.id, "feature.created")
    first = (await receiver.got(1))[0]

    async def delivered() -> list[dict[str, object]]:
        return await tenant.deliveries(made["id"], state="delivered")

    delivery = (await until(delivered))[0]
    replayed = await tenant.http.post(f"/v1/webhooks/{made['id']}/deliveries/{delivery['id']}/replay")
    assert (replayed.status_code, replayed.json()["state"]) == (200, "pending")
    second = (await receiver.got(2))[1]
    assert (second.id, second.body) == (first.id, first.body)
    assert Webhook(made["secret"]).verify(second.body, second.headers)
    wrong = await tenant.http.post(f"/v1/webhooks/{uuid4()}/deliveries/{delivery['id']}/replay")
    assert wrong.status_code == 404


async def test_what_was_missed_is_replayed_by_time(house: House, tenant: Tenant, receiver: Receiver) -> None:
    """Events of before the webhook was made, too; what was delivered comes again only when asked for."""
    begun = datetime.now(UTC) - timedelta(minutes=1)
    await house.roadmap.tell_many(tenant.id, "feature.created", 3)
    await house.roadmap.tell(tenant.id, "objective.created")
    await tenant.logged(4)
    made = await tenant.webhook(receiver.url, "feature.*")
    replay = f"/v1/webhooks/{made['id']}/replay"
    answer = await tenant.http.post(replay, json={"since": begun.isoformat()})
    assert answer.json() == {"queued": 3}
    await receiver.got(3)

    async def settled() -> bool:
        return len(await tenant.deliveries(made["id"], state="delivered")) == 3

    await until(settled)
    assert (await tenant.http.post(replay, json={"since": begun.isoformat()})).json() == {"queued": 0}
    again = {"since": begun.isoformat(), "until": datetime.now(UTC).isoformat(), "deliveries": "all"}
    assert (await tenant.http.post(replay, json=again)).json() == {"queued": 3}
    messages = await receiver.got(6)
    assert {message.id for message in messages[:3]} == {message.id for message in messages[3:]}


async def test_a_disabled_webhook_is_told_nothing_until_it_is_enabled(
    house: House, tenant: Tenant, receiver: Receiver
) -> None:
    made = await tenant.webhook(receiver.url)
    path = f"/v1/webhooks/{made['id']}"
    await tenant.http.patch(path, json={"is_enabled": False}, headers={"If-Match": "*"})
    await house.roadmap.tell(tenant.id, "feature.created")
    await tenant.logged(1, type="feature.*")
    assert await tenant.deliveries(made["id"]) == []
    assert (await tenant.http.post(f"{path}/test")).json()["code"] == "webhook_disabled"
    await tenant.http.patch(path, json={"is_enabled": True}, headers={"If-Match": "*"})
    subject = await house.roadmap.tell(tenant.id, "feature.updated")

    async def told() -> bool:
        return any(message.event["subject"] == str(subject) for message in receiver.messages)

    await until(told)
    assert "feature.created" not in {message.event["type"] for message in receiver.messages}


async def test_what_a_receiver_said_of_a_person_is_erased(house: House, tenant: Tenant, receiver: Receiver) -> None:
    """Answers to messages about the person's things, and answers that name them; others stay."""
    made = await tenant.webhook(receiver.url)
    person, other = uuid4(), uuid4()
    for subject in (person, other):
        await house.roadmap.tell(tenant.id, "feature.created", subject_id=subject)
    await receiver.got(2)

    async def answers() -> dict[str, str | None]:
        said = {}
        for delivery in await tenant.deliveries(made["id"], state="delivered"):
            event = next(
                each for each in await tenant.logged(2, type="feature.*") if each["id"] == delivery["event_id"]
            )
            path = f"/v1/webhooks/{made['id']}/deliveries/{delivery['id']}"
            said[event["subject"]] = (await tenant.http.get(path)).json()["history"][0]["answer"]
        return said if len(said) == 2 else {}

    assert set((await until(answers)).values()) == {"ok"}
    work = UnitOfWork(house.context, system_principal("gateway", workspace_id=tenant.id))
    async with work.session:
        subject = DataSubject(contact_id=person)
        exported = await ReceiversAnswers().export(work.session, subject)
        assert [row["answer"] for row in exported["webhook_attempt"]] == ["ok"]
        assert await ReceiversAnswers().erase(work, subject) == {"webhook_attempt": 1}
        assert await ReceiversAnswers().erase(work, subject) == {"webhook_attempt": 0}
        await work.session.commit()
    assert await answers() == {str(person): None, str(other): "ok"}
