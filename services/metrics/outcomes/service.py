"""Opens outcomes at a launch, and keeps what each look at the data showed."""

from datetime import date, datetime
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import structlog

from services.chassis.events import signal_after_commit
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import UnitOfWork, Work
from services.metrics.clients.context import MetricsContext
from services.metrics.domain.impact import Verdict
from services.metrics.domain.rollups import Grain
from services.metrics.domain.windows import PATIENCE, Prediction, window_end
from services.metrics.kpis.repository import KpiRepository
from services.metrics.models import Kpi, Outcome, OutcomeEvaluation
from services.metrics.outcomes.evidence import Look, look_at
from services.metrics.outcomes.repository import EvaluationRepository, OutcomeRepository
from services.metrics.outcomes.schemas import EvaluationRead, OutcomeRead, State
from services.metrics.outcomes.telling import findings_of, measured_facts, opened_facts, read_outcome

TOPIC = "outcomes"
DECISIVE = (Verdict.IMPROVED, Verdict.WORSE)

log = structlog.get_logger(__name__)


class ExpectedEffect(msgspec.Struct, frozen=True):
    """What a feature promised for one KPI; sizes are not negative where a direction is given."""

    kpi_id: UUID
    low: float
    likely: float
    high: float
    due_on: date | None = None
    direction: str | None = None
    estimated_by: str | None = None

    @property
    def prediction(self) -> Prediction:
        return Prediction.of(low=self.low, likely=self.likely, high=self.high, is_decrease=self.direction == "decrease")


class Shipped(msgspec.Struct, frozen=True):
    """What the roadmap tells of a feature, as far as outcomes need it."""

    shipped_at: datetime | None = None
    requirement_ids: tuple[UUID, ...] = ()
    team_ids: tuple[UUID, ...] = ()
    requirement_kinds: tuple[str, ...] = ()
    expected_effects: tuple[ExpectedEffect, ...] = ()


