"""The only SQL about follow-ups."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.dialects.postgresql import insert

from services.chassis.repository import Repository
from services.requirements.domain.following_up import FOLLOW_UP, FollowUpState, Recipient
from services.requirements.models import (
    Contact,
    Evidence,
    FeatureLink,
    Feedback,
    FollowUp,
    OutcomeLink,
    Unsubscription,
)


@dataclass(frozen=True)
class Asked:
    """Somebody whose words a requirement rests on: their strongest quote, and what they agreed to."""

    contact_id: UUID
    feedback_id: UUID
    quote: str
    recipient: Recipient


class FollowUpRepository(Repository[FollowUp]):
    """The ledger of one workspace."""

    model: ClassVar[Any] = FollowUp

    def matching(
        self, *, requirement_id: UUID | None, contact_id: UUID | None, state: FollowUpState | None
    ) -> Select[FollowUp]:
        query = self.rows()
        if requirement_id is not None:
            query = query.where(FollowUp.requirement_id == requirement_id)
        if contact_id is not None:
            query = query.where(FollowUp.contact_id == contact_id)
        return query if state is None else query.where(FollowUp.state == state)

    async def who_asked(self, requirement_id: UUID) -> Sequence[Asked]:
        """Each contact once, by one statement; agreed is what they agreed to with any of the quoted words."""
        left = exists().where(
            Unsubscription.workspace_id == Contact.workspace_id, Unsubscription.contact_id == Contact.id
        )
        query = (
            select(Contact.id, Contact.email, Feedback.id, Evidence.quote, Feedback.consent, left)
            .join(Feedback, (Feedback.workspace_id == Contact.workspace_id) & (Feedback.contact_id == Contact.id))
            .join(Evidence, (Evidence.workspace_id == Feedback.workspace_id) & (Evidence.feedback_id == Feedback.id))
            .where(Contact.workspace_id == self.workspace_id, Evidence.requirement_id == requirement_id)
            .order_by(Contact.id, Evidence.strength.desc(), Evidence.id)
        )
        asked: dict[UUID, Asked] = {}
        for contact_id, email, feedback_id, quote, consent, is_gone in await self.session.execute(query):
            known = asked.get(contact_id)
            purposes = frozenset((consent or {}).get("purposes", ()))
            if known is None:
                asked[contact_id] = Asked(contact_id, feedback_id, quote, Recipient(email, purposes, is_gone))
            else:
                agreed = replace(known.recipient, purposes=known.recipient.purposes | purposes)
                asked[contact_id] = replace(known, recipient=agreed)
        return list(asked.values())

    async def enter(self, rows: Sequence[dict[str, Any]]) -> set[UUID]:
        """The ids of those that are new; whoever has an entry for this event already keeps it."""
        if not rows:
            return set()
        statement = insert(FollowUp).values(rows).on_conflict_do_nothing().returning(FollowUp.id)
        return set((await self.session.scalars(statement)).all())

    async def waiting(self, *, limit: int) -> Sequence[UUID]:
        query = select(FollowUp.id).where(
            FollowUp.workspace_id == self.workspace_id, FollowUp.state == FollowUpState.WAITING
        )
        return (await self.session.scalars(query.order_by(FollowUp.id).limit(limit))).all()

    async def recipient(self, follow_up: FollowUp) -> Recipient:
        """The contact as they stand now: they may have left, or lost their name, since the entry was made."""
        contact = (
            await self.session.scalars(
                select(Contact).where(Contact.workspace_id == self.workspace_id, Contact.id == follow_up.contact_id)
            )
        ).one()
        return Recipient(contact.email, frozenset({FOLLOW_UP}), await self.has_left(contact.id))

    async def has_left(self, contact_id: UUID) -> bool:
        query = select(Unsubscription.id).where(
            Unsubscription.workspace_id == self.workspace_id, Unsubscription.contact_id == contact_id
        )
        return (await self.session.scalars(query)).first() is not None

    async def verdict(self, requirement_id: UUID) -> str | None:
        """What the last measurement of a feature that answers it said."""
        query = (
            select(OutcomeLink.verdict)
            .join(
                FeatureLink,
                (FeatureLink.workspace_id == OutcomeLink.workspace_id) & (FeatureLink.id == OutcomeLink.feature_id),
            )
            .where(
                OutcomeLink.workspace_id == self.workspace_id,
                FeatureLink.requirement_ids.contains([requirement_id]),
            )
            .order_by(OutcomeLink.measured_at.desc(), OutcomeLink.id)
        )
        return (await self.session.scalars(query.limit(1))).one_or_none()
