"""Carries an export or an erasure from service to service; each step may be done again after a kill."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from gateway.compositions.privacy.schemas import ReceiptRead
from services.chassis.errors import Unavailable
from services.chassis.identity import INTERNAL_SCOPE, Principal
from services.chassis.privacy.holdings import DataSubject

OWNER_OF_CONTACTS = "requirements"
EXPORT = "contact.export"
ERASE = "contact.erase"


class PersonalDataSource(Protocol):
    """A service, or the gateway itself, that keeps personal data."""

    async def export(self, subject: DataSubject, *, by: Principal) -> dict[str, list[dict[str, Any]]]: ...
    async def count(self, subject: DataSubject, *, by: Principal) -> dict[str, int]: ...
    async def erase(self, subject: DataSubject, *, by: Principal) -> dict[str, int]: ...
    async def rewrite(self, *, by: Principal) -> list[str]: ...


class ContactOwner(PersonalDataSource, Protocol):
    """The service that knows whom a contact stands for."""

    async def subject(self, contact_id: UUID, *, by: Principal) -> DataSubject: ...


class PrivacyService:
    """Asks everyone; the owner of contacts comes last, because until then it can still say who is meant."""

    def __init__(self, sources: Mapping[str, PersonalDataSource], owner: ContactOwner | None) -> None:
        self._sources = {name: source for name, source in sources.items() if source is not owner}
        if owner is not None:
            self._sources[OWNER_OF_CONTACTS] = owner
        self._owner = owner

    async def subject(self, contact_id: UUID, *, by: Principal) -> DataSubject:
        """Raises NotFound, and Unavailable where no service keeps contacts."""
        if self._owner is None:
            raise Unavailable("No service here keeps contacts.")
        return await self._owner.subject(contact_id, by=_internal(by))

    async def export(self, contact_id: UUID, *, by: Principal) -> dict[str, Any]:
        """The person's rows, service by service, table by table."""
        subject = await self.subject(contact_id, by=by)
        found = {name: await source.export(subject, by=_internal(by)) for name, source in self._sources.items()}
        return {"contact_id": str(contact_id), "services": {name: tables for name, tables in found.items() if tables}}

    async def erase(self, contact_id: UUID, *, dry_run: bool, by: Principal, now: datetime) -> ReceiptRead:
        """Count, or erase everywhere and then write the tables anew."""
        by = _internal(by)
        subject = await self.subject(contact_id, by=by)
        rows: dict[str, dict[str, int]] = {}
        rewritten: dict[str, list[str]] = {}
        for name, source in self._sources.items():
            rows[name] = await (source.count if dry_run else source.erase)(subject, by=by)
        if not dry_run:
            for name, source in self._sources.items():
                rewritten[name] = await source.rewrite(by=by)
        return ReceiptRead(contact_id=contact_id, is_dry_run=dry_run, finished_at=now, rows=rows, rewritten=rewritten)


def _internal(principal: Principal) -> Principal:
    """The same person or key, shown to a service as one whom the edge has let in for this."""
    return replace(principal, scopes=frozenset({INTERNAL_SCOPE}))
