"""The only SQL about share links and their visits."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import LargeBinary, Select, bindparam, delete, text
from sqlalchemy.dialects.postgresql import insert

from services.chassis.database import Database
from services.chassis.repository import Repository
from services.roadmap.models import ShareLink, ShareLinkVisit

_FIND = text("SELECT * FROM find_share_link(:digest)").bindparams(bindparam("digest", type_=LargeBinary))
SAME_VISITOR = ("workspace_id", "share_link_id", "day", "form", "visitor")


@dataclass(frozen=True)
class FoundLink:
    """Where a token leads, before its workspace is entered."""

    workspace_id: UUID
    share_link_id: UUID
    expires_at: datetime | None
    revoked_at: datetime | None


async def find_by_digest(database: Database, digest: bytes) -> FoundLink | None:
    """The link, in whichever workspace it is, through a function that can do nothing else."""
    async with database.transaction(workspace_id=None) as session:
        row = (await session.execute(_FIND, {"digest": digest})).mappings().one_or_none()
    return FoundLink(**row) if row is not None else None


class ShareLinkRepository(Repository[ShareLink]):
    """Share links."""

    model: ClassVar[Any] = ShareLink


class VisitRepository(Repository[ShareLinkVisit]):
    """Who came."""

    model: ClassVar[Any] = ShareLinkVisit

    def of(self, share_link_id: UUID) -> Select[ShareLinkVisit]:
        return self.rows().where(ShareLinkVisit.share_link_id == share_link_id)

    async def count(
        self, share_link_id: UUID, *, visit_id: UUID, form: str, visitor: str, at: datetime
    ) -> tuple[UUID, int]:
        """One request more by this visitor today; answers the row's id and its new number."""
        table = ShareLinkVisit.__table__
        new = insert(ShareLinkVisit).values(
            workspace_id=self.workspace_id,
            id=visit_id,
            share_link_id=share_link_id,
            day=at.date(),
            form=form,
            visitor=visitor,
            times=1,
            first_at=at,
            last_at=at,
        )
        query = new.on_conflict_do_update(
            index_elements=SAME_VISITOR, set_={"times": table.c.times + 1, "last_at": new.excluded.last_at}
        ).returning(table.c.id, table.c.times)
        row = (await self.session.execute(query)).one()
        return row.id, row.times

    async def forget_before(self, day: date, *, share_link_id: UUID) -> None:
        """Remove what is older than visits are kept."""
        await self.session.execute(
            delete(ShareLinkVisit).where(
                ShareLinkVisit.workspace_id == self.workspace_id,
                ShareLinkVisit.share_link_id == share_link_id,
                ShareLinkVisit.day < day,
            )
        )