class OutcomeService:
    """The outcomes of one workspace."""

    def __init__(self, work: Work) -> None:
        self.work: UnitOfWork = work
        self.outcomes = OutcomeRepository(work.session)
        self.evaluations = EvaluationRepository(work.session)

    async def open_for(self, feature_id: UUID, shipped: Shipped) -> None:
        """One outcome for each effect that was promised; told again, nothing happens."""
        if shipped.shipped_at is None or not shipped.expected_effects:
            return
        kpis = await KpiRepository(self.work.session).by_ids(each.kpi_id for each in shipped.expected_effects)
        known = await self.outcomes.kpis_judged_for(feature_id)
        for effect in shipped.expected_effects:
            if effect.kpi_id not in kpis:
                log.warning("outcome.unknown_kpi", kpi_id=str(effect.kpi_id), feature_id=str(feature_id))
            elif effect.kpi_id not in known:
                await self._open(feature_id, shipped.shipped_at, shipped, effect, kpis[effect.kpi_id])
        signal_after_commit(self.work.session, TOPIC, self.work.context.signal)

    async def _open(
        self, feature_id: UUID, shipped_at: datetime, shipped: Shipped, effect: ExpectedEffect, kpi: Kpi
    ) -> None:
        zone, grain = ZoneInfo(kpi.time_zone), Grain(kpi.cadence)
        outcome = await self.outcomes.add(
            Outcome(
                feature_id=feature_id,
                kpi_id=kpi.id,
                requirement_ids=[str(each) for each in shipped.requirement_ids],
                team_ids=[str(each) for each in shipped.team_ids],
                requirement_kinds=list(shipped.requirement_kinds),
                estimated_by=effect.estimated_by,
                shipped_at=shipped_at,
                due_on=effect.due_on,
                window_ends_at=window_end(shipped_at, due_on=effect.due_on, grain=grain, zone=zone),
                predicted_low=effect.prediction.low,
                predicted_likely=effect.prediction.likely,
                predicted_high=effect.prediction.high,
                state="open",
            )
        )
        await self.work.events.append(
            "outcome.opened",
            subject_type="outcome",
            subject_id=outcome.id,
            version=outcome.version,
            data=opened_facts(outcome),
        )

    async def get(self, outcome_id: UUID) -> OutcomeRead:
        return read_outcome(await self.outcomes.get(outcome_id))

    async def search(
        self,
        page: PageQuery,
        *,
        feature_id: UUID | None,
        kpi_id: UUID | None,
        state: State | None,
        verdict: Verdict | None,
    ) -> Page[OutcomeRead]:
        filters: dict[str, Any] = {"feature_id": feature_id, "kpi_id": kpi_id, "state": state, "verdict": verdict}
        return await list_page(
            self.work,
            self.outcomes.search(**filters),
            page,
            model=Outcome,
            subject_type="outcome",
            read=read_outcome,
            filters=filters,
        )

    async def evaluate(self, outcome_id: UUID) -> EvaluationRead:
        """Look now, and keep what is seen, whatever it is."""
        context = cast("MetricsContext", self.work.context)
        look = await look_at(context, outcome_id, workspace_id=self.work.principal.workspace)
        return EvaluationRead.model_validate(await self._record(look))

    async def consider(self, look: Look) -> None:
        """After a look of our own: keep what says something new, else only that we looked."""
        outcome = await self.outcomes.get(look.evidence.outcome.id, lock=True)
        if _is_news(outcome, look, now=self.work.clock.now()):
            await self._record(look)
        else:
            await self.outcomes.note_look(outcome.id, self.work.clock.now())

    async def history(self, outcome_id: UUID, page: PageQuery) -> Page[EvaluationRead]:
        await self.outcomes.get(outcome_id)
        return await list_page(
            self.work,
            self.evaluations.of(outcome_id),
            page,
            model=OutcomeEvaluation,
            subject_type="outcome_evaluation",
            read=EvaluationRead.model_validate,
            filters={"outcome_id": outcome_id},
        )

    async def evaluation(self, outcome_id: UUID, evaluation_id: UUID) -> EvaluationRead:
        await self.outcomes.get(outcome_id)
        return EvaluationRead.model_validate(await self.evaluations.get(evaluation_id))

    async def _record(self, look: Look) -> OutcomeEvaluation:
        outcome = await self.outcomes.get(look.evidence.outcome.id, lock=True)
        now, impact = self.work.clock.now(), look.impact
        outcome.looked_at = outcome.measured_at = now
        outcome.state = "final" if look.is_final else "measured" if impact.verdict in DECISIVE else outcome.state
        outcome.verdict = impact.verdict
        outcome.evidence_grade = impact.grade
        outcome.effect = impact.effect
        outcome.effect_low = impact.interval.low if impact.interval else None
        outcome.effect_high = impact.interval.high if impact.interval else None
        evaluation = await self.evaluations.add(
            OutcomeEvaluation(
                outcome_id=outcome.id,
                kpi_version=look.evidence.kpi.version,
                verdict=impact.verdict,
                is_final=look.is_final,
                findings=findings_of(look).model_dump(mode="json"),
                evaluated_by=self.work.principal.id,
                evaluated_at=now,
            )
        )
        await self._tell(outcome, evaluation)
        return evaluation

    async def _tell(self, outcome: Outcome, evaluation: OutcomeEvaluation) -> None:
        await self.work.session.flush()
        await self.work.events.append(
            "outcome.measured",
            subject_type="outcome",
            subject_id=outcome.id,
            version=outcome.version,
            data=measured_facts(outcome, evaluation),
        )
        await self.work.events.append(
            "outcome_evaluation.created",
            subject_type="outcome_evaluation",
            subject_id=evaluation.id,
            version=1,
            data={"outcome_id": outcome.id},
        )


def _is_news(outcome: Outcome, look: Look, *, now: datetime) -> bool:
    """A decisive early verdict that was not given yet, or the last word; and that not before its data can have come."""
    impact = look.impact
    if look.is_final:
        return impact.effect is not None or now >= outcome.window_ends_at + PATIENCE
    return impact.verdict in DECISIVE and impact.verdict != outcome.verdict
