"""What requirements mean and which words stand in them, kept in step with their titles and quotes."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.requirements.language.model import MODEL
from services.requirements.themes.embeddings import written

STALE = text(
    """
    SELECT requirement.id, left(requirement.title || '. ' || requirement.problem, 2000) AS words,
           known.words_digest, known.model
    FROM requirement
    LEFT JOIN requirement_meaning AS known
      ON known.workspace_id = :workspace_id AND known.requirement_id = requirement.id
    WHERE requirement.workspace_id = :workspace_id AND requirement.id = ANY (:ids)
    ORDER BY requirement.id
    """
)

STORE = text(
    """
    INSERT INTO requirement_meaning (workspace_id, requirement_id, model, words_digest, own, centre)
    SELECT :workspace_id, requirement.id, :model, new.digest, CAST(new.vector AS halfvec), CAST(new.vector AS halfvec)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:digests AS text[]), CAST(:vectors AS text[])) AS new (id, digest, vector)
    JOIN requirement ON requirement.workspace_id = :workspace_id AND requirement.id = new.id
    ORDER BY requirement.id
    ON CONFLICT (workspace_id, requirement_id) DO UPDATE
    SET model = excluded.model, words_digest = excluded.words_digest, own = excluded.own
    """
)

CENTRE = text(
    """
    UPDATE requirement_meaning AS meaning SET centre = mean.centre
    FROM (
        SELECT requirement_id, avg(embedding) AS centre FROM (
            SELECT requirement_id, own AS embedding FROM requirement_meaning
            WHERE workspace_id = :workspace_id AND requirement_id = ANY (:ids)
            UNION ALL
            SELECT quoted.requirement_id, known.embedding FROM (
                SELECT DISTINCT requirement_id, feedback_id FROM evidence
                WHERE workspace_id = :workspace_id AND requirement_id = ANY (:ids)
            ) AS quoted
            JOIN feedback_embedding AS known
              ON known.workspace_id = :workspace_id AND known.feedback_id = quoted.feedback_id
        ) AS text GROUP BY requirement_id
    ) AS mean
    WHERE meaning.workspace_id = :workspace_id AND meaning.requirement_id = mean.requirement_id
    """
)

WORDS = text(
    """
    WITH said AS MATERIALIZED (
        SELECT DISTINCT source.requirement_id, each.lexeme FROM (
            SELECT id AS requirement_id,
                   to_tsvector('english'::regconfig, title || ' ' || left(problem, 2000)) AS search
            FROM requirement WHERE workspace_id = :workspace_id AND id = ANY (:ids)
            UNION ALL
            SELECT evidence.requirement_id, feedback.search FROM evidence
            JOIN feedback ON feedback.workspace_id = :workspace_id AND feedback.id = evidence.feedback_id
            WHERE evidence.workspace_id = :workspace_id AND evidence.requirement_id = ANY (:ids)
        ) AS source CROSS JOIN LATERAL (SELECT lexeme FROM unnest(source.search) LIMIT 500) AS each
        WHERE length(each.lexeme) <= 100
    ), gone AS (
        DELETE FROM requirement_word AS known
        WHERE known.workspace_id = :workspace_id AND known.requirement_id = ANY (:ids) AND NOT EXISTS (
            SELECT FROM said WHERE said.requirement_id = known.requirement_id AND said.lexeme = known.lexeme
        )
    )
    INSERT INTO requirement_word (workspace_id, lexeme, requirement_id)
    SELECT :workspace_id, lexeme, requirement_id FROM said ORDER BY lexeme, requirement_id
    ON CONFLICT DO NOTHING
    """
)

QUOTING = text(
    "SELECT DISTINCT requirement_id FROM evidence WHERE workspace_id = :workspace_id AND feedback_id = ANY (:ids)"
)

ANY_MEANING = text("SELECT EXISTS (SELECT FROM requirement_meaning WHERE workspace_id = :workspace_id)")


@dataclass(frozen=True)
class OwnWords:
    """A requirement's own words and their digest."""

    requirement_id: UUID
    words: str
    digest: str


@dataclass(frozen=True)
class OwnMeaning:
    """What they mean, as little-endian halves."""

    own: OwnWords
    vector: bytes


class RequirementMeanings:
    """The meanings of one workspace's requirements."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._workspace_id: UUID = session.info["workspace_id"]

    async def stale(self, requirement_ids: Iterable[UUID]) -> list[OwnWords]:
        """Those whose words have no meaning yet, or were others, or were read by another model."""
        rows = await self._session.execute(STALE, {"workspace_id": self._workspace_id, "ids": list(requirement_ids)})
        found = [(row, hashlib.sha256(row.words.encode()).hexdigest()) for row in rows]
        return [
            OwnWords(row.id, row.words, digest)
            for row, digest in found
            if (row.words_digest, row.model) != (digest, MODEL)
        ]

    async def store(self, meanings: Sequence[OwnMeaning]) -> None:
        if not meanings:
            return
        await self._session.execute(
            STORE,
            {
                "workspace_id": self._workspace_id,
                "model": MODEL,
                "ids": [each.own.requirement_id for each in meanings],
                "digests": [each.own.digest for each in meanings],
                "vectors": [written(each.vector) for each in meanings],
            },
        )

    async def refresh(self, requirement_ids: Iterable[UUID]) -> None:
        """Centres and words of these requirements as their words and quotes now are."""
        ids = sorted(set(requirement_ids))
        if ids:
            for statement in (CENTRE, WORDS):
                await self._session.execute(statement, {"workspace_id": self._workspace_id, "ids": ids})

    async def quoting(self, feedback_ids: Iterable[UUID]) -> Sequence[UUID]:
        """The requirements that rest on this feedback."""
        parameters = {"workspace_id": self._workspace_id, "ids": list(feedback_ids)}
        return (await self._session.scalars(QUOTING, parameters)).all()

    async def is_any(self) -> bool:
        """Whether there is a requirement to compare with."""
        return bool(await self._session.scalar(ANY_MEANING, {"workspace_id": self._workspace_id}))
