"""Asks when things will be done, and keeps the answer."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from services.chassis.errors import FieldError, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.allocations.repository import AllocationRepository
from services.roadmap.forecasts.bundling import releases_of
from services.roadmap.forecasts.pace import throughput_question_of
from services.roadmap.forecasts.question import question_of
from services.roadmap.forecasts.record import PlannedRelease, Question, ThroughputQuestion
from services.roadmap.forecasts.repository import AnswerRepository, ForecastRepository, HistoryRepository
from services.roadmap.forecasts.schemas import RoadmapForecastCreate, RoadmapForecastRead, RoadmapForecastStarted
from services.roadmap.models import Feature, Forecast, ForecastAnswer, Release
from services.roadmap.releases.repository import ReleaseRepository
from services.roadmap.roadmaps.repository import ItemRepository, RoadmapRepository
from services.roadmap.teams.repository import TeamRepository

KIND = "forecast.run"


class ForecastService:
    """Forecasts of roadmaps."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def forecasts(self) -> ForecastRepository:
        return ForecastRepository(self.work.session)

    async def start(self, new: RoadmapForecastCreate) -> RoadmapForecastStarted:
        """Raises UnknownReference for an unknown roadmap."""
        question: dict[str, Any] = msgspec.to_builtins(await self._question(new))
        forecast_id = self.work.ids()
        operation = await self.work.operations.start(KIND, {"forecast_id": str(forecast_id)})
        settings = {"samples": new.samples, "seed": new.seed}
        text = msgspec.json.encode({"question": question, **settings}, order="sorted")
        forecast = Forecast(
            id=forecast_id,
            roadmap_id=new.roadmap_id,
            operation_id=operation.id,
            request=new.model_dump(mode="json"),
            question=question,
            digest=hashlib.sha256(text).hexdigest(),
            created_by=self.work.principal.id,
            created_at=self.work.clock.now(),
        )
        await self.forecasts.add(forecast)
        await self.work.events.append(
            "forecast.requested",
            subject_type="forecast",
            subject_id=forecast_id,
            version=1,
            data={"roadmap_id": new.roadmap_id, "operation_id": operation.id},
        )
        return RoadmapForecastStarted(**operation.model_dump(), forecast_id=forecast_id)

    async def get(self, forecast_id: UUID) -> RoadmapForecastRead:
        return (await self._shown([await self.forecasts.get(forecast_id)]))[0]

    async def search(self, page: PageQuery, *, roadmap_id: UUID | None) -> Page[RoadmapForecastRead]:
        query = self.forecasts.rows()
        if roadmap_id is not None:
            query = query.where(Forecast.roadmap_id == roadmap_id)
        found: Page[Any] = await list_page(
            self.work,
            query,
            page,
            model=Forecast,
            subject_type="forecast",
            read=lambda row: row,
            filters={"roadmap_id": roadmap_id},
        )
        return found.model_copy(update={"items": await self._shown(found.items)})

    async def _question(self, new: RoadmapForecastCreate) -> Question | ThroughputQuestion:
        session = self.work.session
        if await RoadmapRepository(session).find(new.roadmap_id) is None:
            faults = [FieldError("/roadmap_id", f"There is no roadmap {new.roadmap_id}.", "unknown")]
            raise UnknownReference(errors=faults)
        items = await ItemRepository(session).everything_on(new.roadmap_id)
        history = HistoryRepository(session)
        features = await history.with_needs([item.feature_id for item in items])
        question: Question | ThroughputQuestion
        if new.method == "throughput":
            today, weeks = self.work.clock.now().date(), new.history_weeks
            question = throughput_question_of(
                items, features, starts_on=new.starts_on, today=today, history_weeks=weeks
            )
        else:
            teams, finished = await TeamRepository(session).everyone(), await history.finished()
            reserved = await AllocationRepository(session).reserved()
            question = question_of(items, features, teams, finished, starts_on=new.starts_on, reserved=reserved)
        return msgspec.structs.replace(question, releases=await self._releases(question, features))

    async def _releases(
        self, question: Question | ThroughputQuestion, features: dict[UUID, Feature]
    ) -> tuple[PlannedRelease, ...]:
        """Releases to come, with all features of theirs, also those that are on no roadmap."""
        repository = ReleaseRepository(self.work.session)
        planned = await repository.all(repository.matching(status="planned", feature_id=None).order_by(Release.id))
        theirs = {each for release in planned for each in release.feature_ids}
        known = features | await HistoryRepository(self.work.session).by_ids(theirs - features.keys())
        return tuple(releases_of(planned, known, forecast={each.id for each in question.features}))

    async def _shown(self, forecasts: Sequence[Forecast]) -> list[RoadmapForecastRead]:
        states = await self.forecasts.states(forecasts)
        answers = await AnswerRepository(self.work.session).by_ids(each.id for each in forecasts)
        return [_read(each, answers.get(each.id), states.get(each.operation_id)) for each in forecasts]


def _read(forecast: Forecast, answer: ForecastAnswer | None, state: str | None) -> RoadmapForecastRead:
    # Operations are forgotten after a while; answers are not.
    state = "succeeded" if answer else state or "failed"
    fields: dict[str, Any] = {
        "id": forecast.id,
        "etag": f'"{state}"',
        "created_at": forecast.created_at,
        "updated_at": answer.created_at if answer else forecast.created_at,
        "state": state,
        "roadmap_id": forecast.roadmap_id,
        "operation_id": forecast.operation_id,
        "digest": forecast.digest,
        "request": forecast.request,
        "answer": {**answer.answer, "created_at": answer.created_at} if answer else None,
        "created_by": forecast.created_by,
    }
    return RoadmapForecastRead.model_validate(fields)
