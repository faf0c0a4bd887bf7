"""How `POST /v1/feedback/similar` answers as a workspace grows: the same questions at 10,000 and at 100,000 pieces.

Everything is generated, and says so: texts of a hundred subjects from a vocabulary of 2,000 made-up words, drawn by
Zipf's law, and vectors that lie around the subject's direction, as sentences about one thing do. The questions are
texts of the same kind, embedded by the shipped model as any question is. The answer goes through the whole
application with permissions and row-level security; one question after the other, on the process's own socketless
transport. The vector index is built after the rows, as pgvector advises for bulk loads.

    python -m benchmarks.requirements_scale [--small 10000] [--large 100000] [--questions 40]
"""

import argparse
import asyncio
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

import httpx
import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from benchmarks.report import Figure, exit_code, remark, remark_load, report
from benchmarks.service_in_process import Service, running_service
from services.chassis.database import driver_url
from services.requirements.language.model import DIMENSIONS, MODEL

SUBJECTS, WORDS, LENGTH, SEED = 100, 2_000, 14, 7
SPREAD = 1.2
CHUNK = 2_000
REQUIREMENTS, QUOTES = 300, 5

FEEDBACK = text(
    """
    INSERT INTO feedback (workspace_id, id, text, source, occurred_at, metadata, version, created_at, updated_at)
    SELECT :workspace_id, new.id, new.words, 'generated', now(), '{}', 1, now(), now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:words AS text[])) AS new (id, words)
    """
)
EMBEDDINGS = text(
    """
    INSERT INTO feedback_embedding (workspace_id, feedback_id, feedback_version, model, embedding)
    SELECT :workspace_id, new.id, 1, :model, CAST(new.vector AS halfvec)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:vectors AS text[])) AS new (id, vector)
    """
)
INDEX = "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_feedback_embedding_hnsw'"


class Generated:
    """Pieces of feedback about made-up subjects; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance, self._numbers = random.Random(seed), np.random.default_rng(seed)
        self._words = ["".join(self._chance.choices("aeioubdfgklmnprst", k=6)) for _ in range(WORDS)]
        self._weights = [1 / rank for rank in range(1, WORDS + 1)]
        centres = self._numbers.normal(size=(SUBJECTS, DIMENSIONS))
        self._centres = centres / np.linalg.norm(centres, axis=1, keepdims=True)

    def words(self) -> str:
        return " ".join(self._chance.choices(self._words, self._weights, k=LENGTH))

    def chunks(self, count: int) -> Iterator[tuple[list[UUID], list[str], list[str]]]:
        """Ids, texts and vectors as pgvector reads them."""
        for start in range(0, count, CHUNK):
            size = min(CHUNK, count - start)
            noise = self._numbers.normal(scale=SPREAD / np.sqrt(DIMENSIONS), size=(size, DIMENSIONS))
            vectors = self._centres[self._numbers.integers(SUBJECTS, size=size)] + noise
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            written = ["[" + ",".join(f"{value:.4g}" for value in vector) + "]" for vector in vectors]
            yield [uuid4() for _ in range(size)], [self.words() for _ in range(size)], written


async def fill(service: Service, workspace: UUID, generated: Generated, *, count: int) -> list[UUID]:
    """Adds so many pieces with their meanings, as the owner, without the index meanwhile; answers some of their ids."""
    engine = create_async_engine(driver_url(service.database.owner_url))
    some: list[UUID] = []
    async with engine.begin() as connection:
        definition = str(await connection.scalar(text(INDEX)))
        await connection.execute(text("DROP INDEX ix_feedback_embedding_hnsw"))
        for ids, words, vectors in generated.chunks(count):
            parameters = {"workspace_id": workspace, "ids": ids}
            await connection.execute(FEEDBACK, parameters | {"words": words})
            await connection.execute(EMBEDDINGS, parameters | {"vectors": vectors, "model": MODEL})
            some += ids[:20]
        await _index(connection, definition)
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE feedback, feedback_embedding"))
    await engine.dispose()
    return some


async def _index(connection: AsyncConnection, definition: str) -> None:
    await connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    await connection.execute(text(definition))


async def ask(client: httpx.AsyncClient, questions: Sequence[str]) -> list[float]:
    """Milliseconds of each answer."""
    took = []
    for question in questions:
        began = time.perf_counter()
        answer = await client.post("/v1/feedback/similar", json={"text": question, "limit": 10})
        took.append((time.perf_counter() - began) * 1_000)
        answer.raise_for_status()
        if not answer.json()["feedback"]:
            raise RuntimeError("nothing was found to be alike")
    return took


async def need(client: httpx.AsyncClient, generated: Generated, quoted: Sequence[UUID]) -> None:
    """Requirements, so that there is something to compare a question with."""
    for number in range(REQUIREMENTS):
        evidence = []
        for feedback_id in quoted[number * QUOTES : (number + 1) * QUOTES]:
            words = (await client.get(f"/v1/feedback/{feedback_id}")).json()["text"]
            evidence.append({"feedback_id": str(feedback_id), "quote": words})
        body = {"title": generated.words(), "evidence": evidence}
        (await client.post("/v1/requirements", json=body)).raise_for_status()


async def main(small: int, large: int, questions: int) -> int:
    remark_load("before")
    generated, workspace = Generated(SEED), uuid4()
    asked = [generated.words() for _ in range(questions)]
    async with running_service() as service, service.client(workspace) as client:
        quoted = await fill(service, workspace, generated, count=small)
        await need(client, generated, quoted)
        await service.settle()
        await ask(client, asked[:3])
        at_small = statistics.median(await ask(client, asked))
        before = report(Figure(f"similar_p50_ms_at_{small}", at_small))
        await fill(service, workspace, generated, count=large - small)
        await ask(client, asked[:3])
        took = await ask(client, asked)
    figures = [
        before,
        report(Figure(f"similar_p50_ms_at_{large}", statistics.median(took), at_most=1.5 * at_small, against=before)),
    ]
    remark(f"90 of 100 answers at {large} within {statistics.quantiles(took, n=10)[-1]:.0f} ms")
    remark_load("after")
    return exit_code(figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=40)
    wanted = parser.parse_args()
    sys.exit(asyncio.run(main(wanted.small, wanted.large, wanted.questions)))
