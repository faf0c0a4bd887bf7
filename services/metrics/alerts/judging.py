"""Whether the condition of a rule holds now, by the KPI's whole periods."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from pydantic import TypeAdapter

from services.chassis.unit_of_work import Work
from services.metrics.alerts.schemas import (
    AlertCondition,
    AnomalyCondition,
    BandCondition,
    ChangeCondition,
    FixedCondition,
    OffTrackCondition,
)
from services.metrics.analysis.recent import Recent, RecentReader
from services.metrics.analysis.service import SEARCH
from services.metrics.clients.context import MetricsContext
from services.metrics.domain.alerting import Change, Condition, Fixed, Odd, Outside, breach
from services.metrics.domain.anomalies.search import Question
from services.metrics.kpis.repository import KpiRepository
from services.metrics.models import AlertRule, Kpi
from services.metrics.targets.service import TargetService

CONDITIONS: TypeAdapter[AlertCondition] = TypeAdapter(AlertCondition)


@dataclass(frozen=True)
class Judgement:
    """What a look showed: with `holds`, since which period, and the figures."""

    rule_id: UUID
    rule_version: int
    kpi_version: int
    time_zone: str
    holds: bool
    period_starts_at: datetime | None = None
    value: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)


class Judge:
    """Judges the rules of one workspace."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.context = cast("MetricsContext", work.context)
        self.kpis = KpiRepository(work.session)
        self.recent = RecentReader(work.session)

    async def judge(self, rule: AlertRule) -> Judgement:
        kpi = await self.kpis.get(rule.kpi_id)
        condition = CONDITIONS.validate_python(rule.condition)
        if isinstance(condition, OffTrackCondition):
            return await self._target(rule, kpi, condition)
        recent = await self.recent.read(kpi, now=self.work.clock.now())
        row = breach(recent.values, await self._condition(condition, kpi, recent), periods=rule.periods)
        if row is None:
            return _judged(rule, kpi, holds=False)
        value = float(recent.values[row])
        facts = {"condition": rule.condition, "periods": rule.periods, "unit": kpi.unit}
        if isinstance(condition, BandCondition):
            facts |= {"band_low": kpi.band_low, "band_high": kpi.band_high}
        return _judged(rule, kpi, holds=True, period_starts_at=recent.starts[row], value=value, facts=facts)

    async def _condition(
        self, condition: FixedCondition | ChangeCondition | BandCondition | AnomalyCondition, kpi: Kpi, recent: Recent
    ) -> Condition:
        match condition:
            case FixedCondition():
                return Fixed(condition.value, is_above=condition.comparison == "above")
            case ChangeCondition():
                lag = recent.season if condition.compared_to == "last_season" else 1
                either = condition.direction == "either"
                is_rise, is_fall = either or condition.direction == "rise", either or condition.direction == "fall"
                return Change(condition.percent, lag, is_rise=is_rise, is_fall=is_fall)
            case BandCondition():
                # A KPI whose band was taken away after the rule was made is never outside of it.
                low, high = kpi.band_low, kpi.band_high
                return Outside(float("-inf") if low is None else low, float("inf") if high is None else high)
            case AnomalyCondition():
                question = Question([recent.values], season=recent.season, limit=condition.limit)
                (found,) = await self.context.analyst.call(SEARCH, question)
                return Odd(frozenset(each.row for each in found))

    async def _target(self, rule: AlertRule, kpi: Kpi, condition: OffTrackCondition) -> Judgement:
        targets = TargetService(self.work)
        if await targets.targets.find(condition.target_id) is None:
            return _judged(rule, kpi, holds=False)  # a target that was removed cannot be missed
        attainment = await targets.attainment(condition.target_id)
        probability = attainment.probability
        return _judged(
            rule,
            kpi,
            holds=probability is not None and probability < condition.probability,
            value=probability,
            facts={
                "condition": rule.condition,
                "status": attainment.status,
                "progress": attainment.progress,
                "pace": attainment.pace,
                "expected": attainment.expected,
            },
        )


def _judged(rule: AlertRule, kpi: Kpi, **found: Any) -> Judgement:
    return Judgement(rule.id, rule.version, kpi.version, kpi.time_zone, **found)
