"""Walks a chain both ways from one id: to what led there, and to what came of it.

Only ids that are reached by going *only* back or *only* forward belong to the chain. Walking the graph without
direction would drag in every feature that shares a KPI.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from services.chassis.trace import TraceEdge, TraceNode

Direction = Literal["cause", "self", "consequence"]
MAX_NODES = 2_000


@dataclass
class Chain:
    """What is known of the chain so far; `unasked` is what to ask for next."""

    start: UUID
    nodes: dict[UUID, TraceNode] = field(default_factory=dict)
    sources: dict[UUID, str] = field(default_factory=dict)
    is_truncated: bool = False
    _causes: set[UUID] = field(default_factory=set)
    _consequences: set[UUID] = field(default_factory=set)
    _edges: dict[tuple[UUID, UUID, str], TraceEdge] = field(default_factory=dict)
    _before: defaultdict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    _after: defaultdict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    _asked: set[UUID] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._causes.add(self.start)
        self._consequences.add(self.start)

    def unasked(self, *, limit: int) -> list[UUID]:
        """Ids on the chain whose links are not known yet; they count as asked from now on."""
        reached = sorted((self._causes | self._consequences) - self._asked)
        if len(self._asked) + len(reached) > MAX_NODES:
            self.is_truncated = True
            reached = reached[: max(0, MAX_NODES - len(self._asked))]
        self._asked.update(reached[:limit])
        return reached[:limit]

    def add(self, service: str, nodes: Iterable[TraceNode], edges: Iterable[TraceEdge]) -> None:
        """Take in what a service knows; a node belongs to the first service that tells of it."""
        for node in nodes:
            self.nodes.setdefault(node.id, node)
            self.sources.setdefault(node.id, service)
        for edge in edges:
            self._edges.setdefault((edge.from_id, edge.to_id, edge.kind), edge)
            self._before[edge.to_id].add(edge.from_id)
            self._after[edge.from_id].add(edge.to_id)
            if edge.to_id in self._causes:
                _reach(self._causes, edge.from_id, self._before)
            if edge.from_id in self._consequences:
                _reach(self._consequences, edge.to_id, self._after)

    def direction(self, node_id: UUID) -> Direction:
        """How the node stands to the one that was asked for."""
        if node_id == self.start:
            return "self"
        return "cause" if node_id in self._causes else "consequence"

    def links(self) -> list[TraceEdge]:
        """The edges between known nodes of the chain, in the order of the story."""
        place = {node.id: number for number, node in enumerate(self.story())}
        links = [edge for edge in self._edges.values() if edge.from_id in place and edge.to_id in place]
        return sorted(links, key=lambda edge: (place[edge.from_id], place[edge.to_id], edge.kind))

    def story(self) -> list[TraceNode]:
        """The known nodes, causes before consequences, each as early as its own causes allow; then by time and id."""
        members = (self._causes | self._consequences) & self.nodes.keys()
        before = {member: self._before[member] & members for member in members}
        told: dict[UUID, None] = {}
        while len(told) < len(members):
            waiting = [member for member in members if member not in told]
            # A circle has no first link: then the oldest begins.
            ready = [member for member in waiting if before[member] <= told.keys()] or [min(waiting, key=self._age)]
            told |= dict.fromkeys(sorted(ready, key=self._age))
        return [self.nodes[member] for member in told]

    def _age(self, node_id: UUID) -> tuple[str, UUID]:
        at = self.nodes[node_id].at
        return (at.isoformat() if at else "", node_id)


def _reach(reached: set[UUID], first: UUID, neighbours: Mapping[UUID, set[UUID]]) -> None:
    """Add `first` and all that lies beyond it."""
    waiting = [first]
    while waiting:
        node_id = waiting.pop()
        if node_id not in reached:
            reached.add(node_id)
            waiting.extend(neighbours.get(node_id, ()))
