"""How `POST /v1/feedback/similar` answers as a workspace grows: the same questions at 10,000 and at 100,000 pieces.

Everything is generated, and says so: texts of a hundred subjects from a vocabulary of 2,000 made-up words, drawn by
Zipf's law, and vectors that lie around the subject's direction, as sentences about one thing do. The questions are
texts of the same kind, embedded once by the shipped model, so that what is compared is the search. The answer goes
through the whole application with permissions and row-level security; one question after the other, on the process's
own socketless transport. The vector index is built after the rows, as pgvector advises for bulk loads. Two services,
each on a database of its own, are asked in turn, so that a slow minute of the machine falls on both.

Then what the two processes that read texts take at most, for 32 texts of 2,000 characters at once.

    python -m benchmarks.requirements_scale [--small 10000] [--large 100000] [--questions 8]
"""

import argparse
import asyncio
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import numpy as np
import psutil
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from benchmarks.report import Figure, exit_code, medians_in_turn, remark_load, report
from benchmarks.service_in_process import Service, running_service
from services.chassis.database import driver_url
from services.requirements.language.model import DIMENSIONS, MODEL
from services.requirements.themes.meaning import Embedder, Readable

SUBJECTS, WORDS, LENGTH, SEED = 100, 2_000, 14, 7
SPREAD = 1.2
CHUNK = 2_000
REQUIREMENTS, QUOTES = 300, 5
TEXTS = 32

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


class Grown:
    """A workspace of a size, and the same questions to it."""

    def __init__(self, service: Service, questions: Sequence[str]) -> None:
        self._service, self._questions, self._workspace = service, questions, uuid4()

    async def grow(self, *, count: int) -> None:
        generated = Generated(SEED)
        quoted = await fill(self._service, self._workspace, generated, count=count)
        async with self._service.client(self._workspace) as client:
            await need(client, generated, quoted)
        await self._service.settle()

    async def p50_ms(self) -> float:
        """One window."""
        async with self._service.client(self._workspace) as client:
            return statistics.median(await ask(client, self._questions))


async def memory_of_readers() -> list[int]:
    """The most that the child for meanings and the child for labels ever held, in MB."""
    words = ("The export of the weekly report fails on Mondays. " * 40)[:2_000]
    readable = [Readable(uuid4(), 1, f"{number} {words}") for number in range(TEXTS)]
    mine = psutil.Process()
    peaks: dict[int, int] = {}
    embedder = Embedder()
    async with embedder.running():
        for read in (embedder.embed, embedder.understand):
            await read(readable)
            peaks |= {child.pid: _peak_mb(child.pid) for child in mine.children(recursive=True)}
    return list(peaks.values())


def _peak_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


async def main(small: int, large: int, questions: int) -> int:
    remark_load("before")
    meanings_mb, labels_mb = await memory_of_readers()
    figures = [
        report(Figure("reader_memory_mb_meanings", meanings_mb, at_most=400)),
        report(Figure("reader_memory_mb_labels", labels_mb, at_most=400)),
    ]
    generated = Generated(SEED + 1)
    asked = [generated.words() for _ in range(questions)]
    async with running_service() as one, running_service() as other:
        few, many = Grown(one, asked), Grown(other, asked)
        await few.grow(count=small)
        await many.grow(count=large)
        await medians_in_turn([few.p50_ms, many.p50_ms], windows=1)
        at_small, at_large = await medians_in_turn([few.p50_ms, many.p50_ms])
    before = report(Figure(f"similar_p50_ms_at_{small}", at_small))
    figures.append(
        report(Figure(f"similar_p50_ms_at_{large}", at_large, at_most=1.5 * at_small, against=before)),
    )
    remark_load("after")
    return exit_code(figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=8)
    wanted = parser.parse_args()
    sys.exit(asyncio.run(main(wanted.small, wanted.large, wanted.questions)))
