"""The only SQL about subscriptions, and about what their subscribers are told."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.repository import Repository
from services.roadmap.domain import commitments, handoffs
from services.roadmap.domain.attention import Concern
from services.roadmap.domain.readiness import FINISHED, due_day
from services.roadmap.models import Commitment, Handoff, LaunchPackage, Milestone, Notification, Release, Subscription

MOST_AT_ONCE = 100


class SubscriptionRepository(Repository[Subscription]):
    """Subscriptions."""

    model: ClassVar[Any] = Subscription

    async def everything(self) -> Sequence[Subscription]:
        """All of the workspace, in a fixed order."""
        return await self.all(self.rows().order_by(Subscription.id))

    async def of_addresses(self, emails: Collection[str]) -> Sequence[Subscription]:
        """Those by which these addresses are told."""
        return await self.all(self.rows().where(Subscription.email.in_(emails)).order_by(Subscription.id))


class NotificationRepository(Repository[Notification]):
    """The ledger."""

    model: ClassVar[Any] = Notification

    def of(self, subscription_id: UUID) -> Select[Notification]:
        """What a subscriber was told, or is to be told."""
        return self.rows().where(Notification.subscription_id == subscription_id)

    async def enter(self, rows: Sequence[dict[str, Any]]) -> set[UUID]:
        """Writes the occasions that are new; answers their ids."""
        entered: set[UUID] = set()
        for begin in range(0, len(rows), 1_000):
            batch = [{"workspace_id": self.workspace_id, **row} for row in rows[begin : begin + 1_000]]
            statement = insert(Notification).values(batch).on_conflict_do_nothing().returning(Notification.id)
            entered |= set((await self.session.scalars(statement)).all())
        return entered

    async def known(self, subject_ids: Collection[UUID]) -> set[tuple[UUID, UUID, str]]:
        """What of these was entered already: subscription, subject, occasion."""
        row = Notification
        query = select(row.subscription_id, row.subject_id, row.occasion).where(
            row.workspace_id == self.workspace_id, row.subject_id.in_(subject_ids)
        )
        return {(each[0], each[1], each[2]) for each in (await self.session.execute(query)).all()}

    async def due(self, now: datetime) -> Sequence[Notification]:
        """Mail that is to be sent now, first raised first."""
        query = self.rows().where(Notification.delivery == "pending", Notification.next_try_at <= now)
        return await self.all(query.order_by(Notification.next_try_at, Notification.id).limit(MOST_AT_ONCE))


class ConcernRepository:
    """Everything that is late, at risk or declined."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.workspace_id: UUID = session.info["workspace_id"]

    async def troubled(self, today: date) -> list[Concern]:
        """Four queries, however much there is."""
        return [
            *await self._commitments(today),
            *await self._handoffs(today),
            *await self._packages(today),
            *await self._milestones(today),
        ]

    async def _commitments(self, today: date) -> Iterator[Concern]:
        row = Commitment
        is_late = and_(row.status.in_(commitments.OPEN), row.due_on < today)
        query = select(row).where(
            row.workspace_id == self.workspace_id, or_(is_late, row.status.in_(("at_risk", "declined")))
        )
        found = (await self.session.scalars(query.order_by(row.id))).all()
        return (_of_commitment(each) for each in found)

    async def _handoffs(self, today: date) -> Iterator[Concern]:
        row = Handoff
        query = select(row).where(
            row.workspace_id == self.workspace_id, row.status.in_(handoffs.OPEN), row.due_on < today
        )
        found = (await self.session.scalars(query.order_by(row.id))).all()
        return (
            Concern(
                kind="handoff",
                id=str(each.id),
                title=each.title,
                due_on=each.due_on,
                teams=frozenset(str(team) for team in (each.team_id, each.to_team_id) if team),
                feature=_text(each.feature_id),
                release=_text(each.release_id),
            )
            for each in found
        )

    async def _packages(self, today: date) -> Iterator[Concern]:
        package, release = LaunchPackage, Release
        query = (
            select(package, release.target_on)
            .join(release, and_(release.workspace_id == package.workspace_id, release.id == package.release_id))
            .where(
                package.workspace_id == self.workspace_id,
                package.status.not_in(FINISHED),
                release.status == "planned",
                or_(
                    package.due_on < today,
                    and_(package.days_before_launch.is_not(None), release.target_on.is_not(None)),
                ),
            )
            .order_by(package.id)
        )
        found = (await self.session.execute(query)).all()
        days = ((row[0], due_day(row[0].due_on, row[0].days_before_launch, target_on=row[1])) for row in found)
        return (_of_package(each, due) for each, due in days if due is not None and due < today)

    async def _milestones(self, today: date) -> Iterator[Concern]:
        row = Milestone
        query = select(row).where(row.workspace_id == self.workspace_id, row.reached_on.is_(None), row.due_on < today)
        found = (await self.session.scalars(query.order_by(row.id))).all()
        return (
            Concern(
                kind="milestone", id=str(each.id), title=each.title, due_on=each.due_on, release=_text(each.release_id)
            )
            for each in found
        )


def _of_commitment(row: Commitment) -> Concern:
    return Concern(
        kind="commitment",
        id=str(row.id),
        title=row.title,
        due_on=row.due_on,
        is_open=row.status in commitments.OPEN,
        trouble="at_risk" if row.status == "at_risk" else "declined" if row.status == "declined" else None,
        trouble_since=row.answered_at,
        reason=row.reason,
        teams=frozenset(str(each) for each in (row.team_id, row.for_team_id) if each),
        feature=_text(row.feature_id),
        release=_text(row.release_id),
    )


def _of_package(row: LaunchPackage, due: date) -> Concern:
    return Concern(
        kind="work_package",
        id=str(row.id),
        title=row.title,
        due_on=due,
        teams=frozenset({str(row.team_id)} if row.team_id else ()),
        release=str(row.release_id),
    )


def _text(named: UUID | None) -> str | None:
    return None if named is None else str(named)
