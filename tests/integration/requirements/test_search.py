"""Feedback is found by words and by meaning, also by a small workspace beside a large one."""

import struct
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import httpx
import numpy as np
import pytest_asyncio
from fastapi import FastAPI

from services.requirements.feedback.repository import FeedbackRepository
from services.requirements.language.model import DIMENSIONS
from tests.integration.requirements.conftest import Caller
from tests.postgres import DatabaseAddress

# How it answers at 100,000 is measured by `benchmarks/requirements_scale.py`.
LARGE, SMALL, MIDDLE = 20_000, 200, 6_000
LATENT = 24


async def test_words_phrases_and_their_absence(api: httpx.AsyncClient) -> None:
    for text in ("Exports fail on Mondays", "Please add dark mode", "Dark roasted exports"):
        await api.post("/v1/feedback", json={"text": text})

    async def found(q: str) -> set[str]:
        return {each["text"] for each in (await api.get("/v1/feedback", params={"q": q})).json()["items"]}

    assert await found("export") == {"Exports fail on Mondays", "Dark roasted exports"}
    assert await found('"dark mode"') == {"Please add dark mode"}
    assert await found("dark -mode") == {"Dark roasted exports"}
    assert await found("failing or mode") == {"Exports fail on Mondays", "Please add dark mode"}
    assert await found("'; DROP TABLE feedback; --") == set()
    for name in ("q", "source", "external_id"):
        assert (await api.get("/v1/feedback", params={name: "a\x00b"})).status_code == 422
    for path in ("/v1/contacts?email=%00", "/v1/contacts?external_id=%00", "/v1/companies?domain=%00"):
        assert (await api.get(path)).status_code == 422
    assert (await api.put("/v1/feedback/by-external-id/a%00b/c", json={"text": "x"})).status_code == 422
    assert (await api.put("/v1/feedback/by-external-id/%20/c", json={"text": "x"})).status_code == 422


async def test_pages_of_a_search_miss_nothing(api: httpx.AsyncClient) -> None:
    for n in range(7):
        await api.post("/v1/feedback", json={"text": f"Wish number {n}", "source": "zendesk" if n % 2 else "api"})
    seen, address = [], "/v1/feedback?q=wish&limit=3"
    while address:
        page = await api.get(address)
        seen += [each["text"] for each in page.json()["items"]]
        address = page.links.get("next", {}).get("url", "")
    assert seen == [f"Wish number {n}" for n in reversed(range(7))]
    cursor = (await api.get("/v1/feedback?q=wish&limit=3")).json()["next_cursor"]
    assert (await api.get("/v1/feedback", params={"q": "other", "limit": 3, "cursor": cursor})).status_code == 400
    narrowed = await api.get("/v1/feedback", params={"q": "wish", "source": "zendesk", "count": "exact"})
    assert narrowed.json()["count"] == 3


@pytest_asyncio.fixture(scope="module")
async def crowd(database: DatabaseAddress) -> AsyncIterator[dict[str, UUID]]:
    """A large workspace, one above the limit of exact search, and a small one, in one table under one index."""
    workspaces = {"large": uuid4(), "middle": uuid4(), "small": uuid4()}
    connection = await asyncpg.connect(database.superuser_url)
    try:
        for name, count in (("large", LARGE), ("middle", MIDDLE), ("small", SMALL)):
            await connection.execute(FILL, workspaces[name], count)
        await connection.execute("SET maintenance_work_mem = '512MB'; SET max_parallel_maintenance_workers = 2")
        await connection.execute("DROP INDEX ix_feedback_embedding_hnsw")
        for name, count in (("large", LARGE), ("middle", MIDDLE), ("small", SMALL)):
            await _embed(connection, workspaces[name], count)
        await connection.execute(
            "CREATE INDEX ix_feedback_embedding_hnsw ON feedback_embedding USING hnsw (embedding halfvec_cosine_ops)"
            " WITH (m = 16, ef_construction = 64)"
        )
        await connection.execute("ANALYZE feedback; ANALYZE feedback_embedding")
        yield workspaces
        await connection.execute("TRUNCATE feedback CASCADE")
    finally:
        await connection.close()


FILL = """
INSERT INTO feedback (workspace_id, id, text, source, occurred_at, version, created_at, updated_at)
SELECT $1::uuid, md5($1::uuid::text || n)::uuid,
       CASE WHEN n % 1000 = 0 THEN 'a rare zebra ' ELSE 'a common horse ' END || n, 'api', now(), 1, now(), now()
FROM generate_series(1, $2::int) AS n
"""


