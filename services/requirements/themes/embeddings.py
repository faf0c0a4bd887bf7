"""Meanings as they are kept: which feedback lacks one, storing them, and streaming them out."""

import struct
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.requirements.language.model import DIMENSIONS, MODEL
from services.requirements.models.understanding import not_quarantined
from services.requirements.themes.meaning import Meaning, Readable

READ_CHARACTERS = 2_000
"""The model reads 256 tokens; no more text than that is sent to it."""
STREAM = 2_000
HALVES = struct.Struct(f"<{DIMENSIONS}e")
SENT_HEADER_BYTES = 4
"""halfvec's binary form begins with two 16-bit numbers, then come big-endian halves (pgvector, `halfvec_send`)."""

TEXTS = text(
    """
    SELECT id, version, left(coalesce(title || '. ', '') || text, :characters) AS words FROM feedback
    WHERE workspace_id = :workspace_id AND id = ANY (:ids)
    """
)

LACKING = text(
    """
    SELECT id, version, left(coalesce(title || '. ', '') || text, :characters) AS words FROM feedback
    WHERE workspace_id = :workspace_id AND id > :after AND NOT EXISTS (
        SELECT FROM feedback_embedding AS known
        WHERE known.workspace_id = feedback.workspace_id AND known.feedback_id = feedback.id
          AND known.feedback_version >= feedback.version AND known.model = :model
    )
    ORDER BY id LIMIT :limit
    """
)

STORE = text(
    """
    INSERT INTO feedback_embedding (workspace_id, feedback_id, feedback_version, model, embedding)
    SELECT feedback.workspace_id, feedback.id, new.version, :model, new.embedding::halfvec
    FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS int[]), CAST(:vectors AS text[]))
         AS new (id, version, embedding)
    JOIN feedback ON feedback.workspace_id = :workspace_id AND feedback.id = new.id AND feedback.version = new.version
    ORDER BY feedback.id
    ON CONFLICT (workspace_id, feedback_id) DO UPDATE SET
        feedback_version = excluded.feedback_version, model = excluded.model, embedding = excluded.embedding
    WHERE feedback_embedding.feedback_version < excluded.feedback_version
       OR feedback_embedding.feedback_version = excluded.feedback_version AND feedback_embedding.model <> excluded.model
    RETURNING feedback_id
    """
)

NEXT_VECTORS = text(
    f"""
    SELECT feedback_id, halfvec_send(embedding) AS sent FROM feedback_embedding
    WHERE workspace_id = :workspace_id AND model = :model AND feedback_id > :after
      AND {not_quarantined("feedback_embedding.feedback_id")}
    ORDER BY feedback_id LIMIT :limit
    """  # noqa: S608 a column of ours
)

NOBODY = UUID(int=0)


class EmbeddingRepository:
    """The meanings of one workspace's feedback."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._workspace_id: UUID = session.info["workspace_id"]

    async def texts(self, ids: Iterable[UUID]) -> list[Readable]:
        """Those that still exist."""
        parameters = {"workspace_id": self._workspace_id, "ids": list(ids), "characters": READ_CHARACTERS}
        return [Readable(*row) for row in await self._session.execute(TEXTS, parameters)]

    async def lacking(self, *, after: UUID, limit: int) -> list[Readable]:
        """Feedback without a meaning of its present words by the present model, in the order of ids."""
        parameters = {
            "workspace_id": self._workspace_id,
            "after": after,
            "limit": limit,
            "model": MODEL,
            "characters": READ_CHARACTERS,
        }
        return [Readable(*row) for row in await self._session.execute(LACKING, parameters)]

    async def store(self, meanings: Sequence[Meaning]) -> Sequence[UUID]:
        """Keeps what is newer than what is there; not for feedback that is gone or says something else by now.

        Answers whose meaning that changed.
        """
        if not meanings:
            return []
        stored = await self._session.scalars(
            STORE,
            {
                "workspace_id": self._workspace_id,
                "model": MODEL,
                "ids": [each.feedback_id for each in meanings],
                "versions": [each.version for each in meanings],
                "vectors": [written(each.vector) for each in meanings],
            },
        )
        return stored.all()

    async def stream(self) -> AsyncIterator[Mapping[UUID, bytes]]:
        """All vectors as big-endian halves, a few thousand at a time, in the order of ids."""
        after = NOBODY
        while True:
            parameters = {"workspace_id": self._workspace_id, "model": MODEL, "after": after, "limit": STREAM}
            rows = (await self._session.execute(NEXT_VECTORS, parameters)).all()
            if not rows:
                return
            yield {row.feedback_id: row.sent[SENT_HEADER_BYTES:] for row in rows}
            after = rows[-1].feedback_id


def written(vector: bytes) -> str:
    """Little-endian halves as pgvector writes a vector."""
    return "[" + ",".join(f"{value:.5g}" for value in HALVES.unpack(vector)) + "]"
