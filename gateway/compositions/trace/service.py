"""Asks every service, follows what they answer, and asks again until the chain is closed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from gateway.compositions.trace.chain import Chain
from services.chassis.errors import Forbidden, NotFound, Problem, Unavailable
from services.chassis.identity import Principal
from services.chassis.trace import MAX_TRACE_IDS, TraceFragment

MAX_ROUNDS = 16


class FragmentSource(Protocol):
    """A service that can be asked for its part."""

    async def fragment(self, ids: Sequence[UUID], *, on_behalf_of: Principal) -> TraceFragment: ...


@dataclass
class Trace:
    """A chain, and who did not help to tell it."""

    chain: Chain
    unavailable: set[str] = field(default_factory=set)


class TraceService:
    """Composes chains from the parts that services know."""

    def __init__(self, sources: Mapping[str, FragmentSource]) -> None:
        self._sources = sources

    async def trace(self, start: UUID, *, by: Principal) -> Trace:
        """Raises NotFound when no service knows the id, Unavailable when one that may know it cannot be asked."""
        asked = {name: source for name, source in self._sources.items() if f"{name}:read" in by.scopes}
        if not asked:
            raise Forbidden("This needs a scope that reads requirements, roadmap or metrics.")
        trace = Trace(Chain(start))
        for _ in range(MAX_ROUNDS):
            frontier = trace.chain.unasked(limit=MAX_TRACE_IDS)
            if not frontier:
                break
            await asyncio.gather(*(self._ask(trace, name, frontier, by) for name in asked))
            asked = {name: source for name, source in asked.items() if name not in trace.unavailable}
        else:
            trace.chain.is_truncated = True
        if start not in trace.chain.nodes:
            if trace.unavailable:
                raise Unavailable(f"Cannot be asked just now: {', '.join(sorted(trace.unavailable))}.")
            raise NotFound(f"Nothing has the id {start}.")
        return trace

    async def _ask(self, trace: Trace, name: str, frontier: Sequence[UUID], by: Principal) -> None:
        try:
            fragment = await self._sources[name].fragment(frontier, on_behalf_of=by)
        except Problem:
            trace.unavailable.add(name)
            return
        trace.chain.add(name, fragment.nodes, fragment.edges)
        trace.chain.is_truncated |= fragment.truncated
