"""Where feedback came from: computed by the rules, in one statement for any number of pieces."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Select, Uuid, and_, case, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB, array, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.chassis.errors import NotFound
from services.requirements.customers.rules import Sight, condition
from services.requirements.domain.segments import Rule
from services.requirements.models import Company, Contact, Feedback, FeedbackStanding

FROZEN = ("as_of", "frozen_at", "contact_id", "company_id", "segment_ids", "revenue")


@dataclass(frozen=True)
class RuledSegment:
    """A segment with its rule read."""

    id: UUID
    subject: str
    rule: Rule


class StandingRepository:
    """Segments and revenue of feedback in one workspace."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    @property
    def workspace_id(self) -> UUID:
        workspace_id: UUID = self.session.info["workspace_id"]
        return workspace_id

    async def freeze(self, feedback_ids: Sequence[UUID], segments: Sequence[RuledSegment], *, now: datetime) -> None:
        """Keep where these came from, as of when each was said; again only for what now names another customer."""
        found = self._standing(segments, day=cast(func.timezone("UTC", Feedback.occurred_at), Date)).where(
            Feedback.id.in_(feedback_ids)
        )
        columns = found.add_columns(Feedback.occurred_at, literal(now)).subquery()
        source = select(literal(self.workspace_id, Uuid), *columns.columns)
        target = ("workspace_id", "feedback_id", "contact_id", "company_id", "segment_ids", "revenue", "as_of")
        statement = insert(FeedbackStanding).from_select([*target, "frozen_at"], source)
        kept = FeedbackStanding
        await self.session.execute(
            statement.on_conflict_do_update(
                index_elements=["workspace_id", "feedback_id"],
                set_={name: getattr(statement.excluded, name) for name in FROZEN},
                where=or_(
                    kept.company_id.is_distinct_from(statement.excluded.company_id),
                    kept.contact_id.is_distinct_from(statement.excluded.contact_id),
                ),
            )
        )

    async def frozen(self, feedback_id: UUID) -> FeedbackStanding | None:
        query = select(FeedbackStanding).where(
            FeedbackStanding.workspace_id == self.workspace_id, FeedbackStanding.feedback_id == feedback_id
        )
        return (await self.session.scalars(query)).one_or_none()

    async def live(self, feedback_id: UUID, segments: Sequence[RuledSegment]) -> tuple[list[UUID], dict[str, int]]:
        """The segments and the revenue of today; raises NotFound where there is no such feedback."""
        query = self._standing(segments, day=None).where(Feedback.id == feedback_id)
        row = (await self.session.execute(query)).one_or_none()
        if row is None:
            raise NotFound(f"There is no feedback {feedback_id}.")
        return row.segment_ids, row.revenue

    def _standing(self, segments: Sequence[RuledSegment], *, day: Any) -> Select[Any]:
        """Feedback with its customers; a rule about companies sees none where feedback names none."""
        company, employer = aliased(Company), aliased(Company)
        about_company, about_contact = Sight(Contact, company, day), Sight(Contact, employer, day)
        matching = [
            case((and_(company.id.is_not(None), condition(each.rule, about_company)), literal(each.id, Uuid)))
            if each.subject == "company"
            else case((and_(Contact.id.is_not(None), condition(each.rule, about_contact)), literal(each.id, Uuid)))
            for each in segments
        ]
        ids = func.array_remove(cast(array(matching), ARRAY(Uuid)), cast(None, Uuid), type_=ARRAY(Uuid))
        revenue = func.annual_revenue(Feedback.workspace_id, company.id, about_company.on, type_=JSONB)
        return (
            select(
                Feedback.id,
                Feedback.contact_id,
                Feedback.company_id,
                ids.label("segment_ids"),
                revenue.label("revenue"),
            )
            .outerjoin(Contact, (Contact.workspace_id == Feedback.workspace_id) & (Contact.id == Feedback.contact_id))
            .outerjoin(company, (company.workspace_id == Feedback.workspace_id) & (company.id == Feedback.company_id))
            .outerjoin(employer, (employer.workspace_id == Contact.workspace_id) & (employer.id == Contact.company_id))
            .where(Feedback.workspace_id == self.workspace_id)
        )
