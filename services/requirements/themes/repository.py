"""The only SQL about themes and who belongs to them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, delete, text

from services.chassis.repository import Repository
from services.requirements.domain.similarity import JOINS_A_THEME
from services.requirements.models import Theme, ThemeMember
from services.requirements.models.understanding import not_quarantined

CHUNK = 10_000

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('themes:' || :workspace_id, 0))")

LEAVE = text(
    "DELETE FROM theme_member WHERE workspace_id = :workspace_id AND feedback_id = ANY (:ids) RETURNING theme_id"
)

# Where a person has put it, or else where it is near to; shown under what that theme was merged into.
JOIN_NEAREST = text(
    f"""
    INSERT INTO theme_member (workspace_id, feedback_id, theme_id, origin_id, similarity)
    SELECT meaning.workspace_id, meaning.feedback_id, near.shown_as_id, near.id, near.similarity
    FROM feedback_embedding AS meaning
    LEFT JOIN theme_pin AS pin ON pin.workspace_id = :workspace_id AND pin.feedback_id = meaning.feedback_id
    CROSS JOIN LATERAL (
        SELECT id, coalesce(merged_into_id, id) AS shown_as_id, 1 - (meaning.embedding <=> centre) AS similarity
        FROM theme
        WHERE workspace_id = :workspace_id AND retired_at IS NULL AND centre IS NOT NULL
          AND (pin.theme_id IS NULL OR id = pin.theme_id)
        ORDER BY meaning.embedding <=> centre, id LIMIT 1
    ) AS near
    WHERE meaning.workspace_id = :workspace_id AND meaning.feedback_id = ANY (:ids)
      AND (pin.theme_id IS NOT NULL OR near.similarity >= :least)
      AND {not_quarantined("meaning.feedback_id")}
    ON CONFLICT (workspace_id, feedback_id) DO NOTHING
    RETURNING theme_id
    """  # noqa: S608 a column of ours
)

JOIN_GIVEN = text(
    """
    INSERT INTO theme_member (workspace_id, feedback_id, theme_id, origin_id, similarity)
    SELECT feedback.workspace_id, feedback.id, coalesce(origin.merged_into_id, origin.id), origin.id, new.similarity
    FROM unnest(CAST(:feedback_ids AS uuid[]), CAST(:theme_ids AS uuid[]), CAST(:similarities AS real[]))
         AS new (feedback_id, theme_id, similarity)
    JOIN theme AS origin ON origin.workspace_id = :workspace_id AND origin.id = new.theme_id
    JOIN feedback ON feedback.workspace_id = :workspace_id AND feedback.id = new.feedback_id
    WHERE NOT EXISTS (
        SELECT FROM theme_pin AS pin WHERE pin.workspace_id = :workspace_id AND pin.feedback_id = new.feedback_id
    )
    ORDER BY feedback.id
    ON CONFLICT (workspace_id, feedback_id) DO UPDATE SET
        theme_id = excluded.theme_id, origin_id = excluded.origin_id, similarity = excluded.similarity
    WHERE (theme_member.theme_id, theme_member.origin_id, theme_member.similarity)
          IS DISTINCT FROM (excluded.theme_id, excluded.origin_id, excluded.similarity)
    """
)

SIZES = text(
    "SELECT theme_id, count(*) AS size FROM theme_member WHERE workspace_id = :workspace_id AND theme_id = ANY (:ids) "
    "GROUP BY theme_id"
)

MEMBERS = text("SELECT feedback_id, origin_id FROM theme_member WHERE workspace_id = :workspace_id")

PINS = text("SELECT feedback_id, theme_id FROM theme_pin WHERE workspace_id = :workspace_id ORDER BY feedback_id")

BY_WEEK = text(
    """
    SELECT CAST(date_trunc('week', feedback.occurred_at AT TIME ZONE 'UTC') AS date) AS week,
           coalesce(label.corrected ->> 'sentiment', label.sentiment, 'unsure') AS sentiment,
           coalesce(label.corrected ->> 'kind', label.kind, 'unsure') AS kind, count(*) AS count
    FROM theme_member AS member
    JOIN feedback ON feedback.workspace_id = :workspace_id AND feedback.id = member.feedback_id
    LEFT JOIN understanding AS label ON label.workspace_id = :workspace_id AND label.id = feedback.id
    WHERE member.workspace_id = :workspace_id AND member.theme_id = :theme_id
      AND feedback.occurred_at >= :since AND feedback.occurred_at < :before
    GROUP BY week, 2, 3
    """
)

HOMELESS = text(
    f"""
    SELECT count(*) AS pieces, count(*) FILTER (WHERE member.feedback_id IS NULL) AS homeless
    FROM feedback_embedding AS known
    LEFT JOIN theme_member AS member
      ON member.workspace_id = :workspace_id AND member.feedback_id = known.feedback_id
    WHERE known.workspace_id = :workspace_id AND {not_quarantined("known.feedback_id")}
    """  # noqa: S608 a column of ours
)

LAST_REBUILD = text("SELECT max(created_at) FROM operation WHERE workspace_id = :workspace_id AND kind = :kind")

CENTRAL_TEXTS = text(
    "SELECT id, left(text, :characters) AS words FROM feedback WHERE workspace_id = :workspace_id AND id = ANY (:ids)"
)


class ThemeRepository(Repository[Theme]):
    """Themes of one workspace."""

    model: ClassVar[Any] = Theme

    def matching(self, *, with_retired: bool, parent_id: UUID | None = None) -> Select[Theme]:
        query = self.rows()
        if not with_retired:
            query = query.where(Theme.retired_at.is_(None), Theme.merged_into_id.is_(None))
        return query if parent_id is None else query.where(Theme.parent_id == parent_id)

    async def lock_all(self) -> None:
        """Until the transaction ends nobody else changes who belongs to which theme of this workspace."""
        await self.session.execute(LOCK, {"workspace_id": str(self.workspace_id)})

    async def alive(self) -> Sequence[Theme]:
        """What a rebuild may find again: also those whose feedback is shown under another."""
        return await self.all(self.rows().where(Theme.retired_at.is_(None)).order_by(Theme.id))

    async def children(self, theme_id: UUID) -> Sequence[Theme]:
        return await self.all(self.rows().where(Theme.parent_id == theme_id).order_by(Theme.id))

    async def join_nearest(self, feedback_ids: Sequence[UUID]) -> set[UUID]:
        """Puts feedback where it now belongs, or nowhere; answers the themes whose members may have changed."""
        parameters = {"workspace_id": self.workspace_id, "ids": list(feedback_ids)}
        left = await self.session.scalars(LEAVE, parameters)
        joined = await self.session.scalars(JOIN_NEAREST, parameters | {"least": JOINS_A_THEME})
        return {*left, *joined}

    async def join(self, members: Sequence[tuple[UUID, UUID, float]]) -> None:
        """Writes (feedback, theme, similarity), as a rebuild found them."""
        for start in range(0, len(members), CHUNK):
            feedback_ids, theme_ids, similarities = zip(*members[start : start + CHUNK], strict=True)
            await self.session.execute(
                JOIN_GIVEN,
                {
                    "workspace_id": self.workspace_id,
                    "feedback_ids": list(feedback_ids),
                    "theme_ids": list(theme_ids),
                    "similarities": list(similarities),
                },
            )

    async def empty(self, theme_ids: Sequence[UUID]) -> Sequence[UUID]:
        """Nobody lies nearest to these themes any more; answers who did."""
        members = delete(ThemeMember).where(
            ThemeMember.workspace_id == self.workspace_id, ThemeMember.origin_id.in_(theme_ids)
        )
        return (await self.session.scalars(members.returning(ThemeMember.feedback_id))).all()

    async def members(self) -> dict[UUID, UUID]:
        """Each piece of feedback that has a theme, with the one it lies nearest to."""
        rows = await self.session.execute(MEMBERS, {"workspace_id": self.workspace_id})
        return {row.feedback_id: row.origin_id for row in rows}

    async def pins(self) -> dict[UUID, UUID]:
        """What people have put into themes of their own, with these themes."""
        rows = await self.session.execute(PINS, {"workspace_id": self.workspace_id})
        return {row.feedback_id: row.theme_id for row in rows}

    async def sizes(self, theme_ids: Iterable[UUID]) -> Mapping[UUID, int]:
        rows = await self.session.execute(SIZES, {"workspace_id": self.workspace_id, "ids": list(theme_ids)})
        return {row.theme_id: row.size for row in rows}

    async def by_week(self, theme_id: UUID, *, since: datetime, before: datetime) -> Sequence[Any]:
        """How often it was said in each week, by mood and by kind."""
        parameters = {"workspace_id": self.workspace_id, "theme_id": theme_id, "since": since, "before": before}
        return (await self.session.execute(BY_WEEK, parameters)).all()

    async def homeless(self) -> tuple[int, int]:
        """How much feedback has a meaning, and how much of that has no theme."""
        row = (await self.session.execute(HOMELESS, {"workspace_id": self.workspace_id})).one()
        return row.pieces, row.homeless

    async def last_rebuild(self, kind: str) -> datetime | None:
        """When somebody last asked for one."""
        found: datetime | None = await self.session.scalar(
            LAST_REBUILD, {"workspace_id": self.workspace_id, "kind": kind}
        )
        return found

    async def openings(self, feedback_ids: Sequence[UUID], *, characters: int) -> dict[UUID, str]:
        """The beginnings of these texts."""
        parameters = {"workspace_id": self.workspace_id, "ids": list(feedback_ids), "characters": characters}
        return {row.id: row.words for row in await self.session.execute(CENTRAL_TEXTS, parameters)}
