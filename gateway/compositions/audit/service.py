"""One log of several chains: merged by time, continued by each chain's own position, checked chain by chain."""

import asyncio
import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from gateway.compositions.audit.sources import AuditSource
from services.chassis.audit_reading import AuditQuery, ChainPlace
from services.chassis.audit_routes import AuditEntryRead, VerificationRead
from services.chassis.identity import Principal

BEGINNING = 1
"""Nothing lies before a chain's first entry: `before` this position, a chain has been told to its end."""


@dataclass(frozen=True)
class Kept:
    """An entry, and the service that keeps it."""

    service: str
    entry: AuditEntryRead


@dataclass(frozen=True)
class AuditSlice:
    """Some of the log; `reached` is the position in each chain that the next part begins below, None at the end."""

    entries: Sequence[Kept]
    reached: Mapping[str, int] | None


@dataclass
class ChainChecks:
    """What was found in each chain, and how far it is known to hold."""

    found: Mapping[str, VerificationRead]
    places: Mapping[str, ChainPlace] = field(default_factory=dict)

    @property
    def is_intact(self) -> bool:
        return all(each.broken_at is None for each in self.found.values())

    @property
    def is_complete(self) -> bool:
        return all(each.is_complete for each in self.found.values())


class AuditService:
    """Asks every keeper of a chain. A log with a part missing would be worth nothing: whoever is down fails it all."""

    def __init__(self, sources: Mapping[str, AuditSource]) -> None:
        self._sources = sources

    async def newest(
        self, query: AuditQuery, reached: Mapping[str, int], *, keeper: str | None, by: Principal
    ) -> AuditSlice:
        """The next `query.limit` entries below where each chain has been `reached`. Raises NeighbourDown."""
        names = [name for name in self._sources if keeper in {None, name} and reached.get(name) != BEGINNING]
        queries = [replace(query, before=reached.get(name), limit=query.limit + 1) for name in names]
        answers = await asyncio.gather(
            *(self._sources[name].entries(each, on_behalf_of=by) for name, each in zip(names, queries, strict=True))
        )
        merged = heapq.merge(*_kept(names, answers), key=lambda kept: kept.entry.at, reverse=True)
        entries = list(islice(merged, query.limit))
        if sum(map(len, answers)) <= query.limit:
            return AuditSlice(entries, None)
        # A chain that had no turn yet is continued from here too: what it gets meanwhile is newer than this page.
        begun = {
            name: found[0].position + 1 if found else BEGINNING for name, found in zip(names, answers, strict=True)
        }
        return AuditSlice(entries, {**reached, **begun, **{kept.service: kept.entry.position for kept in entries}})

    async def verify(self, places: Mapping[str, ChainPlace], *, by: Principal) -> ChainChecks:
        """Check each chain from where it is known to hold. Raises NeighbourDown."""
        found = await asyncio.gather(
            *(source.verify(places.get(name, ChainPlace()), on_behalf_of=by) for name, source in self._sources.items())
        )
        by_name = dict(zip(self._sources, found, strict=True))
        held = {name: ChainPlace(each.position, bytes.fromhex(each.digest)) for name, each in by_name.items()}
        return ChainChecks(by_name, held)


def _kept(names: Sequence[str], answers: Sequence[list[AuditEntryRead]]) -> list[Iterable[Kept]]:
    return [[Kept(name, entry) for entry in entries] for name, entries in zip(names, answers, strict=True)]
