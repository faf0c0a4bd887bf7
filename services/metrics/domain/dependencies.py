"""Which KPI rests on which: a graph without cycles, and not too deep."""

from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def reachable(start: Collection[Node], below: Mapping[Node, Collection[Node]]) -> set[Node]:
    """Everything that these rest on, themselves included."""
    seen: set[Node] = set()
    waiting = list(start)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += below.get(node, ())
    return seen


def closes_a_cycle(node: Node, inputs: Collection[Node], below: Mapping[Node, Collection[Node]]) -> bool:
    """Whether `node` would rest on itself if it rested on `inputs`."""
    return node in reachable(inputs, below)
