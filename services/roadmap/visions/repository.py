"""The only SQL about visions and their revisions."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, select

from services.chassis.repository import Repository
from services.roadmap.keeping.repository import LinkedRepository
from services.roadmap.models import Vision, VisionRevision


class VisionRepository(LinkedRepository[Vision]):
    """Visions as they are now."""

    model: ClassVar[Any] = Vision

    async def statements(self) -> tuple[str, ...]:
        """What every vision says, the oldest first."""
        query = select(Vision.statement).where(Vision.workspace_id == self.workspace_id).order_by(Vision.id)
        return tuple((await self.session.scalars(query)).all())


class RevisionRepository(Repository[VisionRevision]):
    """Visions as they were."""

    model: ClassVar[Any] = VisionRevision

    def of(self, vision_id: UUID) -> Select[VisionRevision]:
        return self.rows().where(VisionRevision.vision_id == vision_id)
