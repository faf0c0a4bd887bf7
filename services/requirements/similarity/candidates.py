"""Which requirements and themes a text may be asking for, and how much it says what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.requirements.domain.likeness import Likeness
from services.requirements.models.understanding import not_quarantined

READ_CHARACTERS = 2_000
NEAREST = 15
BY_WORDS = 10
RAREST = 8
LONGEST = 500
"""Distinct words of one text that are looked at."""
COMPARED = 50
"""Quotes of one requirement that are compared with, the newest."""

# Requirements are some thousands at most: each centre is compared, and no index starves a small workspace. Words are
# found through the inverted index of `requirement_word`, whose equality is leakproof and so works under the policy.
REQUIREMENTS = text(
    """
    WITH asked AS MATERIALIZED (
        SELECT place, CAST(vector AS halfvec) AS vector, to_tsvector('english'::regconfig, words) AS said
        FROM unnest(CAST(:places AS int[]), CAST(:vectors AS text[]), CAST(:words AS text[]))
             AS each (place, vector, words)
    ), word AS MATERIALIZED (
        SELECT asked.place, each.lexeme
        FROM asked CROSS JOIN LATERAL (SELECT lexeme FROM unnest(asked.said) LIMIT 64) AS each
    ), weighed AS MATERIALIZED (
        SELECT word.place, word.lexeme, used.times,
               power(ln((1.0 + total.requirements) / (1 + used.times)) + 1, 2.5)::float8 AS weight
        FROM word
        CROSS JOIN (
            SELECT count(*) AS requirements FROM requirement_meaning WHERE workspace_id = :workspace_id
        ) AS total
        CROSS JOIN LATERAL (
            SELECT count(*) AS times FROM requirement_word
            WHERE workspace_id = :workspace_id AND lexeme = word.lexeme
        ) AS used
    ), heard AS MATERIALIZED (
        SELECT place, sum(weight) AS weight, count(*) AS words FROM weighed GROUP BY place
    ), candidate AS MATERIALIZED (
        SELECT asked.place, near.requirement_id FROM asked CROSS JOIN LATERAL (
            SELECT meaning.requirement_id FROM requirement_meaning AS meaning
            JOIN requirement AS living ON living.workspace_id = :workspace_id AND living.id = meaning.requirement_id
            WHERE meaning.workspace_id = :workspace_id AND living.merged_into_id IS NULL
            ORDER BY (meaning.centre <=> asked.vector) + 0, meaning.requirement_id LIMIT :nearest
        ) AS near
        UNION
        SELECT asked.place, spoken.requirement_id FROM asked CROSS JOIN LATERAL (
            SELECT used.requirement_id FROM (
                SELECT lexeme, weight FROM weighed WHERE weighed.place = asked.place AND times > 0
                ORDER BY times, lexeme LIMIT :rarest
            ) AS rare
            JOIN requirement_word AS used ON used.workspace_id = :workspace_id AND used.lexeme = rare.lexeme
            JOIN requirement AS living ON living.workspace_id = :workspace_id AND living.id = used.requirement_id
            WHERE living.merged_into_id IS NULL
            GROUP BY used.requirement_id ORDER BY sum(rare.weight) DESC, used.requirement_id LIMIT :by_words
        ) AS spoken
    ), member AS MATERIALIZED (
        SELECT candidate.place, candidate.requirement_id, NULL::uuid AS feedback_id, meaning.own AS embedding,
               to_tsvector('english'::regconfig, requirement.title || ' ' || left(requirement.problem, 2000)) AS search
        FROM candidate
        JOIN requirement ON requirement.workspace_id = :workspace_id AND requirement.id = candidate.requirement_id
        JOIN requirement_meaning AS meaning
          ON meaning.workspace_id = :workspace_id AND meaning.requirement_id = candidate.requirement_id
        UNION ALL
        SELECT candidate.place, candidate.requirement_id, quoted.feedback_id, known.embedding, feedback.search
        FROM candidate CROSS JOIN LATERAL (
            SELECT DISTINCT feedback_id FROM evidence
            WHERE workspace_id = :workspace_id AND requirement_id = candidate.requirement_id
            ORDER BY feedback_id DESC LIMIT :compared
        ) AS quoted
        JOIN feedback ON feedback.workspace_id = :workspace_id AND feedback.id = quoted.feedback_id
        LEFT JOIN feedback_embedding AS known
          ON known.workspace_id = :workspace_id AND known.feedback_id = quoted.feedback_id
    ), compared AS (
        SELECT member.place, member.requirement_id, member.feedback_id,
               coalesce(1 - (member.embedding <=> asked.vector), 0) AS cosine,
               least(1, coalesce(shared.weight, 0) / heard.weight
                        * sqrt(heard.words::float8 / greatest(1, length(member.search)))) AS words
        FROM member JOIN asked USING (place) LEFT JOIN heard USING (place)
        CROSS JOIN LATERAL (
            SELECT sum(weighed.weight) AS weight FROM weighed
            JOIN (SELECT lexeme FROM unnest(member.search) LIMIT :longest) AS each USING (lexeme)
            WHERE weighed.place = member.place
        ) AS shared
    )
    SELECT compared.place, compared.requirement_id, max(requirement.title) AS title, max(compared.cosine) AS best,
           max(1 - (meaning.centre <=> asked.vector)) AS centre, coalesce(max(compared.words), 0) AS words,
           count(*) AS texts,
           (array_agg(compared.feedback_id ORDER BY compared.cosine DESC, compared.feedback_id))[1] AS nearest
    FROM compared
    JOIN asked USING (place)
    JOIN requirement ON requirement.workspace_id = :workspace_id AND requirement.id = compared.requirement_id
    JOIN requirement_meaning AS meaning
      ON meaning.workspace_id = :workspace_id AND meaning.requirement_id = compared.requirement_id
    GROUP BY compared.place, compared.requirement_id
    ORDER BY compared.place, compared.requirement_id
    """
)

THEMES = text(
    """
    SELECT theme.id, theme.name, theme.size, 1 - (theme.centre <=> CAST(:vector AS halfvec)) AS centre
    FROM theme
    WHERE workspace_id = :workspace_id AND retired_at IS NULL AND centre IS NOT NULL AND (id = ANY (:ids) OR id IN (
        SELECT id FROM theme
        WHERE workspace_id = :workspace_id AND retired_at IS NULL AND merged_into_id IS NULL AND centre IS NOT NULL
        ORDER BY (centre <=> CAST(:vector AS halfvec)) + 0, id LIMIT 10
    ))
    ORDER BY theme.id
    """
)

BY_RARE_WORDS = text("SELECT feedback_id, words FROM feedback_by_words(:said, :most)")

COMPARE = text(
    """
    SELECT feedback.id, feedback.text, member.theme_id,
           coalesce(1 - (known.embedding <=> CAST(:vector AS halfvec)), 0) AS cosine
    FROM feedback
    LEFT JOIN feedback_embedding AS known ON known.workspace_id = :workspace_id AND known.feedback_id = feedback.id
    LEFT JOIN theme_member AS member ON member.workspace_id = :workspace_id AND member.feedback_id = feedback.id
    WHERE feedback.workspace_id = :workspace_id AND feedback.id = ANY (:ids)
    """
)

VECTORS = text(
    f"""
    SELECT feedback.id, known.embedding::text AS vector,
           left(coalesce(feedback.title || '. ', '') || feedback.text, :characters) AS words
    FROM feedback
    JOIN feedback_embedding AS known ON known.workspace_id = :workspace_id AND known.feedback_id = feedback.id
    WHERE feedback.workspace_id = :workspace_id AND feedback.id = ANY (:ids) AND {not_quarantined("feedback.id")}
    ORDER BY feedback.id
    """  # noqa: S608 a column of ours
)


OF_REQUIREMENT = text(
    """
    SELECT left(requirement.title || '. ' || requirement.problem, :characters) AS words, known.centre::text AS vector
    FROM requirement JOIN requirement_meaning AS known
      ON known.workspace_id = :workspace_id AND known.requirement_id = requirement.id
    WHERE requirement.workspace_id = :workspace_id AND requirement.id = :requirement_id
    """
)


@dataclass(frozen=True)
class Asked:
    """A text with its meaning, as pgvector writes it."""

    words: str
    vector: str


@dataclass(frozen=True)
class LikeRequirement:
    """A requirement that may be what is asked for."""

    requirement_id: UUID
    title: str
    likeness: Likeness
    nearest_feedback_id: UUID | None


class CandidateRepository:
    """What one workspace holds that a text may be asking for."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._workspace_id: UUID = session.info["workspace_id"]

    async def requirements(self, asked: Sequence[Asked]) -> list[list[LikeRequirement]]:
        """For each text its candidates; one statement for all."""
        found: list[list[LikeRequirement]] = [[] for _ in asked]
        if not asked:
            return found
        rows = await self._session.execute(
            REQUIREMENTS,
            {
                "workspace_id": self._workspace_id,
                "places": list(range(len(asked))),
                "vectors": [each.vector for each in asked],
                "words": [each.words[:READ_CHARACTERS] for each in asked],
                "nearest": NEAREST,
                "by_words": BY_WORDS,
                "rarest": RAREST,
                "compared": COMPARED,
                "longest": LONGEST,
            },
        )
        for row in rows:
            likeness = Likeness(best=row.best, centre=row.centre, words=row.words, texts=row.texts)
            found[row.place].append(LikeRequirement(row.requirement_id, row.title, likeness, row.nearest))
        return found

    async def by_words(self, said: str, *, most: int) -> dict[UUID, float]:
        """The feedback that shares the rarest words, with the share of their weight."""
        rows = await self._session.execute(BY_RARE_WORDS, {"said": said[:READ_CHARACTERS], "most": most})
        return {row.feedback_id: row.words for row in rows}

    async def compare(self, feedback_ids: Sequence[UUID], *, vector: str) -> Sequence[Any]:
        """Text, theme and cosine of each of these pieces."""
        parameters = {"workspace_id": self._workspace_id, "ids": list(feedback_ids), "vector": vector}
        return (await self._session.execute(COMPARE, parameters)).all()

    async def themes(self, theme_ids: Sequence[UUID], *, vector: str) -> Sequence[Any]:
        """These themes and the ten nearest, each with the cosine to its centre."""
        parameters = {"workspace_id": self._workspace_id, "ids": list(theme_ids), "vector": vector}
        return (await self._session.execute(THEMES, parameters)).all()

    async def asked(self, feedback_ids: Sequence[UUID]) -> dict[UUID, Asked]:
        """The words and meaning of feedback that has one."""
        parameters = {"workspace_id": self._workspace_id, "ids": list(feedback_ids), "characters": READ_CHARACTERS}
        rows = await self._session.execute(VECTORS, parameters)
        return {row.id: Asked(row.words, row.vector) for row in rows}

    async def of_requirement(self, requirement_id: UUID) -> Asked | None:
        """A requirement's own words, and the mean of all that it rests on."""
        parameters = {
            "workspace_id": self._workspace_id,
            "requirement_id": requirement_id,
            "characters": READ_CHARACTERS,
        }
        row = (await self._session.execute(OF_REQUIREMENT, parameters)).one_or_none()
        return None if row is None else Asked(row.words, row.vector)
