"""Adds up what each service says a workspace takes up in it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.compositions.usage.schemas import ServiceUsage, TableUsage
from services.chassis.errors import Unavailable
from services.chassis.identity import Principal
from services.chassis.usage_routes import TableUsageRead


class UsageSource(Protocol):
    """A service, or the gateway itself, that keeps rows of workspaces."""

    async def tables(self, *, on_behalf_of: Principal) -> list[TableUsageRead]: ...


@dataclass
class Storage:
    """What is kept where, and who could not be asked."""

    services: list[ServiceUsage] = field(default_factory=list)
    unavailable: list[str] = field(default_factory=list)


class UsageService:
    """Asks everyone; a figure without one service is still of use, as long as it says so."""

    def __init__(self, sources: Mapping[str, UsageSource]) -> None:
        self._sources = sources

    async def storage(self, *, by: Principal) -> Storage:
        """What the caller's workspace takes up."""
        answers = await asyncio.gather(*(self._ask(source, by) for source in self._sources.values()))
        storage = Storage()
        for name, tables in zip(self._sources, answers, strict=True):
            if tables is None:
                storage.unavailable.append(name)
            else:
                storage.services.append(_added_up(name, tables))
        return storage

    async def _ask(self, source: UsageSource, by: Principal) -> Sequence[TableUsageRead] | None:
        try:
            return await source.tables(on_behalf_of=by)
        except Unavailable:
            return None


def _added_up(service: str, tables: Sequence[TableUsageRead]) -> ServiceUsage:
    largest = sorted(tables, key=lambda table: (-table.bytes, table.name))
    return ServiceUsage(
        service=service,
        rows=sum(table.rows for table in tables),
        bytes=sum(table.bytes for table in tables),
        tables=[TableUsage(**table.model_dump()) for table in largest],
    )
