import json
from uuid import UUID

import pytest

from services.chassis.identity import system_principal
from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.usage_events.privacy import UsageOfPerson
from services.metrics.usage_events.tasks import count_earlier_events
from tests.integration.metrics.test_measurements import BULK, figures, ndjson

MAY = {"from": "2026-05-01T00:00:00Z", "to": "2026-05-03T00:00:00Z"}


def event(name, person, day=1, hour=9, **more):
    return {"name": name, "person": person, "occurred_at": f"2026-05-{day:02}T{hour:02}:00:00Z"} | more


@pytest.fixture
def send(api):
    async def send_all(*events):
        answer = await api.post("/v1/usage-events/bulk", content=ndjson(events), headers=BULK)
        assert answer.status_code == 200, answer.text
        return [line["status"] for line in map(json.loads, answer.text.splitlines())]

    return send_all


@pytest.fixture
def counting(make_kpi):
    async def make(source, **differing):
        return await make_kpi(calculation={"kind": "simple", "source": source}, **({"aggregation": "sum"} | differing))

    return make


async def values(api, kpi, **query):
    return list((await figures(api, kpi, **(MAY | query))).values())


async def test_an_event_is_counted_once_by_each_kpi_that_asks_for_it(api, counting, send):
    orders = await counting({"event": "Order Completed"}, aggregation="count")
    revenue = await counting({"event": "Order Completed", "property": "revenue", "where": {"plan": "pro"}})
    people = await counting({"event": "Order Completed"}, aggregation="distinct", dimensions=["plan"])
    sold = [
        event("Order Completed", "ada", dedupe_key="1", properties={"revenue": 10.5, "plan": "pro"}),
        event("Order Completed", "ada", dedupe_key="2", properties={"revenue": "2", "plan": "pro"}),
        event("Order Completed", "bob", dedupe_key="3", properties={"revenue": 99, "plan": "free"}),
        event("Order Viewed", "bob", dedupe_key="4"),
        event("Order Completed", "bob", day=2, dedupe_key="5", properties={"plan": "pro"}),
    ]
    assert await send(*sold) == [201] * 5
    assert await send(*sold, {"name": "E"}) == [200] * 5 + [422]
    assert await values(api, orders) == [3, 1]
    assert await values(api, revenue) == [12.5, None]
    assert await values(api, people) == [2, 1]
    assert await values(api, people, filter="plan:pro") == [1, 1]


async def test_a_kpi_counts_what_came_before_it_once(api, context, workspace, counting, send):
    await send(event("Signed Up", "ada"), event("Signed Up", "bob", day=2))
    kpi = await counting({"event": "Signed Up"})
    for _ in range(2):
        await count_earlier_events(context, workspace_id=str(workspace), kpi_id=kpi["id"])
    assert await values(api, kpi) == [1, 1]


async def test_an_event_does_not_say_who_it_was(api):
    made = await api.post("/v1/usage-events", json=event("Signed Up", "ada@example.org", properties={"plan": "pro"}))
    assert made.status_code == 201
    assert "ada" not in (await api.get(made.headers["location"])).text


async def test_a_funnel_tells_who_went_all_the_way_in_order_and_in_time(api, make_kpi, send):
    steps = [{"event": "Signed Up"}, {"event": "Invited", "where": {"role": "admin"}}, {"event": "Paid"}]
    funnel = {"kind": "funnel", "steps": steps, "within_days": 3, "factor": 100}
    kpi = await make_kpi(aggregation=None, calculation=funnel)
    admin = {"properties": {"role": "admin"}}
    await send(
        *(event("Signed Up", who) for who in ("ada", "bob", "cid", "dan")),
        event("Invited", "ada", hour=10, **admin),
        event("Paid", "ada", day=3),
        event("Invited", "bob", hour=10, properties={"role": "guest"}),
        event("Paid", "bob", hour=11),
        event("Paid", "cid", hour=10),
        event("Invited", "cid", hour=11, **admin),
        event("Invited", "dan", hour=10, **admin),
        event("Paid", "dan", day=5),
        event("Signed Up", "eve", day=2),
    )
    assert await values(api, kpi) == [25, 0]
    assert (await api.get(f"/v1/kpis/{kpi['id']}/forecast")).status_code == 200


