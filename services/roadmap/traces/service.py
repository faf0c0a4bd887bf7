"""Answers what the roadmap keeps of a chain: objectives, key results, features, and what they touch."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from services.chassis.trace import TraceEdge, TraceFragment, TraceNode
from services.chassis.unit_of_work import Work
from services.roadmap.traces.repository import TraceRepository


class RoadmapTrace:
    """vision, persona -> need -> pain point -> requirement -> feature -> outcome; beside it objective -> key result.

    A feature goes out with a release, which work packages prepare.
    A differentiator follows from the needs that it answers and the objectives that it serves; features follow from it.
    """

    def __init__(self, work: Work) -> None:
        self.links = TraceRepository(work.session)

    async def fragment(self, ids: Sequence[UUID]) -> TraceFragment:
        results = await self.links.key_results(ids)
        packages = await self.links.launch_packages(ids)
        edges = [
            *_edges(await self.links.requirements_of_features(ids), "becomes"),
            *_edges(await self.links.objectives_of_features(ids), "served_by"),
            *_edges([(each.objective_id, each.id) for each in results], "measured_by"),
            *_edges(await self.links.key_results_of_features(ids), "worked_on_by"),
            *_edges(await self.links.outcomes_of_features(ids), "led_to"),
            *_edges(await self.links.releases_of_features(ids), "goes_out_with"),
            *_edges([(each.id, each.release_id) for each in packages], "prepares"),
            *_edges(await self.links.grounds_of_decisions(ids), "cited_by"),
            *_edges(await self.links.features_of_decisions(ids), "changed"),
            *_edges(await self.links.pains_of_needs(ids), "hurts_as"),
            *_strategy_edges(await self.links.strategy_links(ids)),
        ]
        nodes = [
            *(_feature(row) for row in await self.links.features(ids)),
            *(_objective(row) for row in await self.links.objectives(ids)),
            *(_decision(row) for row in await self.links.decisions(ids)),
            *(TraceNode(id=row.id, type=row.kind, label=row.name) for row in await self.links.of_the_strategy(ids)),
            *(_release(row) for row in await self.links.releases(ids)),
            *(_package(row) for row in packages if row.id in set(ids)),
            *(_key_result(row) for row in results if row.id in set(ids)),
        ]
        return TraceFragment(nodes=nodes, edges=edges)


def _edges(pairs: Iterable[Any], kind: str) -> list[TraceEdge]:
    return [TraceEdge(from_id=source, to_id=target, kind=kind) for source, target in pairs]


LEADS_ON = {
    ("pain_point", "requirement"): "asks_for",
    ("differentiator", "feature"): "supported_by",
    ("initiative", "feature"): "carried_out_by",
    ("vision", "need"): "aims_at",
    ("vision", "differentiator"): "claims",
    ("vision", "objective"): "pursued_by",
}
"""Links that are kept where the story leads on from; the others are kept by what follows from their end."""

FOLLOWS = {
    ("persona", "market_segment"): "found_as",
    ("need", "market_segment"): "in_need_of",
    ("need", "persona"): "in_need_of",
    ("need", "theme"): "shows",
    ("pain_point", "theme"): "tells_of",
    ("differentiator", "need"): "answered_by",
    ("differentiator", "objective"): "served_by",
    ("initiative", "objective"): "pursued_by",
    ("vision", "market_segment"): "addressed_by",
}


def _strategy_edges(links: Iterable[Any]) -> list[TraceEdge]:
    """Cause before consequence, whichever end keeps the link."""
    edges = []
    for link in links:
        ends = (link.source_kind, link.target_kind)
        if kind := LEADS_ON.get(ends):
            edges.append(TraceEdge(from_id=link.source_id, to_id=link.target_id, kind=kind))
        elif kind := FOLLOWS.get(ends):
            edges.append(TraceEdge(from_id=link.target_id, to_id=link.source_id, kind=kind))
    return edges


def _feature(row: Any) -> TraceNode:
    facts = {"status": row.status, "value": row.value, "effort_days": row.effort_days}
    return TraceNode(id=row.id, type="feature", label=row.title, facts=facts, at=row.shipped_at)


def _objective(row: Any) -> TraceNode:
    facts = {"status": row.status, "due_on": row.due_on.isoformat() if row.due_on else None}
    return TraceNode(id=row.id, type="objective", label=row.title, facts=facts)


def _release(row: Any) -> TraceNode:
    facts = {"status": row.status, "target_on": row.target_on.isoformat() if row.target_on else None}
    return TraceNode(id=row.id, type="release", label=row.name, facts=facts, at=row.launched_at)


def _package(row: Any) -> TraceNode:
    facts = {"status": row.status, "function": row.function}
    return TraceNode(id=row.id, type="work_package", label=row.title, facts=facts, at=row.done_at)


def _key_result(row: Any) -> TraceNode:
    facts = {"start": row.start_value, "target": row.target_value, "current": row.current_value}
    return TraceNode(id=row.id, type="key_result", label=row.title, facts=facts)


def _decision(row: Any) -> TraceNode:
    facts = {"is_superseded": row.superseded_by_id is not None}
    return TraceNode(id=row.id, type="decision", label=row.title, facts=facts, at=row.decided_at)
