"""Laws of lists: whoever walks while others write misses nothing that was there throughout, and sees nothing twice."""

from typing import Any
from uuid import uuid4

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.chassis.conftest import Caller

CALM = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
# What others do between two pages: make so many notes, and remove those at these places.
MEANWHILE = st.tuples(st.integers(0, 3), st.lists(st.integers(0, 200), max_size=3))


class Writers:
    """Others who write into the same list."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.there: dict[str, str] = {}

    async def add(self, count: int) -> None:
        for _ in range(count):
            answer = await self.client.post("/v1/notes", json={"title": str(uuid4())})
            self.there[answer.json()["id"]] = answer.json()["etag"]

    async def remove(self, places: list[int]) -> None:
        for place in places:
            if self.there:
                gone = sorted(self.there)[place % len(self.there)]
                answer = await self.client.delete(f"/v1/notes/{gone}", headers={"If-Match": self.there.pop(gone)})
                assert answer.status_code == 204

    async def change(self, places: list[int]) -> None:
        for place in places:
            if self.there:
                note = sorted(self.there)[place % len(self.there)]
                answer = await self.client.patch(
                    f"/v1/notes/{note}", json={"stars": place}, headers={"If-Match": self.there[note]}
                )
                self.there[note] = answer.json()["etag"]


@CALM
@given(first=st.integers(0, 12), size=st.integers(1, 5), meanwhile=st.lists(MEANWHILE, max_size=8))
async def test_pages_are_complete_while_others_insert_and_delete(
    caller: Caller, first: int, size: int, meanwhile: list[tuple[int, list[int]]]
) -> None:
    client = caller(workspace_id=uuid4())
    writers = Writers(client)
    await writers.add(first)
    before, seen, doing = set(writers.there), [], iter(meanwhile)
    query: dict[str, Any] = {"limit": size}
    while True:
        page = (await client.get("/v1/notes", params=query)).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        count, places = next(doing, (0, []))
        await writers.add(count)
        await writers.remove(places)
        query["cursor"] = page["next_cursor"]
    assert len(seen) == len(set(seen))
    assert before & set(writers.there) <= set(seen)


@CALM
@given(size=st.integers(1, 5), meanwhile=st.lists(st.tuples(MEANWHILE, st.lists(st.integers(0, 200), max_size=3))))
async def test_a_copy_by_sync_token_is_the_list_in_the_end(
    caller: Caller, size: int, meanwhile: list[tuple[tuple[int, list[int]], list[int]]]
) -> None:
    """Whatever happens between two answers, and however small they are."""
    client = caller(workspace_id=uuid4())
    writers, copy = Writers(client), dict[str, str]()
    query: dict[str, Any] = {"limit": size, "sync_token": (await client.get("/v1/notes")).json()["sync_token"]}
    for (count, removed), changed in [*meanwhile, ((0, []), [])]:
        await writers.add(count)
        await writers.change(changed)
        await writers.remove(removed)
        await _follow(client, query, copy, is_last=False)
    await _follow(client, query, copy, is_last=True)
    assert copy == writers.there


async def _follow(client: httpx.AsyncClient, query: dict[str, Any], copy: dict[str, str], *, is_last: bool) -> None:
    """One answer, or as many as there are."""
    while True:
        answer = (await client.get("/v1/notes", params=query)).json()
        copy.update({item["id"]: item["etag"] for item in answer["items"]})
        for gone in answer["deleted"]:
            copy.pop(gone["id"], None)
        is_done = answer["sync_token"] == query["sync_token"]
        query["sync_token"] = answer["sync_token"]
        if is_done or not is_last:
            return
