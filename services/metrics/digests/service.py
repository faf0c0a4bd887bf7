"""Makes digests, and keeps each as it was told."""

from datetime import datetime, timedelta
from uuid import UUID

from services.chassis.errors import NotFound
from services.chassis.operations import OperationRead
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.metrics.dashboards.repository import DashboardRepository
from services.metrics.digests.gathering import Gathering
from services.metrics.digests.repository import DigestRepository
from services.metrics.digests.schemas import DigestContent, DigestRead, facts_of
from services.metrics.digests.writing import written
from services.metrics.models import Dashboard, Digest

WEEK = timedelta(days=7)
MAKE = "digest.make"


class DigestService:
    """The digests of one workspace."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.digests = DigestRepository(work.session)
        self.dashboards = DashboardRepository(work.session)

    async def start(self, dashboard_id: UUID) -> OperationRead:
        """Raises NotFound."""
        await self.dashboards.get(dashboard_id)
        order = {"dashboard_id": str(dashboard_id), "made_by": self.work.principal.id}
        return await self.work.operations.start(MAKE, order)

    async def get(self, dashboard_id: UUID, digest_id: UUID) -> DigestRead:
        """Raises NotFound."""
        digest = await self.digests.get(digest_id)
        if digest.dashboard_id != dashboard_id:
            raise NotFound(f"This dashboard has no digest {digest_id}.")
        return read_digest(digest)

    async def search(self, dashboard_id: UUID, page: PageQuery) -> Page[DigestRead]:
        """Raises NotFound."""
        await self.dashboards.get(dashboard_id)
        return await list_page(
            self.work,
            self.digests.of(dashboard_id),
            page,
            model=Digest,
            subject_type="digest",
            read=read_digest,
            filters={"dashboard_id": dashboard_id},
        )

    async def gather(self, dashboard_id: UUID, *, until: datetime) -> tuple[Dashboard, DigestContent]:
        """The week before a moment, as it can be told now. Raises NotFound."""
        dashboard = await self.dashboards.get(dashboard_id)
        return dashboard, await Gathering(self.work).content(dashboard, since=until - WEEK, until=until)

    async def keep(
        self, dashboard: Dashboard, content: DigestContent, *, until: datetime, made_by: str, due_at: datetime | None
    ) -> UUID | None:
        """Its id; None where one was made already for the time that it was due."""
        digest_id, since = self.work.ids(), until - WEEK
        values = {
            "id": digest_id,
            "dashboard_id": dashboard.id,
            "dashboard_version": dashboard.version,
            "begins_at": since,
            "ends_at": until,
            "due_at": due_at,
            "content": content.model_dump(mode="json"),
            "text": written(dashboard.name, content, since=since, until=until),
            "made_by": made_by,
            "made_at": self.work.clock.now(),
        }
        if not await self.digests.add_once(values):
            return None
        facts = {"dashboard_id": dashboard.id, "begins_at": since, "ends_at": until, "is_scheduled": due_at is not None}
        await self.work.events.append(
            "digest.made", subject_type="digest", subject_id=digest_id, version=1, data=facts | facts_of(content)
        )
        return digest_id


def read_digest(digest: Digest) -> DigestRead:
    plain = {name: getattr(digest, name) for name in DigestRead.model_fields if name not in {"content", "is_scheduled"}}
    content = DigestContent.model_validate(digest.content)
    return DigestRead(content=content, is_scheduled=digest.due_at is not None, **plain)
