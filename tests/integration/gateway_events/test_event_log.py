"""The log: all services in one order, nothing missed or told twice, and only what the caller may read."""

import asyncio
from uuid import uuid4

import httpx

from tests.integration.gateway_events.conftest import House, Tenant
from tests.integration.gateway_events.waiting import until


async def test_events_of_all_services_come_into_one_log(house: House, tenant: Tenant) -> None:
    feature = await house.roadmap.tell(tenant.id, "feature.created", data={"priority": 3})
    kpi = await house.metrics.tell(tenant.id, "kpi.created")
    events = await tenant.logged(2)
    assert {(event["source"], event["type"], event["subject"]) for event in events} == {
        ("/roadmap", "feature.created", str(feature)),
        ("/metrics", "kpi.created", str(kpi)),
    }
    assert [event["position"] for event in events] == [1, 2]
    told = next(event for event in events if event["source"] == "/roadmap")
    assert (told["specversion"], told["data"], told["workspaceid"]) == ("1.0", {"priority": 3}, str(tenant.id))


async def test_pages_lead_to_the_end_and_on_from_there(house: House, tenant: Tenant) -> None:
    await house.roadmap.tell_many(tenant.id, "feature.created", 25)
    await tenant.logged(25)
    positions, page = [], await tenant.log(limit=10)
    while True:
        positions += [event["position"] for event in page["items"]]
        if page["next_cursor"] is None:
            break
        page = await tenant.log(limit=10, after=page["next_cursor"])
    assert positions == list(range(1, 26))
    assert (await tenant.log(after=page["cursor"]))["items"] == []
    await house.roadmap.tell(tenant.id, "feature.updated")
    await tenant.logged(26)
    assert [event["position"] for event in (await tenant.log(after=page["cursor"]))["items"]] == [26]


async def test_the_next_page_is_linked(house: House, tenant: Tenant) -> None:
    await house.roadmap.tell_many(tenant.id, "feature.created", 3)
    await tenant.logged(3)
    first = await tenant.http.get("/v1/event-log", params={"limit": 2, "type": "feature.*"})
    second = await tenant.http.get(first.headers["link"].partition(">")[0].removeprefix("<"))
    assert [event["position"] for event in second.json()["items"]] == [3]
    assert "link" not in second.headers


async def test_a_filter_finds_types_families_and_subjects(house: House, tenant: Tenant) -> None:
    subject = uuid4()
    for version, event_type in enumerate(("feature.created", "feature.updated", "objective.created"), start=1):
        await house.roadmap.tell(tenant.id, event_type, subject_id=subject, version=version)
    await house.metrics.tell(tenant.id, "kpi.created")
    await tenant.logged(4)

    async def types(**parameters: object) -> list[str]:
        return sorted(event["type"] for event in (await tenant.log(**parameters))["items"])

    assert await types(type="feature.*") == ["feature.created", "feature.updated"]
    assert await types(type=["feature.created", "kpi.*"]) == ["feature.created", "kpi.created"]
    assert await types(subject=str(subject)) == ["feature.created", "feature.updated", "objective.created"]
    assert await types(type="outcome.*") == []
    quiet = await tenant.log(type="outcome.*")
    assert quiet["cursor"].startswith("4-"), "a filter that matches nothing still gets on"


async def test_a_caller_is_told_only_of_what_they_may_read(house: House, tenant: Tenant) -> None:
    await house.roadmap.tell(tenant.id, "feature.created")
    await house.metrics.tell(tenant.id, "kpi.created")
    await tenant.http.patch("/v1/workspace", json={"name": "Renamed"}, headers={"If-Match": "*"})
    await tenant.logged(3)

    async def sources(role: str, *scopes: str) -> set[str]:
        key = await house.keys.create("Narrow", role=role, scopes=scopes, workspace_id=tenant.id)
        answer = await tenant.client(key.key).get("/v1/event-log")
        return {event["source"] for event in answer.json()["items"]}

    assert await sources("admin") == {"/roadmap", "/metrics", "/gateway"}
    assert await sources("viewer") == {"/roadmap", "/metrics"}
    assert await sources("viewer", "events:read", "roadmap:read") == {"/roadmap"}
    assert await sources("viewer", "events:read") == set()
    deaf = await house.keys.create("Deaf", role="viewer", scopes=["roadmap:read"], workspace_id=tenant.id)
    assert (await tenant.client(deaf.key).get("/v1/event-log")).status_code == 403


async def test_another_workspace_hears_nothing(house: House, tenant: Tenant) -> None:
    other = await house.keys.create_workspace("Other")
    stranger = await house.keys.create("Stranger", workspace_id=other)
    subject = await house.roadmap.tell(tenant.id, "feature.created")
    await house.roadmap.tell(other, "feature.created")
    place = (await tenant.logged(1), await tenant.log())[1]["cursor"]
    http = tenant.client(stranger.key)
    own = await until(lambda: _items(http))
    assert [event["subject"] == str(subject) for event in own] == [False]
    assert (await http.get("/v1/event-log", params={"subject": str(subject)})).json()["items"] == []
    assert (await http.get("/v1/event-log", params={"after": place})).json()["items"] == []


async def _items(http: httpx.AsyncClient) -> list[dict[str, object]]:
    items: list[dict[str, object]] = (await http.get("/v1/event-log")).json()["items"]
    return items


async def test_a_place_that_is_none_is_refused(tenant: Tenant) -> None:
    for nonsense, status in (("12", 400), ("x-00000000", 400), ("0-00000000", 410), ("-1-00000000", 400)):
        answer = await tenant.http.get("/v1/event-log", params={"after": nonsense})
        assert answer.status_code == status, nonsense
    gone = (await tenant.http.get("/v1/event-log", params={"after": "0-00000000"})).json()
    assert gone["code"] == "event_log_gone"
    assert (await tenant.log(after=gone["cursor"]))["items"] == []
    ahead = gone["cursor"].replace("0-", "7-", 1)
    assert (await tenant.http.get("/v1/event-log", params={"after": ahead})).status_code == 410
    assert (await tenant.http.get("/v1/event-log", params={"type": "feature"})).status_code == 422


async def test_many_writers_leave_no_gap_and_no_double(house: House, tenant: Tenant) -> None:
    """Two feeds at once, read while they are written: positions 1, 2, 3 and each event once, in its source's order."""
    subject = uuid4()

    async def write(service: str) -> None:
        for version in range(1, 21):
            teller = getattr(house, service)
            await teller.tell(tenant.id, "feature.updated", subject_id=subject, version=version)
            await teller.tell_many(tenant.id, "feature.created", 5)

    async def read() -> list[dict[str, object]]:
        seen, after = [], {}
        while len(seen) < 240:
            page = await tenant.log(limit=37, **after)
            seen += page["items"]
            after = {"after": page["cursor"]}
        return seen

    async with asyncio.timeout(60):
        seen, *_ = await asyncio.gather(read(), write("roadmap"), write("metrics"))
    assert [event["position"] for event in seen] == list(range(1, 241))
    assert len({event["id"] for event in seen}) == 240
    for source in ("/roadmap", "/metrics"):
        versions = [e["subjectversion"] for e in seen if e["source"] == source and e["subject"] == str(subject)]
        assert versions == list(range(1, 21))
