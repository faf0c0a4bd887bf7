"""Finds feedback: by its attributes, by words, by meaning."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, func, or_, select, text

from services.chassis.repository import Repository
from services.requirements.models import Evidence, Feedback, FeedbackStanding, FindingQuote, ThemeMember, Understanding
from services.requirements.models.understanding import not_quarantined

SMALL_WORKSPACE = 5_000
"""Up to here every vector of the workspace is compared; above, the index over all workspaces is searched."""

IS_SMALL = text(
    "SELECT count(*) <= :limit "
    "FROM (SELECT FROM feedback_embedding WHERE workspace_id = :workspace_id LIMIT :limit + 1) AS counted"
)
SEARCH_ON = text(
    "SELECT set_config('hnsw.iterative_scan', 'strict_order', true), "
    "set_config('hnsw.max_scan_tuples', '200000', true), "
    "set_config('hnsw.ef_search', '200', true)"
)

# Adding zero keeps the planner from the vector index, which holds all workspaces and would starve a small one.
NEAREST = f"""
SELECT near.feedback_id, feedback.text, 1 - near.distance AS similarity
FROM (
    SELECT feedback_id, embedding <=> :vector AS distance FROM feedback_embedding
    WHERE workspace_id = :workspace_id AND {not_quarantined("feedback_embedding.feedback_id")}
    ORDER BY {{order}} LIMIT :limit
) AS near
JOIN feedback ON feedback.workspace_id = :workspace_id AND feedback.id = near.feedback_id
ORDER BY near.distance, near.feedback_id
"""  # noqa: S608 a column of ours


@dataclass(frozen=True, kw_only=True)
class FeedbackFilter:
    """What a list of feedback may be narrowed to."""

    q: str | None = None
    source: str | None = None
    external_id: str | None = None
    contact_id: UUID | None = None
    company_id: UUID | None = None
    author_id: UUID | None = None
    channel: str | None = None
    product_area: str | None = None
    importance_from: int | None = None
    rating_below: float | None = None
    custom_field: str | None = None
    theme_id: UUID | None = None
    segment_id: UUID | None = None
    occurred_from: datetime | None = None
    occurred_before: datetime | None = None
    quarantined: bool = False


@dataclass(frozen=True)
class NearFeedback:
    feedback_id: UUID
    text: str
    similarity: float


class FeedbackRepository(Repository[Feedback]):
    """Feedback of one workspace."""

    model: ClassVar[Any] = Feedback

    def matching(self, wanted: FeedbackFilter) -> Select[Feedback]:
        query = self.rows().where(self.is_quarantined() if wanted.quarantined else ~self.is_quarantined())
        for name in ("source", "external_id", "contact_id", "company_id", "author_id", "channel", "product_area"):
            value = getattr(wanted, name)
            if value is not None:
                query = query.where(getattr(Feedback, name) == value)
        if wanted.occurred_from is not None:
            query = query.where(Feedback.occurred_at >= wanted.occurred_from)
        if wanted.occurred_before is not None:
            query = query.where(Feedback.occurred_at < wanted.occurred_before)
        if wanted.importance_from is not None:
            query = query.where(Feedback.importance >= wanted.importance_from)
        if wanted.rating_below is not None:
            query = query.where(Feedback.rating_value < wanted.rating_below * Feedback.rating_best)
        return self._related(query, wanted)

    def is_quarantined(self) -> ColumnElement[bool]:
        """Whether it waits for a person because it may be spam."""
        label = select(Understanding.id).where(
            Understanding.workspace_id == Feedback.workspace_id,
            Understanding.id == Feedback.id,
            Understanding.spam_status == "quarantined",
        )
        # Named, because a query that joins the labels for itself would otherwise be taken for the one that is meant.
        return label.correlate(Feedback).exists()

    async def is_quoted(self, feedback_id: UUID) -> bool:
        """Whether a requirement or a finding rests on it; with its row locked, this stays so."""
        for model in (Evidence, FindingQuote):
            quoted = select(model.feedback_id).where(
                model.workspace_id == self.workspace_id, model.feedback_id == feedback_id
            )
            if await self.session.scalar(quoted.limit(1)) is not None:
                return True
        return False

    async def nearest(self, feedback_id: UUID, *, limit: int) -> Sequence[NearFeedback]:
        """The feedback that means the most alike, itself left out; nothing while it is not embedded."""
        vector = await self.session.scalar(
            text(
                "SELECT embedding::text FROM feedback_embedding "
                "WHERE workspace_id = :workspace_id AND feedback_id = :feedback_id"
            ),
            {"workspace_id": self.workspace_id, "feedback_id": feedback_id},
        )
        if vector is None:
            return []
        found = await self.nearest_to(vector, limit=limit + 1)
        return [each for each in found if each.feedback_id != feedback_id][:limit]

    async def nearest_to(self, vector: str, *, limit: int) -> Sequence[NearFeedback]:
        """The feedback nearest to a vector, written as pgvector writes it."""
        parameters = {"workspace_id": self.workspace_id, "limit": limit}
        is_small = await self.session.scalar(IS_SMALL, {**parameters, "limit": SMALL_WORKSPACE})
        if not is_small:
            await self.session.execute(SEARCH_ON)
        order = "(embedding <=> :vector) + 0" if is_small else "embedding <=> :vector"
        statement = NEAREST.format(order=order).replace(":vector", "CAST(:vector AS halfvec)")
        rows = await self.session.execute(text(statement), {**parameters, "vector": vector})
        return [NearFeedback(row.feedback_id, row.text, row.similarity) for row in rows]

    def _related(self, query: Select[Feedback], wanted: FeedbackFilter) -> Select[Feedback]:
        """Narrowed by what stands in other tables or inside of a column."""
        if wanted.custom_field is not None:
            name, _, value = wanted.custom_field.partition(":")
            query = query.where(or_(*(Feedback.custom_fields.contains({name: each}) for each in _readings(value))))
        if wanted.q is not None:
            query = query.where(Feedback.id.in_(select(func.search_feedback(wanted.q))))
        if wanted.theme_id is not None:
            query = query.where(Feedback.id.in_(self._members_of(wanted.theme_id)))
        if wanted.segment_id is not None:
            query = query.where(Feedback.id.in_(self._came_from(wanted.segment_id)))
        return query

    def _members_of(self, theme_id: UUID) -> Select[Any]:
        return select(ThemeMember.feedback_id).where(
            ThemeMember.workspace_id == self.workspace_id, ThemeMember.theme_id == theme_id
        )

    def _came_from(self, segment_id: UUID) -> Select[Any]:
        """The feedback whose customer belonged to this segment when it was said."""
        return select(FeedbackStanding.feedback_id).where(
            FeedbackStanding.workspace_id == self.workspace_id, FeedbackStanding.segment_ids.contains([segment_id])
        )


def _readings(value: str) -> list[Any]:
    """What may be meant by a value in an address: the text, one of several choices, or what JSON reads there."""
    readings: list[Any] = [value, [value]]
    with suppress(msgspec.DecodeError):
        decoded = msgspec.json.decode(value)
        readings += [decoded] if isinstance(decoded, bool | int | float) else []
    return readings
