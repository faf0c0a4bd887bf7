"""Keeps targets, and tells how KPIs are getting on towards them."""

from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from services.chassis.concurrency import Precondition
from services.chassis.errors import FieldError, Invalid, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.metrics.analysis.recent import Recent, RecentReader
from services.metrics.clients.context import MetricsContext
from services.metrics.domain.attainment import Attainment, Goal, Question
from services.metrics.domain.rollups import Grain
from services.metrics.domain.windows import CADENCES
from services.metrics.kpis.repository import KpiRepository
from services.metrics.kpis.schemas import Band, with_band_columns
from services.metrics.models import Target
from services.metrics.targets.repository import TargetRepository
from services.metrics.targets.schemas import AttainmentRead, TargetCreate, TargetRead, TargetUpdate

JUDGE = "services.metrics.domain.attainment:judge"
SPANS = {Grain.DAY: 7, Grain.WEEK: 1, Grain.MONTH: 1}
MOST_AHEAD = 400


class TargetService:
    """The targets of one workspace."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.context = cast("MetricsContext", work.context)
        self.targets = TargetRepository(work.session)
        self.kpis = KpiRepository(work.session)
        self.recent = RecentReader(work.session)

    async def create(self, new: TargetCreate) -> Target:
        """Raises UnknownReference for the KPI."""
        if await self.kpis.find(new.kpi_id) is None:
            raise UnknownReference(errors=[FieldError("/kpi_id", "There is no such KPI.", "unknown")])
        target = await self.targets.add(Target(**with_band_columns(new.fields())))
        await self._tell("target.created", target, version=target.version)
        return target

    async def get(self, target_id: UUID) -> Target:
        return await self.targets.get(target_id)

    async def search(self, page: PageQuery, *, kpi_id: UUID | None) -> Page[TargetRead]:
        return await list_page(
            self.work,
            self.targets.search(kpi_id=kpi_id),
            page,
            model=Target,
            subject_type="target",
            read=read_target,
            filters={"kpi_id": kpi_id},
        )

    async def update(self, target_id: UUID, change: TargetUpdate, *, if_match: Precondition) -> Target:
        """Raises PreconditionFailed, Invalid."""
        target = await self.targets.get(target_id, lock=True)
        if_match.check(target)
        for name, value in with_band_columns(change.changes()).items():
            setattr(target, name, value)
        if target.starts_on >= target.due_on:
            raise Invalid(errors=[FieldError("/due_on", "due_on lies after starts_on.")])
        if (limits := target.limits) is not None and limits.distance(target.value):
            raise Invalid(errors=[FieldError("/band", "value lies within the band.")])
        if self.work.session.is_modified(target):
            await self.work.session.flush()
            await self._tell("target.updated", target, version=target.version)
        return target

    async def delete(self, target_id: UUID, *, if_match: Precondition) -> None:
        target = await self.targets.get(target_id, lock=True)
        if_match.check(target)
        await self.targets.remove(target)
        await self._tell("target.deleted", target, version=target.version + 1)

    async def attainment(self, target_id: UUID) -> AttainmentRead:
        target = await self.targets.get(target_id)
        kpi = await self.kpis.get(target.kpi_id)
        begin = midnight(target.starts_on, ZoneInfo(kpi.time_zone))
        recent = await self.recent.read(kpi, now=self.work.clock.now())
        goal = _goal(target, recent, begin=begin)
        question = Question(recent.values, goal, season=recent.season)
        judged: Attainment = await self.context.analyst.call(JUDGE, question)
        return AttainmentRead(target_id=target.id, kpi_id=kpi.id, kpi_version=kpi.version, **asdict(judged))

    async def _tell(self, event: str, target: Target, *, version: int) -> None:
        await self.work.events.append(
            event, subject_type="target", subject_id=target.id, version=version, data=target_facts(target)
        )


def read_target(target: Target) -> TargetRead:
    plain = {name: getattr(target, name) for name in TargetRead.model_fields if name != "band"}
    return TargetRead(band=Band.of(target.limits), **plain)


def target_facts(target: Target) -> dict[str, Any]:
    """What the feed tells of a target."""
    told = ("kpi_id", "value", "band_low", "band_high", "starts_on", "due_on")
    return {name: getattr(target, name) for name in told}


def _goal(target: Target, recent: Recent, *, begin: datetime) -> Goal:
    """Without a baseline of its own a target starts from the first figures on or after its first day."""
    span, period = SPANS[recent.grain], CADENCES[recent.grain].period
    due = midnight(target.due_on, recent.zone) + timedelta(days=1)
    first = [value for start, value in zip(recent.starts, recent.values, strict=True) if start >= begin][:span]
    known = [float(value) for value in first if isfinite(value)]
    baseline = target.baseline if target.baseline is not None else sum(known) / len(known) if known else None
    left = max(0, min(MOST_AHEAD, round((due - recent.following) / period)))
    gone = max(0, round((recent.following - begin) / period))
    return Goal(baseline, target.value, periods_gone=gone, periods_left=left, span=span, limits=target.limits)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The beginning of a day somewhere."""
    return datetime.combine(day, time(), tzinfo=zone)
