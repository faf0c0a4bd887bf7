"""What this service tells its neighbours on request: snapshots for their copies, and its part of the trace."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.rows import VersionedRow
from services.chassis.snapshot import CurrentState
from services.chassis.trace import TraceEdge, TraceFragment, TraceNode
from services.chassis.unit_of_work import Work
from services.metrics.kpis.repository import KpiRepository
from services.metrics.kpis.service import kpi_facts
from services.metrics.models import Kpi, Outcome, Target
from services.metrics.outcomes.repository import OutcomeRepository
from services.metrics.outcomes.telling import measured_facts
from services.metrics.targets.repository import TargetRepository
from services.metrics.targets.service import target_facts

MOST_EDGES = 1_000


class KpiSnapshot:
    """Every KPI."""

    subject_type = "kpi"
    event_type = "kpi.updated"

    async def page(self, session: AsyncSession, *, after: UUID | None, limit: int) -> Sequence[CurrentState]:
        kpis = KpiRepository(session)
        rows = await kpis.all(_from(kpis.rows(), Kpi, after, limit))
        return [_state(each, kpi_facts(each)) for each in rows]


class TargetSnapshot:
    """Every target."""

    subject_type = "target"
    event_type = "target.updated"

    async def page(self, session: AsyncSession, *, after: UUID | None, limit: int) -> Sequence[CurrentState]:
        targets = TargetRepository(session)
        rows = await targets.all(_from(targets.rows(), Target, after, limit))
        return [_state(each, target_facts(each)) for each in rows]


class OutcomeSnapshot:
    """Every outcome that has a verdict."""

    subject_type = "outcome"
    event_type = "outcome.measured"

    async def page(self, session: AsyncSession, *, after: UUID | None, limit: int) -> Sequence[CurrentState]:
        outcomes = OutcomeRepository(session)
        judged = outcomes.rows().where(Outcome.verdict.is_not(None))
        rows = await outcomes.all(_from(judged, Outcome, after, limit))
        return [_state(each, measured_facts(each)) for each in rows]


def _from(query: Select[Any], model: Any, after: UUID | None, limit: int) -> Select[Any]:
    following = query.where(model.id > after) if after else query
    return following.order_by(model.id).limit(limit)


def _state(row: VersionedRow, facts: dict[str, Any]) -> CurrentState:
    return CurrentState(subject_id=row.id, version=row.version, time=row.updated_at, data=facts)


class MetricsTrace:
    """KPIs and outcomes on the chain from the customer's words to what came of them."""

    def __init__(self, work: Work) -> None:
        self.kpis = KpiRepository(work.session)
        self.outcomes = OutcomeRepository(work.session)

    async def fragment(self, ids: Sequence[UUID]) -> TraceFragment:
        touched = await self.outcomes.touching(ids, limit=MOST_EDGES + 1)
        outcomes, wanted = touched[:MOST_EDGES], set(ids)
        kpis = await self.kpis.by_ids(wanted | {each.kpi_id for each in outcomes})
        return TraceFragment(
            nodes=[
                *(_kpi_node(kpi) for kpi in kpis.values() if kpi.id in wanted),
                *(_outcome_node(each, kpis[each.kpi_id]) for each in outcomes if each.id in wanted),
            ],
            edges=[edge for each in outcomes for edge in _edges(each)],
            truncated=len(touched) > MOST_EDGES,
        )


def _kpi_node(kpi: Kpi) -> TraceNode:
    facts = {"unit": kpi.unit, "direction": kpi.direction, "aggregation": kpi.aggregation}
    return TraceNode(id=kpi.id, type="kpi", label=kpi.name, facts=dict(facts), at=kpi.created_at)


def _outcome_node(outcome: Outcome, kpi: Kpi) -> TraceNode:
    found = outcome.verdict or "not measured yet"
    facts: dict[str, Any] = {
        "state": outcome.state,
        "verdict": outcome.verdict,
        "effect": outcome.effect,
        "effect_low": outcome.effect_low,
        "effect_high": outcome.effect_high,
        "predicted": outcome.predicted_likely,
        "unit": kpi.unit,
        "evidence_grade": outcome.evidence_grade,
    }
    at = outcome.measured_at or outcome.shipped_at
    return TraceNode(id=outcome.id, type="outcome", label=f"{kpi.name}: {found}", facts=facts, at=at)


def _edges(outcome: Outcome) -> list[TraceEdge]:
    return [
        TraceEdge(from_id=outcome.feature_id, to_id=outcome.id, kind="measured_by"),
        TraceEdge(from_id=outcome.kpi_id, to_id=outcome.id, kind="judged_in"),
    ]
