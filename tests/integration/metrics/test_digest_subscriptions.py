"""Who subscribed gets a digest once for each week, whatever happens, until they leave."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from services.chassis.clock import FixedClock
from services.chassis.identity import system_principal
from services.chassis.privacy.holdings import DataSubject, erase_all, export_all
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.clients.context import MetricsContext
from services.metrics.digest_subscriptions.telling import make_due, tell_everybody
from services.metrics.privacy import PERSONAL
from tests.integration.metrics.conftest import NOW
from tests.smtp import inbox

__all__ = ["inbox"]
ANA = "ana@example.com"
DUE = datetime(2026, 6, 8, 6, tzinfo=UTC)  # the Monday after, at eight in Berlin
MONDAYS = {"weekday": "monday", "hour": 8, "time_zone": "Europe/Berlin"}


@pytest_asyncio.fixture
async def teller(context, inbox):
    """The part of a process that tells subscribers, with a mail server of its own; `at` moves its clock."""
    made = MetricsContext.build(context.settings.model_copy(update=inbox.settings))
    made.clock = made.database.clock = FixedClock(NOW)
    await made.feed.head()
    yield made
    await made.analyst.close()
    await made.outbound.close()
    await made.database.close()


@pytest.fixture
def tell(teller):
    async def telling(at):
        teller.clock = teller.database.clock = FixedClock(at)
        await tell_everybody(teller)

    return telling


@pytest_asyncio.fixture
async def dashboard(api, make_kpi):
    kpi = await make_kpi(name=f"Activation {uuid4()}")
    answer = await api.post("/v1/dashboards", json={"name": f"Growth {uuid4()}", "tiles": [{"kpi_id": kpi["id"]}]})
    assert answer.status_code == 201
    return answer.json()


async def subscribe(api, dashboard, **more):
    answer = await api.post("/v1/digest-subscriptions", json={"dashboard_id": dashboard["id"]} | MONDAYS | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def digests(api, dashboard):
    return (await api.get(f"/v1/dashboards/{dashboard['id']}/digests")).json()["items"]


async def deliveries(api, subscription):
    return (await api.get(f"/v1/digest-subscriptions/{subscription['id']}/deliveries")).json()["items"]


async def test_a_digest_is_mailed_once_a_week(api, dashboard, tell, inbox, story):
    address = f"{uuid4()}@example.com"
    subscription = await subscribe(api, dashboard, channel="mail", email=address)
    assert subscription["next_due_at"] == "2026-06-08T06:00:00Z"
    for at in (DUE - timedelta(minutes=1), DUE, DUE + timedelta(minutes=1), DUE + timedelta(days=6)):
        await tell(at)
    (digest,) = await digests(api, dashboard)
    assert (digest["begins_at"], digest["ends_at"], digest["is_scheduled"]) == (
        "2026-06-01T06:00:00Z",
        "2026-06-08T06:00:00Z",
        True,
    )
    (mail,) = inbox.to(address)
    (delivery,) = await deliveries(api, subscription)
    assert mail["Message-ID"] == f"<{delivery['id']}@example.com>"
    assert mail["Subject"] == f"{dashboard['name']}: the week to 2026-06-08"
    assert "How the KPIs moved" in mail.get_content()
    assert (delivery["digest_id"], delivery["delivery"], delivery["attempts"]) == (digest["id"], "delivered", 1)
    await tell(DUE + timedelta(days=7))
    assert len(inbox.to(address)) == 2
    assert len(await digests(api, dashboard)) == 2
    kinds = [each.type for each in await story.events(delivery["id"])]
    assert kinds == ["digest_delivery.created", "digest_delivery.delivered"]
    assert (await api.get(f"/v1/digest-subscriptions/{subscription['id']}")).json()["etag"] == subscription["etag"]


async def test_two_workers_make_one_digest(api, workspace, dashboard, teller):
    address = f"{uuid4()}@example.com"
    subscription = await subscribe(api, dashboard, channel="mail", email=address)
    teller.clock = teller.database.clock = FixedClock(DUE)
    await asyncio.gather(*(make_due(teller, workspace) for _ in range(3)))
    assert len(await digests(api, dashboard)) == 1
    assert len(await deliveries(api, subscription)) == 1


async def test_a_kill_before_the_commit_leaves_nothing_and_after_it_nothing_to_do(
    api, workspace, dashboard, teller, monkeypatch
):
    subscription = await subscribe(api, dashboard)
    teller.clock = teller.database.clock = FixedClock(DUE)

    class Killed(BaseException):
        pass

    async def die(_trail):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("services.chassis.audit.AuditTrail.write", die)
        with pytest.raises(Killed):
            await make_due(teller, workspace)
    assert await digests(api, dashboard) == await deliveries(api, subscription) == []
    for _ in range(2):
        await make_due(teller, workspace)
    assert len(await digests(api, dashboard)) == len(await deliveries(api, subscription)) == 1


async def test_weeks_that_were_slept_through_are_not_made_up_for(api, dashboard, tell, inbox):
    address = f"{uuid4()}@example.com"
    await subscribe(api, dashboard, channel="mail", email=address)
    await tell(DUE + timedelta(days=16))
    (digest,) = await digests(api, dashboard)
    assert digest["ends_at"] == "2026-06-22T06:00:00Z"
    assert len(inbox.to(address)) == 1


async def test_those_who_name_the_same_time_get_the_same_digest(api, dashboard, tell, inbox):
    first, second = f"{uuid4()}@example.com", f"{uuid4()}@example.com"
    await subscribe(api, dashboard, channel="mail", email=first)
    await subscribe(api, dashboard, channel="mail", email=second)
    by_event = await subscribe(api, dashboard)
    later = await subscribe(api, dashboard, hour=9)
    await tell(DUE)
    (digest,) = await digests(api, dashboard)
    assert len(inbox.to(first)) == len(inbox.to(second)) == 1
    assert [each["digest_id"] for each in await deliveries(api, by_event)] == [digest["id"]]
    assert await deliveries(api, later) == []
    await tell(DUE + timedelta(hours=1))
    assert len(await digests(api, dashboard)) == 2


async def test_a_busy_server_is_tried_again_with_the_same_message(api, dashboard, tell, inbox):
    busy, gone = f"{uuid4()}@example.com", f"{uuid4()}@example.com"
    waiting = await subscribe(api, dashboard, channel="mail", email=busy)
    refused = await subscribe(api, dashboard, channel="mail", email=gone)
    inbox.refused |= {busy: "451 try again", gone: "550 no such user"}
    await tell(DUE)
    (delivery,) = await deliveries(api, waiting)
    assert (delivery["delivery"], delivery["attempts"]) == ("pending", 1)
    assert [each["delivery"] for each in await deliveries(api, refused)] == ["refused"]
    inbox.refused.clear()
    await tell(DUE + timedelta(seconds=30))
    assert inbox.to(busy) == []
    await tell(DUE + timedelta(minutes=2))
    assert [each["Message-ID"] for each in inbox.to(busy)] == [f"<{delivery['id']}@example.com>"]
    assert inbox.to(gone) == []


async def test_a_reader_leaves_by_the_link_in_the_mail(api, dashboard, tell, inbox):
    address = f"{uuid4()}@example.com"
    subscription = await subscribe(api, dashboard, channel="mail", email=address)
    await tell(DUE)
    (mail,) = inbox.to(address)
    link = mail["List-Unsubscribe"].strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in mail.get_content().replace("\n", "")
    path = link.partition("8000")[2]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    page = await api.get(path)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    assert (await api.get(f"/v1/digest-subscriptions/{subscription['id']}")).status_code == 200
    for _ in range(2):
        assert (await api.post(path, content="List-Unsubscribe=One-Click", headers=form)).status_code == 200
    assert (await api.get(f"/v1/digest-subscriptions/{subscription['id']}")).status_code == 404
    assert (await api.get(f"{path}x")).status_code == 404
    await tell(DUE + timedelta(days=7))
    assert len(inbox.to(address)) == 1


async def test_an_address_is_shown_and_erased_with_its_person(api, context, workspace, dashboard):
    subscription = await subscribe(api, dashboard, channel="mail", email=ANA)
    person = DataSubject(contact_id=UUID(int=7), emails=[ANA])
    principal = system_principal("metrics", workspace_id=workspace)
    async with context.database.transaction(workspace_id=workspace) as session:
        work = UnitOfWork(context, principal, session=session)
        shown = await export_all(PERSONAL, work, person)
        assert [each["email"] for each in shown["digest_subscription"]] == [ANA]
        assert (await erase_all(PERSONAL, work, person))["digest_subscription"] == 1
        await work.audit.write()
    assert (await api.get(f"/v1/digest-subscriptions/{subscription['id']}")).status_code == 404


async def test_a_subscription_can_be_changed_and_ended(api, dashboard, story):
    made = await subscribe(api, dashboard)
    address = f"/v1/digest-subscriptions/{made['id']}"
    changed = await api.patch(address, json={"weekday": "tuesday", "hour": 7}, headers={"If-Match": made["etag"]})
    assert changed.json()["next_due_at"] == "2026-06-02T05:00:00Z"
    assert (await api.delete(address, headers={"If-Match": made["etag"]})).status_code == 412
    assert (await api.delete(address, headers={"If-Match": changed.headers["ETag"]})).status_code == 204
    told = await story.events(made["id"])
    assert [each.type.partition(".")[2] for each in told] == ["created", "updated", "deleted"]
    assert "email" not in told[0].data


@pytest.mark.parametrize(
    ("differing", "pointer"),
    [
        ({"channel": "mail"}, ""),
        ({"email": ANA}, ""),
        ({"hour": 24}, "/hour"),
        ({"weekday": "someday"}, "/weekday"),
        ({"time_zone": "Mars/Base"}, "/time_zone"),
        ({"dashboard_id": "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e"}, "/dashboard_id"),
    ],
)
async def test_a_subscription_that_cannot_be_is_refused(api, dashboard, differing, pointer):
    body = {"dashboard_id": dashboard["id"]} | MONDAYS | differing
    answer = await api.post("/v1/digest-subscriptions", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
