"""The only SQL of search: candidates by words and by meaning, what is known of them, and words nobody wrote."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Float, cast, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.requirements.domain.highlighting import START, STOP
from services.requirements.feedback.repository import (
    IS_SMALL,
    SEARCH_ON,
    SMALL_WORKSPACE,
    FeedbackFilter,
    FeedbackRepository,
)
from services.requirements.models import Feedback, FeedbackEmbedding, ThemeMember, Understanding
from services.requirements.understanding.repository import in_force

BY_ALL_WORDS, BY_SOME_WORDS, BY_MEANING = 400, 200, 200
LOOKED_AT_CHARACTERS = 5_000
NEAR_ENOUGH = 0.4
"""Trigram similarity from which a word that somebody wrote may be the one that was meant."""

BY_RARE_WORDS = text("SELECT feedback_id, share FROM feedback_by_words(:said, :most)")

UNKNOWN = text("SELECT unknown_words(CAST(:words AS text[]))")

MEANT = text(
    """
    WITH written AS MATERIALIZED (
        SELECT word, count(*) AS times FROM (
            SELECT left(text, 600) AS text FROM feedback WHERE workspace_id = :workspace_id ORDER BY id DESC LIMIT 2000
        ) AS recent
        CROSS JOIN LATERAL regexp_split_to_table(lower(recent.text), '[^[:alnum:]]+') AS word
        WHERE length(word) BETWEEN 3 AND 40 GROUP BY word
    )
    SELECT asked.word AS asked, meant.word AS meant FROM unnest(CAST(:words AS text[])) AS asked (word)
    CROSS JOIN LATERAL (
        SELECT word FROM written
        WHERE similarity(word, asked.word) >= :least
        ORDER BY similarity(word, asked.word) DESC, times DESC, word LIMIT 1
    ) AS meant
    """
)

MARKED = text(
    """
    SELECT id, ts_headline(
        'english'::regconfig, translate(left(text, :characters), :marks, ''),
        replace(plainto_tsquery('english'::regconfig, :q)::text, '&', '|')::tsquery, :options
    ) AS marked
    FROM feedback WHERE workspace_id = :workspace_id AND id = ANY (:ids)
    """
)
OPTIONS = f"HighlightAll=true, StartSel={START}, StopSel={STOP}"


class SearchRepository:
    """Search in one workspace's feedback."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._workspace_id: UUID = session.info["workspace_id"]
        self._feedback = FeedbackRepository(session)

    async def by_all_words(self, q: str, wanted: FeedbackFilter) -> Sequence[UUID]:
        """What holds every word (`or`, `"..."` and `-` as in the list), the newest first."""
        rows = self._feedback.matching(wanted).where(Feedback.id.in_(select(func.search_feedback(q))))
        ids = rows.with_only_columns(Feedback.id).order_by(Feedback.id.desc()).limit(BY_ALL_WORDS)
        return (await self._session.scalars(ids)).all()

    async def by_some_words(self, q: str) -> Mapping[UUID, float]:
        """What holds the rarest words, with the share of the question's weight."""
        rows = await self._session.execute(BY_RARE_WORDS, {"said": q, "most": BY_SOME_WORDS})
        return {row.feedback_id: row.share for row in rows}

    async def by_meaning(self, vector: str, wanted: FeedbackFilter) -> Sequence[UUID]:
        """The nearest of what the filter lets through; see `FeedbackRepository.nearest_to` about the two ways."""
        is_small = await self._session.scalar(IS_SMALL, {"workspace_id": self._workspace_id, "limit": SMALL_WORKSPACE})
        if not is_small:
            await self._session.execute(SEARCH_ON)
        distance = FeedbackEmbedding.embedding.op("<=>", return_type=Float)(
            text("CAST(:vector AS halfvec)").bindparams(vector=vector)
        )
        rows = (
            self._feedback.matching(wanted)
            .join(
                FeedbackEmbedding,
                (FeedbackEmbedding.workspace_id == Feedback.workspace_id)
                & (FeedbackEmbedding.feedback_id == Feedback.id),
            )
            .where(FeedbackEmbedding.workspace_id == self._workspace_id)
            .with_only_columns(Feedback.id)
            .order_by(distance + 0 if is_small else distance)
            .limit(BY_MEANING)
        )
        return (await self._session.scalars(rows)).all()

    async def known(
        self, ids: Sequence[UUID], *, vector: str, wanted: FeedbackFilter, labels: Mapping[str, str | None]
    ) -> Sequence[Any]:
        """What ranks and facets need of each candidate that the filters let through."""
        similarity = 1 - FeedbackEmbedding.embedding.op("<=>", return_type=Float)(
            text("CAST(:vector AS halfvec)").bindparams(vector=vector)
        )
        rows = (
            self._feedback.matching(wanted)
            .outerjoin(
                FeedbackEmbedding,
                (FeedbackEmbedding.workspace_id == Feedback.workspace_id)
                & (FeedbackEmbedding.feedback_id == Feedback.id),
            )
            .outerjoin(
                ThemeMember,
                (ThemeMember.workspace_id == Feedback.workspace_id) & (ThemeMember.feedback_id == Feedback.id),
            )
            .outerjoin(
                Understanding,
                (Understanding.workspace_id == Feedback.workspace_id) & (Understanding.id == Feedback.id),
            )
            .where(Feedback.id.in_(ids))
            .with_only_columns(
                Feedback.id,
                Feedback.source,
                ThemeMember.theme_id,
                *(in_force(name).label(name) for name in ("language", "kind", "sentiment")),
                func.to_char(func.timezone("UTC", Feedback.occurred_at), "YYYY-MM").label("month"),
                func.coalesce(cast(similarity, Float), literal(0.0)).label("similarity"),
            )
        )
        for name, value in labels.items():
            if value is not None:
                rows = rows.where(in_force(name) == value)
        return (await self._session.execute(rows)).all()

    async def read(self, ids: Sequence[UUID]) -> Mapping[UUID, Feedback]:
        return await self._feedback.by_ids(ids)

    async def marked(self, ids: Sequence[UUID], q: str) -> Mapping[UUID, str]:
        """The beginnings of these texts, the words of the question marked."""
        parameters = {
            "workspace_id": self._workspace_id,
            "ids": list(ids),
            "q": q,
            "characters": LOOKED_AT_CHARACTERS,
            "marks": START + STOP,
            "options": OPTIONS,
        }
        return {row.id: row.marked for row in await self._session.execute(MARKED, parameters)}

    async def meant(self, words: Sequence[str]) -> Mapping[str, str]:
        """For each word that nobody wrote, the most alike that somebody did, where one is alike enough."""
        unknown = (await self._session.scalars(UNKNOWN, {"words": list(words)})).all()
        if not unknown:
            return {}
        parameters = {"workspace_id": self._workspace_id, "words": list(unknown), "least": NEAR_ENOUGH}
        return {row.asked: row.meant for row in await self._session.execute(MEANT, parameters)}