async def test_retention_is_of_those_who_came_first_then_and_back_in_time(api, make_kpi, send):
    how = {"start": {"event": "Signed Up"}, "back": {"event": "Opened"}, "after_days": 7, "span_days": 2}
    kpi = await make_kpi(aggregation=None, calculation={"kind": "retention"} | how)
    await send(
        *(event("Signed Up", who) for who in ("ada", "bob", "cid")),
        event("Signed Up", "ada", day=2),
        event("Opened", "ada", day=8, hour=9),
        event("Opened", "bob", day=7),
        event("Opened", "cid", day=10, hour=9),
    )
    assert await values(api, kpi) == [pytest.approx(1 / 3), None]


async def test_a_key_that_everybody_can_read_submits_and_is_shown_nothing(api, caller):
    page = caller(scopes=frozenset({"usage-events:submit"}))
    secret = event("Paid", "ada", dedupe_key="order-1", properties={"coupon": "INSIDER"})
    held = (await api.post("/v1/usage-events", json=secret)).json()
    guess = await page.post("/v1/usage-events", json=event("Guess", "eve", dedupe_key="order-1"))
    assert (guess.status_code, guess.json()["id"], "INSIDER" in guess.text) == (201, held["id"], False)
    assert (await page.get(guess.headers["location"])).status_code == 403
    lines = await page.post("/v1/usage-events/bulk", content=ndjson([secret, event("Seen", "eve")]), headers=BULK)
    assert [json.loads(line)["status"] for line in lines.text.splitlines()] == [200, 201]
    message = {"userId": "eve", "event": "Seen", "messageId": "m1"}
    assert (await page.post("/v1/track", json=message)).json() == {"success": True}
    assert (await page.get("/v1/kpis")).status_code == 403
    assert (await page.post("/v1/measurements", json={})).status_code == 403


@pytest.fixture
def by_plan(make_kpi, send):
    """A funnel of Ada, who pays and changes her plan, Bob and Cid who do not pay, and Dan who says no plan."""

    async def make(**differing):
        plan = {each: {"properties": {"plan": each}} for each in ("pro", "free")}
        await send(
            *(event("Signed Up", "ada", hour=hour, **plan[each]) for hour, each in ((9, "pro"), (12, "free"))),
            event("Signed Up", "bob", **plan["pro"]),
            event("Signed Up", "cid", **plan["free"]),
            event("Signed Up", "dan"),
            event("Paid", "ada", hour=13),
            event("Paid", "dan", hour=13),
        )
        steps = [{"event": "Signed Up"}, {"event": "Paid"}]
        shape = {"kind": "funnel", "steps": steps, "within_days": 3}
        return await make_kpi(
            **({"aggregation": None, "calculation": shape, "dimensions": ["plan", "country"]} | differing)
        )

    return make


async def test_a_funnel_is_told_by_what_its_first_event_says(api, by_plan):
    kpi = await by_plan()
    assert await values(api, kpi) == [0.5, None]
    assert await values(api, kpi, filter="plan:pro") == [0.5, None]
    assert await values(api, kpi, filter="plan:free") == [0, None]
    told = (await api.get(f"/v1/kpis/{kpi['id']}/series", params=MAY | {"dimension": "plan"})).json()
    parts = {part["value"]: part["points"][0] for part in told["parts"]}
    assert {value: (point["value"], point["measurements"]) for value, point in parts.items()} == {
        "pro": (0.5, 2),
        "free": (0, 1),
    }


