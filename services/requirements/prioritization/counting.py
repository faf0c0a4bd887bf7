"""The SQL that counts what speaks for requirements: quotes, themes, votes, and the money behind them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession

from services.requirements.customers.rules import Sight, condition
from services.requirements.domain.live import EVIDENCE, IN_MONEY, THEMES, VOTES, LiveInput
from services.requirements.domain.segments import parse_rule
from services.requirements.domain.trends import COMPARED_WEEKS, growth, whole_weeks
from services.requirements.models import Company, Contact, Segment, Vote
from services.requirements.models.understanding import not_quarantined

# A company counts once for each requirement, with what it paid when it last spoke.
QUOTED = text(
    """
    WITH said AS MATERIALIZED (
        SELECT evidence.requirement_id, evidence.strength, feedback.id, feedback.contact_id, feedback.company_id,
               standing.revenue, feedback.occurred_at
        FROM evidence
        JOIN feedback ON feedback.workspace_id = :workspace_id AND feedback.id = evidence.feedback_id
        LEFT JOIN feedback_standing AS standing
          ON standing.workspace_id = :workspace_id AND standing.feedback_id = feedback.id
        WHERE evidence.workspace_id = :workspace_id AND evidence.requirement_id = ANY (:ids)
          AND (CAST(:segment_id AS uuid) IS NULL OR CAST(:segment_id AS uuid) = ANY (standing.segment_ids))
    ), latest AS (
        SELECT DISTINCT ON (requirement_id, company_id) requirement_id, revenue FROM said
        WHERE company_id IS NOT NULL AND revenue IS NOT NULL
        ORDER BY requirement_id, company_id, occurred_at DESC, id DESC
    ), paid AS (
        SELECT requirement_id, jsonb_object_agg(currency, amount) AS revenue FROM (
            SELECT requirement_id, each.key AS currency, sum(CAST(each.value AS bigint)) AS amount
            FROM latest CROSS JOIN LATERAL jsonb_each_text(latest.revenue) AS each GROUP BY requirement_id, each.key
        ) AS summed GROUP BY requirement_id
    ), counted AS (
        SELECT requirement_id, count(*) AS evidence_count, sum(strength) AS evidence_strength,
               count(DISTINCT contact_id) AS contacts, count(DISTINCT company_id) AS companies
        FROM said GROUP BY requirement_id
    )
    SELECT counted.*, coalesce(paid.revenue, '{}') AS money FROM counted LEFT JOIN paid USING (requirement_id)
    """
)

THEMED = text(
    f"""
    WITH said AS MATERIALIZED (
        SELECT requirement.id AS requirement_id, feedback.id, feedback.company_id, feedback.occurred_at,
               standing.revenue
        FROM requirement
        JOIN theme ON theme.workspace_id = :workspace_id AND theme.id = requirement.theme_id
        JOIN theme_member AS member
          ON member.workspace_id = :workspace_id AND member.theme_id = coalesce(theme.merged_into_id, theme.id)
        JOIN feedback ON feedback.workspace_id = :workspace_id AND feedback.id = member.feedback_id
        LEFT JOIN feedback_standing AS standing
          ON standing.workspace_id = :workspace_id AND standing.feedback_id = feedback.id
        WHERE requirement.workspace_id = :workspace_id AND requirement.id = ANY (:ids)
          AND (CAST(:segment_id AS uuid) IS NULL OR CAST(:segment_id AS uuid) = ANY (standing.segment_ids))
          AND {not_quarantined("feedback.id")}
    ), latest AS (
        SELECT DISTINCT ON (requirement_id, company_id) requirement_id, revenue FROM said
        WHERE company_id IS NOT NULL AND revenue IS NOT NULL
        ORDER BY requirement_id, company_id, occurred_at DESC, id DESC
    ), paid AS (
        SELECT requirement_id, jsonb_object_agg(currency, amount) AS revenue FROM (
            SELECT requirement_id, each.key AS currency, sum(CAST(each.value AS bigint)) AS amount
            FROM latest CROSS JOIN LATERAL jsonb_each_text(latest.revenue) AS each GROUP BY requirement_id, each.key
        ) AS summed GROUP BY requirement_id
    ), counted AS (
        SELECT requirement_id, count(*) AS theme_size,
               count(*) FILTER (WHERE occurred_at >= :middle AND occurred_at < :until) AS recent,
               count(*) FILTER (WHERE occurred_at >= :since AND occurred_at < :middle) AS before
        FROM said GROUP BY requirement_id
    )
    SELECT counted.*, coalesce(paid.revenue, '{{}}') AS money FROM counted LEFT JOIN paid USING (requirement_id)
    """  # noqa: S608 a column of ours
)

VOTED = text(
    """
    WITH said AS MATERIALIZED (
        SELECT DISTINCT requirement.id AS requirement_id, vote.contact_id, contact.company_id
        FROM requirement
        LEFT JOIN theme AS own ON own.workspace_id = :workspace_id AND own.id = requirement.theme_id
        LEFT JOIN theme AS shown
          ON shown.workspace_id = :workspace_id
         AND coalesce(shown.merged_into_id, shown.id) = coalesce(own.merged_into_id, own.id)
        JOIN vote ON vote.workspace_id = :workspace_id
                 AND (vote.requirement_id = requirement.id OR vote.theme_id = shown.id)
        JOIN contact ON contact.workspace_id = :workspace_id AND contact.id = vote.contact_id
        WHERE requirement.workspace_id = :workspace_id AND requirement.id = ANY (:ids)
          AND (CAST(:voters AS uuid[]) IS NULL OR vote.contact_id = ANY (:voters))
    ), paid AS (
        SELECT requirement_id, jsonb_object_agg(currency, amount) AS revenue FROM (
            SELECT once.requirement_id, each.key AS currency, sum(CAST(each.value AS bigint)) AS amount
            FROM (SELECT DISTINCT requirement_id, company_id FROM said WHERE company_id IS NOT NULL) AS once
            CROSS JOIN LATERAL jsonb_each_text(annual_revenue(:workspace_id, once.company_id, :today)) AS each
            GROUP BY once.requirement_id, each.key
        ) AS summed GROUP BY requirement_id
    ), counted AS (
        SELECT requirement_id, count(DISTINCT contact_id) AS votes FROM said GROUP BY requirement_id
    )
    SELECT counted.*, coalesce(paid.revenue, '{}') AS money FROM counted LEFT JOIN paid USING (requirement_id)
    """
)

SEGMENTS = text("SELECT id FROM segment WHERE workspace_id = :workspace_id AND id = ANY (:ids)")


class LiveCounts:
    """Counts for many requirements at once; a statement for each kind of thing, and for each segment asked for."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._workspace_id: UUID = session.info["workspace_id"]
        self._now: datetime = session.info["clock"].now()

    async def unknown_segments(self, ids: Iterable[UUID]) -> set[UUID]:
        wanted = set(ids)
        found = await self._session.scalars(SEGMENTS, {"workspace_id": self._workspace_id, "ids": list(wanted)})
        return wanted - set(found.all())

    async def of(self, ids: Sequence[UUID], wanted: Iterable[LiveInput]) -> dict[UUID, dict[str, float]]:
        """By requirement and by key of what is wanted; 0 where there is nothing to count."""
        counts: dict[UUID, dict[str, float]] = {each: {} for each in ids}
        for kinds, count in ((EVIDENCE, self._quoted), (THEMES, self._themed), (VOTES, self._voted)):
            asked = [each for each in wanted if each.name in kinds]
            for segment_id in sorted({each.segment_id for each in asked}, key=str):
                rows = await count(ids, segment_id)
                for each in asked:
                    if each.segment_id == segment_id:
                        for requirement_id in ids:
                            counts[requirement_id][each.key] = _value(rows.get(requirement_id, {}), each)
        return counts

    async def _quoted(self, ids: Sequence[UUID], segment_id: str | None) -> dict[UUID, Mapping[str, Any]]:
        return await self._rows(QUOTED, ids, segment_id=segment_id and UUID(segment_id))

    async def _themed(self, ids: Sequence[UUID], segment_id: str | None) -> dict[UUID, Mapping[str, Any]]:
        """With the growth of each theme."""
        weeks = whole_weeks(self._now.date(), count=2 * COMPARED_WEEKS)
        since, middle = (datetime.combine(week, time(), UTC) for week in (weeks[0], weeks[COMPARED_WEEKS]))
        rows = await self._rows(
            THEMED,
            ids,
            segment_id=segment_id and UUID(segment_id),
            since=since,
            middle=middle,
            until=middle + (middle - since),
        )
        return {
            key: {**row, "theme_growth": growth([row["before"], row["recent"]], compared=1).ratio}
            for key, row in rows.items()
        }

    async def _voted(self, ids: Sequence[UUID], segment_id: str | None) -> dict[UUID, Mapping[str, Any]]:
        """A vote stands for whoever gave it, so the segment is the one in which they are today."""
        voters = None if segment_id is None else await self._voters_in(UUID(segment_id))
        return await self._rows(VOTED, ids, today=self._now.date(), voters=voters)

    async def _voters_in(self, segment_id: UUID) -> list[UUID]:
        """Contacts who voted for anything and whom the segment's rule holds for."""
        mine = (Segment.workspace_id == self._workspace_id, Segment.id == segment_id)
        subject, rule = (await self._session.execute(select(Segment.subject, Segment.rule).where(*mine))).one()
        sight = Sight(Contact, Company, literal(self._now.date()))
        query = (
            select(Contact.id)
            .outerjoin(Company, (Company.workspace_id == Contact.workspace_id) & (Company.id == Contact.company_id))
            .where(
                Contact.workspace_id == self._workspace_id,
                Contact.id.in_(select(Vote.contact_id).where(Vote.workspace_id == self._workspace_id)),
                Company.id.is_not(None) if subject == "company" else true(),
                condition(parse_rule(rule), sight),
            )
        )
        return list((await self._session.scalars(query)).all())

    async def _rows(self, statement: Any, ids: Sequence[UUID], **more: Any) -> dict[UUID, Mapping[str, Any]]:
        parameters = {"workspace_id": self._workspace_id, "ids": list(ids), **more}
        rows = (await self._session.execute(statement, parameters)).mappings()
        return {row["requirement_id"]: {**row} for row in rows}


def _value(row: Mapping[str, Any], wanted: LiveInput) -> float:
    if wanted.name in IN_MONEY:
        return float(row.get("money", {}).get(wanted.currency, 0))
    if wanted.name == "theme_growth" and not row:
        return 1.0
    return float(row.get(wanted.name, 0))
