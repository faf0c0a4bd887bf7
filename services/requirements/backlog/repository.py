"""The only SQL about requirements, their evidence, and what the neighbours tell of them."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.errors import NotFound
from services.chassis.feed_handlers import Sweep
from services.chassis.repository import Repository
from services.requirements.domain.states import RequirementStatus
from services.requirements.models import (
    Evidence,
    FeatureLink,
    Feedback,
    OutcomeLink,
    Requirement,
    RequirementRevision,
    Theme,
    ThemeMember,
)


class RequirementRepository(Repository[Requirement]):
    """Requirements of one workspace."""

    model: ClassVar[Any] = Requirement

    def matching(self, *, status: RequirementStatus | None, theme_id: UUID | None) -> Select[Requirement]:
        query = self.rows()
        if status is not None:
            query = query.where(Requirement.status == status)
        if theme_id is not None:
            shown = select(Theme.id).where(Theme.workspace_id == self.workspace_id, Theme.merged_into_id == theme_id)
            query = query.where(or_(Requirement.theme_id == theme_id, Requirement.theme_id.in_(shown)))
        return query

    async def locked(self, ids: Iterable[UUID]) -> Sequence[Requirement]:
        """Those that exist, held until the transaction ends, always in the same order."""
        query = self.rows().where(Requirement.id.in_(list(ids))).order_by(Requirement.id)
        return await self.all(query.with_for_update().execution_options(populate_existing=True))

    async def batches(self, query: Select[Requirement], *, size: int = 500) -> AsyncIterator[Sequence[Requirement]]:
        """All that match, oldest first, a batch at a time."""
        after: UUID | None = None
        while True:
            page = query if after is None else query.where(Requirement.id > after)
            rows = await self.all(page.order_by(Requirement.id).limit(size))
            if rows:
                yield rows
            if len(rows) < size:
                return
            after = rows[-1].id
            self.session.expunge_all()

    async def in_states(self, states: Iterable[RequirementStatus], *, limit: int) -> Sequence[Requirement]:
        query = self.rows().where(Requirement.status.in_(list(states))).order_by(Requirement.id)
        return await self.all(query.limit(limit))


class RevisionRepository:
    """Versions of requirements as they stood."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._workspace_id: UUID = session.info["workspace_id"]

    def _of(self, requirement_id: UUID) -> Select[RequirementRevision]:
        return select(RequirementRevision).where(
            RequirementRevision.workspace_id == self._workspace_id,
            RequirementRevision.requirement_id == requirement_id,
        )

    async def at(self, requirement_id: UUID, moment: datetime) -> RequirementRevision | None:
        """The last version that was made until then."""
        query = self._of(requirement_id).where(RequirementRevision.at <= moment)
        return (await self._session.scalars(query.order_by(RequirementRevision.version.desc()).limit(1))).one_or_none()

    async def before(self, requirement_id: UUID, *, version: int | None, limit: int) -> Sequence[RequirementRevision]:
        """Newest first, below a version."""
        query = self._of(requirement_id)
        if version is not None:
            query = query.where(RequirementRevision.version < version)
        return (await self._session.scalars(query.order_by(RequirementRevision.version.desc()).limit(limit))).all()


class EvidenceRepository(Repository[Evidence]):
    """Quotes of one workspace."""

    model: ClassVar[Any] = Evidence

    def of(self, requirement_id: UUID) -> Select[Evidence]:
        return self.rows().where(Evidence.requirement_id == requirement_id)

    async def get_of(self, requirement_id: UUID, evidence_id: UUID, *, lock: bool = False) -> Evidence:
        """The quote, when it belongs to that requirement; raises NotFound."""
        quote = await self.get(evidence_id, lock=lock)
        if quote.requirement_id != requirement_id:
            raise NotFound(f"There is no evidence {evidence_id}.")
        return quote

    async def by_account(self, requirement_id: UUID, *, limit: int) -> Sequence[Any]:
        """How much each company's people say for it, the strongest voices first; those without a company together."""
        count, strength = func.count().label("quotes"), func.sum(Evidence.strength).label("strength")
        contacts = func.count(Feedback.contact_id.distinct()).label("contacts")
        query = (
            select(Feedback.company_id, count, strength, contacts)
            .join(Evidence, (Evidence.workspace_id == Feedback.workspace_id) & (Evidence.feedback_id == Feedback.id))
            .where(Evidence.workspace_id == self.workspace_id, Evidence.requirement_id == requirement_id)
            .group_by(Feedback.company_id)
            .order_by(strength.desc(), count.desc(), Feedback.company_id)
            .limit(limit)
        )
        return (await self.session.execute(query)).all()

    async def texts(self, feedback_ids: Iterable[UUID]) -> dict[UUID, str]:
        """The texts to quote from, held so that nobody corrects or removes them meanwhile."""
        query = (
            select(Feedback.id, Feedback.text)
            .where(Feedback.workspace_id == self.workspace_id, Feedback.id.in_(list(feedback_ids)))
            .order_by(Feedback.id)
            .with_for_update(read=True)
        )
        return {row.id: row.text for row in await self.session.execute(query)}

    async def typical(self, theme_id: UUID, *, limit: int) -> list[UUID]:
        """The feedback nearest to the heart of a theme."""
        query = (
            select(ThemeMember.feedback_id)
            .where(ThemeMember.workspace_id == self.workspace_id, ThemeMember.theme_id == theme_id)
            .order_by(ThemeMember.similarity.desc(), ThemeMember.feedback_id)
            .limit(limit)
        )
        return list(await self.session.scalars(query))


class LinkRepository:
    """What roadmap and metrics told of their features and outcomes."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._workspace_id: UUID = session.info["workspace_id"]

    async def remember(self, link: FeatureLink | OutcomeLink) -> bool:
        """Whether it is news; an older word never undoes a newer one."""
        table: Any = type(link).__table__
        values = {column.name: getattr(link, column.name) for column in table.c if column.name != "workspace_id"}
        statement = insert(table).values(workspace_id=self._workspace_id, **values)
        newer = statement.on_conflict_do_update(
            index_elements=["workspace_id", "id"],
            set_=values,
            where=table.c.source_version < statement.excluded.source_version,
        )
        return (await self._session.execute(newer.returning(table.c.id))).first() is not None

    async def forget(self, feature_id: UUID) -> None:
        link = await self._session.get(FeatureLink, (self._workspace_id, feature_id))
        if link is not None:
            await self._session.delete(link)

    async def feature(self, feature_id: UUID) -> FeatureLink | None:
        return await self._session.get(FeatureLink, (self._workspace_id, feature_id), populate_existing=True)

    async def is_measured(self, feature_id: UUID) -> bool:
        query = select(OutcomeLink.id).where(
            OutcomeLink.workspace_id == self._workspace_id, OutcomeLink.feature_id == feature_id
        )
        return (await self._session.execute(query.limit(1))).first() is not None

    async def sweep(self, model: type[FeatureLink] | type[OutcomeLink], sweep: Sweep) -> None:
        """Removes what a snapshot no longer brought."""
        await self._session.execute(
            delete(model).where(model.workspace_id == self._workspace_id, sweep.is_unseen(model.id))
        )
