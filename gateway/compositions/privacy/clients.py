"""Asks a service to show, count, erase and rewrite."""

from typing import Any, TypeVar
from uuid import UUID

from services.chassis.http_client import ServiceClient
from services.chassis.identity import Principal
from services.chassis.privacy.holdings import DataSubject
from services.chassis.privacy.routes import ErasureCount, Exported, Rewritten

BASE = "/internal/personal-data"
PATIENCE_S = 900.0

Answer = TypeVar("Answer")


class PersonalDataClient(ServiceClient):
    """One service's side of `services.chassis.privacy`."""

    async def subject(self, contact_id: UUID, *, by: Principal) -> DataSubject:
        """Whom the contact stands for; only the service that owns contacts knows. Raises NotFound, NeighbourDown."""
        return await self.get(f"{BASE}/subjects/{contact_id}", on_behalf_of=by, model=DataSubject)

    async def export(self, subject: DataSubject, *, by: Principal) -> dict[str, list[dict[str, Any]]]:
        return (await self._ask("export", subject, by, Exported)).tables

    async def count(self, subject: DataSubject, *, by: Principal) -> dict[str, int]:
        return (await self._ask("count", subject, by, ErasureCount)).rows

    async def erase(self, subject: DataSubject, *, by: Principal) -> dict[str, int]:
        return (await self._ask("erase", subject, by, ErasureCount)).rows

    async def rewrite(self, *, by: Principal) -> list[str]:
        return (await self.post(f"{BASE}/rewrite", on_behalf_of=by, json={}, model=Rewritten)).tables

    async def _ask(self, what: str, subject: DataSubject, by: Principal, model: type[Answer]) -> Answer:
        return await self.post(f"{BASE}/{what}", on_behalf_of=by, json=subject.model_dump(mode="json"), model=model)
