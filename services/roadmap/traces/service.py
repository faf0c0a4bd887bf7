"""Answers what the roadmap keeps of a chain: objectives, key results, features, and what they touch."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from services.chassis.trace import TraceEdge, TraceFragment, TraceNode
from services.chassis.unit_of_work import Work
from services.roadmap.traces.repository import TraceRepository


class RoadmapTrace:
    """requirement -> feature -> outcome, and beside it objective -> key result -> feature."""

    def __init__(self, work: Work) -> None:
        self.links = TraceRepository(work.session)

    async def fragment(self, ids: Sequence[UUID]) -> TraceFragment:
        results = await self.links.key_results(ids)
        edges = [
            *_edges(await self.links.requirements_of_features(ids), "becomes"),
            *_edges(await self.links.objectives_of_features(ids), "served_by"),
            *_edges([(each.objective_id, each.id) for each in results], "measured_by"),
            *_edges(await self.links.key_results_of_features(ids), "worked_on_by"),
            *_edges(await self.links.outcomes_of_features(ids), "led_to"),
            *_edges(await self.links.grounds_of_decisions(ids), "cited_by"),
            *_edges(await self.links.features_of_decisions(ids), "changed"),
        ]
        nodes = [
            *(_feature(row) for row in await self.links.features(ids)),
            *(_objective(row) for row in await self.links.objectives(ids)),
            *(_decision(row) for row in await self.links.decisions(ids)),
            *(_key_result(row) for row in results if row.id in set(ids)),
        ]
        return TraceFragment(nodes=nodes, edges=edges)


def _edges(pairs: Iterable[Any], kind: str) -> list[TraceEdge]:
    return [TraceEdge(from_id=source, to_id=target, kind=kind) for source, target in pairs]


def _feature(row: Any) -> TraceNode:
    facts = {"status": row.status, "value": row.value, "effort_days": row.effort_days}
    return TraceNode(id=row.id, type="feature", label=row.title, facts=facts, at=row.shipped_at)


def _objective(row: Any) -> TraceNode:
    facts = {"status": row.status, "due_on": row.due_on.isoformat() if row.due_on else None}
    return TraceNode(id=row.id, type="objective", label=row.title, facts=facts)


def _key_result(row: Any) -> TraceNode:
    facts = {"start": row.start_value, "target": row.target_value, "current": row.current_value}
    return TraceNode(id=row.id, type="key_result", label=row.title, facts=facts)


def _decision(row: Any) -> TraceNode:
    facts = {"is_superseded": row.superseded_by_id is not None}
    return TraceNode(id=row.id, type="decision", label=row.title, facts=facts, at=row.decided_at)
