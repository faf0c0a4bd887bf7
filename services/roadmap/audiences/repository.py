"""The only SQL about audiences, and about what their views are made of."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import exists, select

from services.chassis.repository import Repository
from services.roadmap.models import Audience, Forecast, ForecastAnswer


class AudienceRepository(Repository[Audience]):
    """Audiences."""

    model: ClassVar[Any] = Audience

    async def is_named(self, name: str, *, other_than: UUID | None = None) -> bool:
        """Whether an audience, another one than given, has this name."""
        query = exists().where(Audience.workspace_id == self.workspace_id, Audience.name == name)
        if other_than is not None:
            query = query.where(Audience.id != other_than)
        return bool(await self.session.scalar(select(query)))


class LatestForecast(Repository[ForecastAnswer]):
    """What was last forecast of a roadmap."""

    model: ClassVar[Any] = ForecastAnswer

    async def done_by(self, roadmap_id: UUID) -> dict[str, str]:
        """For each feature the day by which it is done in 85 of 100 futures (ISO 8601)."""
        query = (
            self.rows()
            .join(Forecast, (Forecast.workspace_id == ForecastAnswer.workspace_id) & (Forecast.id == ForecastAnswer.id))
            .where(Forecast.roadmap_id == roadmap_id)
            .order_by(ForecastAnswer.id.desc())
            .limit(1)
        )
        answer = (await self.session.scalars(query)).one_or_none()
        found = answer.answer["features"] if answer else []
        return {each["feature_id"]: each["done"]["p85"] for each in found}