async def test_retention_is_told_by_what_the_very_first_event_says(api, by_plan):
    how = {"start": {"event": "Signed Up"}, "back": {"event": "Signed Up"}, "after_days": 1, "span_days": 2}
    kpi = await by_plan(calculation={"kind": "retention"} | how)
    again = event("Signed Up", "bob", day=2, hour=10, properties={"plan": "free"})
    assert (await api.post("/v1/usage-events", json=again)).status_code == 201
    assert await values(api, kpi, filter="plan:pro") == [0.5, None]
    assert await values(api, kpi, filter="plan:free") == [0, None]


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ({"filter": "country:de"}, "query/filter", "not_stored"),
        ({"dimension": "country"}, "query/dimension", "not_stored"),
        ({"filter": "shoe:big"}, "query/dimension", "undeclared"),
        ({"as_of": "2026-05-02T00:00:00Z"}, "query/as_of", "not_kept"),
    ],
)
async def test_what_a_funnel_cannot_be_told_by_is_refused(api, by_plan, query, pointer, code):
    kpi = await by_plan()
    answer = await api.get(f"/v1/kpis/{kpi['id']}/series", params=MAY | query)
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault.get("parameter") or fault.get("pointer"), fault["code"]) == (422, pointer, code)


async def test_a_value_that_nobody_said_is_nobody_and_no_fault(api, by_plan):
    assert await values(api, await by_plan(), filter="plan:none") == [None, None]


async def test_a_tile_of_a_dashboard_tells_a_funnel_by_dimension(api, by_plan):
    kpi = await by_plan()
    tile = {"kpi_id": kpi["id"], "grain": "month", "periods": 2, "dimension": "plan"}
    made = await api.post("/v1/dashboards", json={"name": kpi["name"], "tiles": [tile]})
    assert made.status_code == 201, made.text
    (told,) = (await api.get(f"/v1/dashboards/{made.json()['id']}/state")).json()["tiles"]
    assert told["latest"]["value"] == 0.5
    assert told["parts"] == [
        {"value": "pro", "latest": 0.5, "earlier": None},
        {"value": "free", "latest": 0, "earlier": None},
    ]


async def test_a_ratio_of_funnels_takes_their_filters(api, by_plan, make_kpi):
    ids = [(await by_plan())["id"] for _ in range(2)]
    both = {"kind": "derived", "formula": "a + b", "inputs": dict(zip("ab", ids, strict=True))}
    kpi = await make_kpi(aggregation=None, calculation=both)
    assert await values(api, kpi, filter="plan:pro") == [1, None]
    told = (await api.get(f"/v1/kpis/{kpi['id']}/series", params=MAY | {"dimension": "plan"})).json()
    assert [(part["value"], part["points"][0]["value"]) for part in told["parts"]] == [("pro", 1), ("free", 0)]


async def test_somebody_known_is_who_they_were_before(api, make_kpi, send):
    steps = [{"event": "Page Viewed"}, {"event": "Signed Up"}]
    kpi = await make_kpi(aggregation=None, calculation={"kind": "funnel", "steps": steps})
    seen = {"anonymousId": "browser-1", "type": "page", "timestamp": "2026-05-01T09:00:00Z"}
    known = {"anonymousId": "browser-1", "userId": "ada", "type": "identify"}
    later = {"userId": "ada", "type": "track", "event": "Signed Up", "timestamp": "2026-05-01T10:00:00Z"}
    for message in (seen, known, later):
        assert (await api.post("/v1/batch", json={"batch": [message]})).json() == {"success": True}
    assert await values(api, kpi) == [1, None]


async def test_what_is_erased_leads_nowhere_and_counts_on(api, context, counting, send, workspace):
    kpi = await counting({"event": "Signed Up"}, aggregation="distinct")
    await send(event("Signed Up", "ada@example.org", properties={"note": "Ada"}), event("Signed Up", "bob"))
    held = UsageOfPerson(context.pseudonym)
    subject = DataSubject(contact_id=UUID(int=7), emails=["ada@example.org"])
    async with context.database.transaction(workspace_id=workspace) as session:
        shown = await held.export(session, subject)
        assert [row["properties"] for row in shown["usage_event"]] == [{"note": "Ada"}]
        principal = system_principal("metrics", workspace_id=workspace)
        erased = [await held.erase(UnitOfWork(context, principal, session=session), subject) for _ in range(2)]
        assert [each["usage_event"] for each in erased] == [1, 0]
        assert (await held.export(session, subject))["usage_event"] == []
    assert await values(api, kpi) == [2, None]


async def test_what_is_no_batch_gets_that_protocols_answer(api):
    answer = await api.post("/v1/batch", json={"batch": 7})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
