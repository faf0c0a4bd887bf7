"""Delivery: each event to each webhook once in the ledger, again and again to the receiver until it takes it."""

import asyncio
import dataclasses
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text
from standardwebhooks import Webhook, WebhookVerificationError

from gateway.events.webhooks.courier import Courier
from gateway.events.webhooks.repository import WebhookRepository
from gateway.events.webhooks.schedule import RETRY_AFTER_S
from gateway.events.webhooks.tasks import ask_for_overdue, purge
from services.chassis.clock import FixedClock
from services.chassis.context import ServiceContext
from services.chassis.outbound.client import OutboundClient, outbound_client
from tests.integration.gateway_events.conftest import House, Tenant
from tests.integration.gateway_events.receiver import Message, Receiver, receiving
from tests.integration.gateway_events.waiting import until

NOT_IN_HAND = text(
    "SELECT NOT EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'doing' AND args ->> 'webhook_id' = :webhook_id)"
)
FORGET_JOBS = text("DELETE FROM procrastinate_jobs WHERE status = 'todo' AND args ->> 'webhook_id' = :webhook_id")


@pytest_asyncio.fixture(scope="module")
async def client() -> AsyncIterator[OutboundClient]:
    async with outbound_client(environment="development") as opened:
        yield opened


class Years:
    """A webhook's deliveries worked on by hand, at any time one likes, while the house's own worker may not."""

    def __init__(self, house: House, tenant: Tenant, client: OutboundClient) -> None:
        self.clock = FixedClock(house.context.clock.now() + timedelta(seconds=5))
        self.context: ServiceContext = dataclasses.replace(house.context, clock=self.clock)
        self._tenant = tenant
        self._client = client

    async def take(self, webhook_id: str) -> None:
        """From now on the house's worker finds the webhook in another's hand, and nothing to do."""
        await self._let_go(webhook_id, until=self.clock.now() + timedelta(days=400))

    async def give_back(self, webhook_id: str) -> None:
        await self._let_go(webhook_id, until=None)

    async def deliver(self, webhook_id: str, *, workers: int = 1) -> None:
        """Work on a webhook that was taken, and keep it."""
        held_until = await self._held_until(webhook_id)
        await self._let_go(webhook_id, until=held_until)
        await until(lambda: self._is_left_alone(webhook_id))
        await self._let_go(webhook_id, until=None if self._rest is None else self._rest)
        couriers = [Courier(self.context, self._client, self._tenant.id, UUID(webhook_id)) for _ in range(workers)]
        await asyncio.gather(*(courier.run() for courier in couriers))
        self._rest = await self._held_until(webhook_id)
        await self._let_go(webhook_id, until=held_until)

    _rest: datetime | None = None

    async def _is_left_alone(self, webhook_id: str) -> bool:
        """Whether the house's worker is done with the job that it had begun; the others are forgotten by now."""
        async with self.context.database.transaction(workspace_id=self._tenant.id) as session:
            return bool(await session.scalar(NOT_IN_HAND, {"webhook_id": webhook_id}))

    async def one(self, webhook_id: str) -> dict[str, Any]:
        return (await self._tenant.deliveries(webhook_id))[-1]

    async def _held_until(self, webhook_id: str) -> datetime | None:
        async with self.context.database.transaction(workspace_id=self._tenant.id) as session:
            held = await WebhookRepository(session).held_until(UUID(webhook_id))
        return held.held_until if held else None

    async def _let_go(self, webhook_id: str, *, until: datetime | None) -> None:
        async with self.context.database.transaction(workspace_id=self._tenant.id) as session:
            await WebhookRepository(session).let_go(UUID(webhook_id), until=until)
            await session.execute(FORGET_JOBS, {"webhook_id": webhook_id})


@pytest.fixture
def years(house: House, tenant: Tenant, client: OutboundClient) -> Years:
    return Years(house, tenant, client)


