"""The SQL by which people shape themes: what they put together, take apart, and what follows them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.requirements.domain.similarity import JOINS_A_THEME

MEMBERS_AMONG = text(
    "SELECT feedback_id FROM theme_member "
    "WHERE workspace_id = :workspace_id AND theme_id = :theme_id AND feedback_id = ANY (:ids)"
)

PIN = text(
    """
    INSERT INTO theme_pin (workspace_id, feedback_id, theme_id)
    SELECT :workspace_id, wanted.id, :theme_id FROM unnest(CAST(:ids AS uuid[])) AS wanted (id) ORDER BY wanted.id
    ON CONFLICT (workspace_id, feedback_id) DO UPDATE SET theme_id = excluded.theme_id
    """
)

UNPIN = text("DELETE FROM theme_pin WHERE workspace_id = :workspace_id AND feedback_id = ANY (:ids) RETURNING theme_id")

CENTRE = text(
    """
    UPDATE theme SET centre = (
        SELECT avg(known.embedding) FROM theme_pin AS pin
        JOIN feedback_embedding AS known
          ON known.workspace_id = :workspace_id AND known.feedback_id = pin.feedback_id
        WHERE pin.workspace_id = :workspace_id AND pin.theme_id = :theme_id
    )
    WHERE workspace_id = :workspace_id AND id = :theme_id
    """
)

# What lies nearer to a part than to the theme that the part was split from goes with the part.
DRAW = text(
    """
    WITH drawn AS (
        SELECT member.feedback_id, near.id, near.shown_as_id, near.similarity
        FROM theme_member AS member
        JOIN theme AS origin ON origin.workspace_id = :workspace_id AND origin.id = member.origin_id
        JOIN feedback_embedding AS known
          ON known.workspace_id = :workspace_id AND known.feedback_id = member.feedback_id
        CROSS JOIN LATERAL (
            SELECT part.id, coalesce(part.merged_into_id, part.id) AS shown_as_id,
                   CAST(1 - (known.embedding <=> part.centre) AS real) AS similarity
            FROM theme AS part
            WHERE part.workspace_id = :workspace_id AND part.retired_at IS NULL AND part.id <> origin.id
              AND part.split_from_id IN (origin.id, origin.merged_into_id)
            ORDER BY known.embedding <=> part.centre, part.id LIMIT 1
        ) AS near
        WHERE member.workspace_id = :workspace_id
          AND near.similarity > member.similarity AND near.similarity >= :least
          AND NOT EXISTS (
              SELECT FROM theme_pin AS pin
              WHERE pin.workspace_id = :workspace_id AND pin.feedback_id = member.feedback_id
          )
    )
    UPDATE theme_member SET theme_id = drawn.shown_as_id, origin_id = drawn.id, similarity = drawn.similarity
    FROM drawn WHERE theme_member.workspace_id = :workspace_id AND theme_member.feedback_id = drawn.feedback_id
    RETURNING theme_member.feedback_id
    """
)

ORIGINS = text(
    "SELECT id FROM theme WHERE workspace_id = :workspace_id AND coalesce(merged_into_id, id) = :theme_id ORDER BY id"
)

SHOW_AS = text(
    "UPDATE theme_member SET theme_id = :theme_id WHERE workspace_id = :workspace_id AND origin_id = ANY (:ids)"
)


class ShapeRepository:
    """Who belongs where because people say so."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._workspace_id: UUID = session.info["workspace_id"]

    async def members_among(self, feedback_ids: Sequence[UUID], *, theme_id: UUID) -> set[UUID]:
        """Those of them that are shown under the theme."""
        found = await self._session.scalars(
            MEMBERS_AMONG, {"workspace_id": self._workspace_id, "theme_id": theme_id, "ids": list(feedback_ids)}
        )
        return set(found.all())

    async def pin(self, feedback_ids: Sequence[UUID], *, theme_id: UUID) -> None:
        """They belong to this theme from now on, and its centre is among them."""
        parameters = {"workspace_id": self._workspace_id, "theme_id": theme_id}
        await self._session.execute(PIN, parameters | {"ids": list(feedback_ids)})
        await self._session.execute(CENTRE, parameters)

    async def forget(self, feedback_ids: Sequence[UUID]) -> int:
        """They were put nowhere; the centres of the themes that they were in are without them."""
        parameters = {"workspace_id": self._workspace_id, "ids": list(feedback_ids)}
        theme_ids = (await self._session.scalars(UNPIN, parameters)).all()
        for theme_id in sorted(set(theme_ids)):
            await self._session.execute(CENTRE, {"workspace_id": self._workspace_id, "theme_id": theme_id})
        return len(theme_ids)

    async def draw(self) -> None:
        """Each piece to the part that it is nearer to, and on to a part of that part."""
        parameters = {"workspace_id": self._workspace_id, "least": JOINS_A_THEME}
        while (await self._session.scalars(DRAW, parameters)).all():
            continue

    async def origins(self, theme_id: UUID) -> list[UUID]:
        """The themes whose feedback is shown under this one, itself among them."""
        found = await self._session.scalars(ORIGINS, {"workspace_id": self._workspace_id, "theme_id": theme_id})
        return list(found.all())

    async def show(self, origin_ids: Sequence[UUID], *, under: UUID) -> None:
        """The feedback of these themes is shown under that one."""
        await self._session.execute(
            SHOW_AS, {"workspace_id": self._workspace_id, "theme_id": under, "ids": list(origin_ids)}
        )