async def _embed(connection: asyncpg.Connection, workspace: UUID, count: int) -> None:
    """Stand-ins for meanings: directions with noise around them, in few dimensions, as those of sentences lie."""
    chance = np.random.default_rng(count)
    spread = np.random.default_rng(0).normal(size=(LATENT, DIMENSIONS))
    centres = np.random.default_rng(1).normal(size=(50, LATENT))
    ids = [row["id"] for row in await connection.fetch("SELECT id FROM feedback WHERE workspace_id = $1", workspace)]
    for start in range(0, count, 5_000):
        part = ids[start : start + 5_000]
        vectors = (centres[chance.integers(0, 50, len(part))] + chance.normal(size=(len(part), LATENT))) @ spread
        sent = [struct.pack("!hh", DIMENSIONS, 0) + row.astype(">f2").tobytes() for row in vectors]
        await _copy_vectors(connection, workspace, part, sent)


async def _copy_vectors(connection: asyncpg.Connection, workspace: UUID, ids: list[UUID], sent: list[bytes]) -> None:
    """COPY in its binary form, for halfvec's own binary form is the quickest way in."""
    rows = [b"PGCOPY\n\xff\r\n\x00" + struct.pack("!ii", 0, 0)]
    for row_id, vector in zip(ids, sent, strict=True):
        rows.append(
            struct.pack("!h", 5)
            + struct.pack("!i", 16)
            + workspace.bytes
            + struct.pack("!i", 16)
            + row_id.bytes
            + struct.pack("!ii", 4, 1)
            + struct.pack("!i", 4)
            + b"test"
            + struct.pack("!i", len(vector))
            + vector
        )
    rows.append(struct.pack("!h", -1))

    async def stream() -> AsyncIterator[bytes]:
        yield b"".join(rows)

    await connection.copy_to_table(
        "feedback_embedding",
        source=stream(),
        columns=["workspace_id", "feedback_id", "feedback_version", "model", "embedding"],
        format="binary",
    )


async def recall(
    app: FastAPI, database: DatabaseAddress, workspace: UUID, *, asked: int = 20, limit: int = 20
) -> float:
    """The share of the truly nearest that is found, as the application role, through the service's own query."""
    connection = await asyncpg.connect(database.superuser_url)
    try:
        await connection.execute("SET enable_indexscan = off")
        queries = await connection.fetch(
            "SELECT feedback_id, embedding::text AS vector FROM feedback_embedding WHERE workspace_id = $1"
            " ORDER BY feedback_id LIMIT $2",
            workspace,
            asked,
        )
        found = 0
        for query in queries:
            truth = await connection.fetch(
                "SELECT feedback_id FROM feedback_embedding WHERE workspace_id = $1"
                # Read from the table, not from text: of a text the server would make a vector again for every row.
                " ORDER BY (embedding <=> (SELECT embedding FROM feedback_embedding WHERE feedback_id = $2)) + 0"
                " LIMIT $3",
                workspace,
                query["feedback_id"],
                limit,
            )
            async with app.state.context.database.session(workspace_id=workspace) as session:
                near = await FeedbackRepository(session).nearest_to(query["vector"], limit=limit)
            found += len({each.feedback_id for each in near} & {row["feedback_id"] for row in truth})
    finally:
        await connection.close()
    return found / (len(queries) * limit)


async def test_neighbours_are_found_in_workspaces_of_every_size(
    app: FastAPI, database: DatabaseAddress, crowd: dict[str, UUID]
) -> None:
    assert await recall(app, database, crowd["small"]) == 1
    assert await recall(app, database, crowd["middle"]) >= 0.9
    assert await recall(app, database, crowd["large"]) >= 0.9


async def test_a_search_uses_its_index_under_the_policy(
    database: DatabaseAddress, crowd: dict[str, UUID], caller: Caller
) -> None:
    """`@@` is not leakproof: the application role's own query would read every row, the definer function does not."""
    connection = await asyncpg.connect(database.app_url)
    watcher = await asyncpg.connect(database.superuser_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT set_config('app.workspace_id', $1, true)", str(crowd["large"]))
            plain = await connection.fetch(
                "EXPLAIN SELECT id FROM feedback WHERE search @@ websearch_to_tsquery('english', 'zebra')"
            )
            assert not any("ix_feedback_search" in row[0] for row in plain)
            found = await connection.fetch("SELECT search_feedback('zebra')")
            assert len(found) == LARGE // 1000
        inside = await watcher.fetchval("SELECT prosrc FROM pg_proc WHERE proname = 'search_feedback'")
        await watcher.execute("SELECT set_config('app.workspace_id', $1, false)", str(crowd["large"]))
        plan = await watcher.fetch("EXPLAIN " + inside.replace("words", "'zebra'"))
        assert any("ix_feedback_search" in row[0] for row in plan)
    finally:
        await connection.close()
        await watcher.close()
    items = (await caller(workspace_id=crowd["small"]).get("/v1/feedback?q=horse&limit=200")).json()["items"]
    assert len(items) == SMALL


async def test_without_a_workspace_nothing_is_found(database: DatabaseAddress, crowd: dict[str, UUID]) -> None:
    connection = await asyncpg.connect(database.app_url)
    try:
        assert await connection.fetch("SELECT search_feedback('zebra')") == []
        assert await connection.fetchval("SELECT count(*) FROM feedback_embedding") == 0
    finally:
        await connection.close()
