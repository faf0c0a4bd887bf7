"""Keeps visions, and every version of them."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Body, Page, Patch
from services.roadmap.keeping.service import Keeper
from services.roadmap.models import Vision, VisionRevision
from services.roadmap.products.service import require_product
from services.roadmap.visions.repository import RevisionRepository, VisionRepository
from services.roadmap.visions.schemas import RevisionRead, VisionContents, VisionRead

FIRST = "First written."


class VisionService(Keeper[Vision, VisionRead]):
    """Visions; what is written anew stays readable as it was."""

    noun: ClassVar[str] = "vision"
    repository: ClassVar[Any] = VisionRepository
    read: ClassVar[Any] = VisionRead

    @property
    def revisions(self) -> RevisionRepository:
        return RevisionRepository(self.work.session)

    async def create(self, new: Body, **owner: UUID) -> Vision:
        vision = await super().create(new, **owner)
        await self._keep(vision, FIRST)
        return vision

    async def update(self, row_id: UUID, change: Patch, *, if_match: Precondition) -> Vision:
        vision = await super().update(row_id, change, if_match=if_match)
        await self._keep(vision, change.changes()["reason"])
        return vision

    async def search_revisions(self, vision_id: UUID, page: PageQuery) -> Page[RevisionRead]:
        await self.get(vision_id)
        return await list_page(
            self.work,
            self.revisions.of(vision_id),
            page,
            model=VisionRevision,
            subject_type="vision_revision",
            read=RevisionRead.model_validate,
            filters={"vision_id": vision_id},
        )

    async def check(self, row: Vision) -> None:
        """Raises UnknownReference when its product does not exist."""
        await require_product(self.work, row.product_id)

    async def _write(self, row: Vision, fields: Mapping[str, Any]) -> None:
        await super()._write(row, {name: value for name, value in fields.items() if name != "reason"})

    async def _keep(self, vision: Vision, reason: str) -> None:
        revision = await self.revisions.add(
            VisionRevision(
                vision_id=vision.id,
                number=vision.version,
                contents=VisionContents.model_validate(vision).model_dump(mode="json"),
                reason=reason,
                written_by=self.work.principal.id,
                written_at=self.work.clock.now(),
            )
        )
        await self.work.events.append(
            "vision.revised",
            subject_type="vision_revision",
            subject_id=revision.id,
            version=1,
            data={"vision_id": vision.id, "number": revision.number},
        )