async def read(tenant: Tenant, made: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = (await tenant.http.get(f"/v1/webhooks/{made['id']}")).json()
    return answer


async def test_every_event_arrives_signed(house: House, tenant: Tenant, receiver: Receiver) -> None:
    made = await tenant.webhook(receiver.url)
    await house.roadmap.tell_many(tenant.id, "feature.created", 30, data={"priority": 1})
    messages = await receiver.got(30)
    logged = {event["id"]: event for event in await tenant.logged(30, type="feature.*")}
    for message in messages:
        event = Webhook(made["secret"]).verify(message.body, message.headers)
        told = logged[message.id]
        assert event == {name: value for name, value in told.items() if value is not None}
        assert message.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert Counter(message.id for message in messages) == Counter(list(logged))


async def test_the_trace_of_the_cause_goes_along(tenant: Tenant, receiver: Receiver) -> None:
    await tenant.webhook(receiver.url, "workspace.*")
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    await tenant.http.patch(
        "/v1/workspace",
        json={"name": "Traced"},
        headers={"If-Match": "*", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"},
    )
    message = (await receiver.got(1))[0]
    assert message.headers["traceparent"].split("-")[1] == trace


async def test_a_failure_is_tried_again_after_five_seconds(house: House, tenant: Tenant, receiver: Receiver) -> None:
    """The real worker, the real clock: refused once, then taken."""
    receiver.statuses = [500, 200]
    made = await tenant.webhook(receiver.url)
    await house.roadmap.tell(tenant.id, "feature.created")
    first, second = await receiver.got(2)
    assert first.id == second.id
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) >= 5
    assert all(Webhook(made["secret"]).verify(each.body, each.headers) for each in (first, second))

    async def delivered() -> bool:
        return (await tenant.deliveries(made["id"]))[0]["state"] == "delivered"

    await until(delivered)
    assert (await read(tenant, made))["failing_since"] is None


async def test_ten_failures_are_the_end(house: House, tenant: Tenant, receiver: Receiver, years: Years) -> None:
    receiver.statuses = [503]
    made = await tenant.webhook(receiver.url)
    await years.take(made["id"])
    await house.roadmap.tell(tenant.id, "feature.created")
    await tenant.logged(1, type="feature.*")
    begun = years.clock.now()
    for attempt, planned_s in enumerate(RETRY_AFTER_S, start=1):
        before = years.clock.now()
        await years.deliver(made["id"])
        await years.deliver(made["id"])
        assert len(receiver.messages) == attempt, "nothing is sent before its time"
        delivery = await years.one(made["id"])
        assert (delivery["state"], delivery["attempts"]) == ("pending", attempt)
        wait = timedelta(seconds=planned_s)
        assert before + wait <= _moment(delivery["next_attempt_at"]) <= before + wait * 1.2
        years.clock.advance(_moment(delivery["next_attempt_at"]) - before)
    await years.deliver(made["id"])
    delivery = await years.one(made["id"])
    assert (delivery["state"], delivery["attempts"], delivery["next_attempt_at"]) == ("failed", 10, None)
    assert len({message.id for message in receiver.messages}) == 1
    assert timedelta(days=3) < years.clock.now() - begun < timedelta(days=4)
    history = (await tenant.http.get(f"/v1/webhooks/{made['id']}/deliveries/{delivery['id']}")).json()["history"]
    assert [each["number"] for each in history] == list(range(1, 11))


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


async def test_five_days_of_failure_disable_it_with_a_notice(
    house: House, tenant: Tenant, receiver: Receiver, years: Years
) -> None:
    receiver.statuses = [500]
    made = await tenant.webhook(receiver.url, "feature.*")
    async with receiving() as watcher:
        await tenant.webhook(watcher.url, "webhook.disabled")
        await years.take(made["id"])
        await house.roadmap.tell_many(tenant.id, "feature.created", 2)
        await tenant.logged(2, type="feature.*")
        await years.deliver(made["id"])
        first = await read(tenant, made)
        assert first["is_enabled"]
        assert first["failing_since"] is not None
        years.clock.advance(timedelta(days=5) - timedelta(minutes=1))
        await years.deliver(made["id"])
        assert (await read(tenant, made))["is_enabled"]
        years.clock.advance(timedelta(days=1))
        await years.deliver(made["id"])
        disabled = await read(tenant, made)
        assert (disabled["is_enabled"], disabled["disabled_reason"]) == (False, "failing")
        notice = (await watcher.got(1))[0].event
        assert (notice["type"], notice["subject"], notice["data"]) == (
            "webhook.disabled",
            made["id"],
            {"reason": "failing"},
        )
    sent = len(receiver.messages)
    years.clock.advance(timedelta(days=1))
    await years.deliver(made["id"])
    assert len(receiver.messages) == sent, "whoever is disabled is left alone"
    entries = (await tenant.http.get("/v1/event-log", params={"type": "webhook.disabled"})).json()["items"]
    assert [entry["actorid"] for entry in entries] == ["system:gateway"]


async def test_a_receiver_that_is_gone_is_disabled_at_once(house: House, tenant: Tenant, receiver: Receiver) -> None:
    receiver.statuses = [410]
    made = await tenant.webhook(receiver.url)
    await house.roadmap.tell(tenant.id, "feature.created")

    async def disabled() -> bool:
        return (await read(tenant, made))["disabled_reason"] == "gone"

    await until(disabled)
    assert len(receiver.messages) == 1
    receiver.statuses = [200]
    enabled = await tenant.http.patch(
        f"/v1/webhooks/{made['id']}", json={"is_enabled": True}, headers={"If-Match": "*"}
    )
    assert (enabled.json()["disabled_reason"], enabled.json()["failing_since"]) == (None, None)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_a_failure_and_not_followed(
    house: House, tenant: Tenant, receiver: Receiver, years: Years, status: int
) -> None:
    async with receiving() as elsewhere:
        receiver.statuses, receiver.extra = [status], f"Location: {elsewhere.url}\r\n"
        made = await tenant.webhook(receiver.url)
        sent = await tenant.http.post(f"/v1/webhooks/{made['id']}/test")
        await receiver.got(1)

        async def tried() -> list[dict[str, Any]]:
            history: list[dict[str, Any]] = (await tenant.http.get(sent.headers["location"])).json()["history"]
            return history

        attempt = (await until(tried))[0]
    assert (attempt["status"], "not followed" in attempt["error"]) == (status, True)
    assert (await tenant.http.get(sent.headers["location"])).json()["state"] == "pending"
    assert elsewhere.messages == []


async def test_nobody_listening_is_said_in_the_attempt(tenant: Tenant) -> None:
    async with receiving() as gone:
        pass
    made = await tenant.webhook(gone.url)
    sent = await tenant.http.post(f"/v1/webhooks/{made['id']}/test")

    async def tried() -> list[dict[str, Any]]:
        history: list[dict[str, Any]] = (await tenant.http.get(sent.headers["location"])).json()["history"]
        return history

    attempt = (await until(tried))[0]
    assert (attempt["status"], attempt["error"]) == (None, "unreachable: No connection could be made.")


async def test_retry_after_is_granted(house: House, tenant: Tenant, receiver: Receiver, years: Years) -> None:
    receiver.statuses, receiver.extra = [429], "Retry-After: 3600\r\n"
    made = await tenant.webhook(receiver.url)
    await years.take(made["id"])
    await house.roadmap.tell(tenant.id, "feature.created")
    await tenant.logged(1, type="feature.*")
    await years.deliver(made["id"])
    delivery = await years.one(made["id"])
    assert _moment(delivery["next_attempt_at"]) == years.clock.now() + timedelta(hours=1)


async def test_a_failing_receiver_is_probed_with_one_message(
    house: House, tenant: Tenant, receiver: Receiver, years: Years
) -> None:
    """Twenty messages wait; while it fails only one is tried at a time, and as soon as it is well all of them go."""
    receiver.statuses = [500]
    made = await tenant.webhook(receiver.url)
    await years.take(made["id"])
    await house.roadmap.tell_many(tenant.id, "feature.created", 20)
    await tenant.logged(20, type="feature.*")
    await years.deliver(made["id"])
    burst = len(receiver.messages)
    assert burst <= 8
    years.clock.advance(timedelta(seconds=10))
    await years.deliver(made["id"])
    assert len(receiver.messages) == burst + 1
    receiver.statuses = [200]
    years.clock.advance(timedelta(minutes=10))
    await years.deliver(made["id"])
    assert {each["state"] for each in await tenant.deliveries(made["id"])} == {"delivered"}


async def test_a_rotation_under_load_rejects_nothing(house: House, tenant: Tenant, receiver: Receiver) -> None:
    """Half of the receivers know the new secret at once, half not before the overlap is over: all verify everything."""
    made = await tenant.webhook(receiver.url)
    secrets = [made["secret"]]

    async def write() -> None:
        for _ in range(40):
            await house.roadmap.tell_many(tenant.id, "feature.updated", 5)

    async def rotate() -> None:
        await receiver.got(40)
        answer = await tenant.http.post(f"/v1/webhooks/{made['id']}/secret/rotate", json={"overlap_hours": 1})
        secrets.append(answer.json()["secret"])

    await asyncio.gather(write(), rotate())
    messages = await receiver.got(200)
    old, new = (Webhook(secret) for secret in secrets)
    assert secrets[0] != secrets[1]
    assert all(old.verify(message.body, message.headers) for message in messages)
    double = [message for message in messages if len(message.headers["webhook-signature"].split(" ")) == 2]
    assert double
    assert all(new.verify(message.body, message.headers) for message in double)


async def test_a_rotation_without_overlap_ends_the_old_secret(tenant: Tenant, receiver: Receiver) -> None:
    made = await tenant.webhook(receiver.url)
    rotated = await tenant.http.post(f"/v1/webhooks/{made['id']}/secret/rotate", json={"overlap_hours": 0})
    await tenant.http.post(f"/v1/webhooks/{made['id']}/test")
    message = (await receiver.got(1))[0]
    assert Webhook(rotated.json()["secret"]).verify(message.body, message.headers)
    assert _is_refused(made["secret"], message)


def _is_refused(secret: str, message: Message) -> bool:
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(message.body, message.headers)
    return True


async def test_what_the_worker_lost_is_found_again(
    house: House, tenant: Tenant, receiver: Receiver, years: Years
) -> None:
    """Its jobs are gone, as after a restore without them: the look now and then asks again."""
    made = await tenant.webhook(receiver.url)
    await years.take(made["id"])
    await house.roadmap.tell(tenant.id, "feature.created")
    await tenant.logged(1, type="feature.*")
    await years.give_back(made["id"])
    assert receiver.messages == []
    years.clock.advance(timedelta(minutes=3))
    assert await ask_for_overdue(years.context) >= 1
    await receiver.got(1)


async def test_two_workers_do_not_send_the_same(house: House, tenant: Tenant, receiver: Receiver, years: Years) -> None:
    made = await tenant.webhook(receiver.url)
    await years.take(made["id"])
    await house.roadmap.tell_many(tenant.id, "feature.created", 24)
    await tenant.logged(24, type="feature.*")
    await years.deliver(made["id"], workers=6)

    async def settled() -> bool:
        return {each["state"] for each in await tenant.deliveries(made["id"])} == {"delivered"}

    await until(settled)
    assert max(Counter(message.id for message in receiver.messages).values()) == 1


async def test_old_events_are_forgotten(house: House, tenant: Tenant, receiver: Receiver, years: Years) -> None:
    """After thirty days: the log begins later, and whoever stands before its beginning is told so."""
    made = await tenant.webhook(receiver.url)
    start = (await tenant.log())["cursor"]
    await house.roadmap.tell(tenant.id, "feature.created")
    await receiver.got(1)
    delivery = (await tenant.deliveries(made["id"]))[-1]
    years.clock.advance(timedelta(days=31))
    assert await purge(years.context) >= 1
    gone = await tenant.http.get("/v1/event-log", params={"after": start})
    assert (gone.status_code, gone.json()["code"]) == (410, "event_log_gone")
    assert (await tenant.log())["items"] == []
    replayed = await tenant.http.post(f"/v1/webhooks/{made['id']}/deliveries/{delivery['id']}/replay")
    assert replayed.status_code == 404
