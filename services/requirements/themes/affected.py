"""Whom themes concern, from what was frozen when each piece of feedback was said."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.requirements.models.understanding import not_quarantined

AFFECTED = text(
    f"""
    WITH said AS MATERIALIZED (
        SELECT member.feedback_id, standing.as_of, standing.contact_id, standing.company_id, standing.segment_ids,
               standing.revenue, standing.feedback_id IS NULL AS is_unsettled
        FROM theme_member AS member
        LEFT JOIN feedback_standing AS standing
          ON standing.workspace_id = :workspace_id AND standing.feedback_id = member.feedback_id
        WHERE member.workspace_id = :workspace_id AND member.theme_id = ANY (:ids)
          AND {not_quarantined("member.feedback_id")}
    ), latest AS (
        SELECT DISTINCT ON (company_id) company_id, revenue FROM said
        WHERE company_id IS NOT NULL ORDER BY company_id, as_of DESC, feedback_id DESC
    ), paid AS (
        SELECT each.key AS currency, sum(CAST(each.value AS bigint))::bigint AS amount_minor,
               count(*) AS company_count
        FROM latest CROSS JOIN LATERAL jsonb_each_text(latest.revenue) AS each
        GROUP BY each.key
    ), belonging AS (
        SELECT segment.id AS segment_id, segment.name, count(*) AS feedback_count,
               count(DISTINCT said.company_id) AS company_count, count(DISTINCT said.contact_id) AS contact_count
        FROM said CROSS JOIN LATERAL unnest(said.segment_ids) AS own (id)
        JOIN segment ON segment.workspace_id = :workspace_id AND segment.id = own.id
        GROUP BY segment.id, segment.name
    )
    SELECT count(*) AS feedback_count, count(DISTINCT company_id) AS company_count,
           count(DISTINCT contact_id) AS contact_count,
           count(*) FILTER (WHERE company_id IS NULL AND NOT is_unsettled) AS nameless_count,
           count(*) FILTER (WHERE is_unsettled) AS unsettled_count,
           coalesce((SELECT jsonb_agg(to_jsonb(paid) ORDER BY currency) FROM paid), '[]') AS revenue,
           coalesce((
               SELECT jsonb_agg(to_jsonb(belonging) ORDER BY feedback_count DESC, segment_id) FROM belonging
           ), '[]') AS segments
    FROM said
    """  # noqa: S608 a column of ours
)


class AffectedRepository:
    """Counts over the feedback of some themes together; one statement, however much was said."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._workspace_id: UUID = session.info["workspace_id"]

    async def of(self, theme_ids: Sequence[UUID]) -> dict[str, Any]:
        parameters = {"workspace_id": self._workspace_id, "ids": list(theme_ids)}
        return {**(await self._session.execute(AFFECTED, parameters)).mappings().one()}
