"""Makes, rotates and revokes keys."""

from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from gateway.identity.api_keys.repository import ApiKeyRepository
from gateway.identity.api_keys.schemas import ApiKeyCreate
from gateway.identity.caller import effective_scopes
from gateway.identity.key_format import HINT_LENGTH, KeyKind, digest_of, make_key
from gateway.models import ApiKey
from services.chassis.clock import Clock
from services.chassis.errors import Conflict, FieldError, Forbidden, Invalid
from services.chassis.identity import Principal, Role


class KeyIsDead(Conflict):
    code, title = "key_not_active", "This key has been revoked or has expired"


class ApiKeyService:
    """The story of a key; `key` is its text, which only the caller ever sees."""

    def __init__(self, keys: ApiKeyRepository, *, pepper: bytes, clock: Clock) -> None:
        self._keys = keys
        self._pepper = pepper
        self._clock = clock

    async def create(self, new: ApiKeyCreate, *, by: Principal) -> tuple[ApiKey, str]:
        """Raises Forbidden when the new key could do more than the one that makes it."""
        beyond = effective_scopes(new.role, new.scopes) - by.scopes
        if beyond:
            raise Forbidden(f"You cannot give away what you do not have: {', '.join(sorted(beyond))}.")
        if new.expires_at is not None and new.expires_at <= self._clock.now():
            raise Invalid(errors=[FieldError("/expires_at", "This moment is past.")])
        return await self.issue(ApiKey(**new.fields()), by=by.id)

    async def issue(self, row: ApiKey, *, by: str) -> tuple[ApiKey, str]:
        """Give a row its key and write it."""
        workspace = await self._keys.workspace()
        key = make_key(cast("KeyKind", workspace.kind))
        row.created_by = by
        row.hint = key[-HINT_LENGTH:]
        row.digest = digest_of(key.encode("ascii"), pepper=self._pepper)
        return await self._keys.add(row), key

    async def rotate(self, key_id: UUID, *, overlap: timedelta, by: Principal) -> tuple[ApiKey, ApiKey, str]:
        """Make a successor with the same rights; the old key lives on for `overlap` so that both work meanwhile."""
        old = await self._keys.get(key_id, lock=True)
        now = self._clock.now()
        if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= now):
            raise KeyIsDead
        beyond = effective_scopes(cast("Role", old.role), old.scopes) - by.scopes
        if beyond:
            raise Forbidden(f"You cannot give away what you do not have: {', '.join(sorted(beyond))}.")
        successor, key = await self.issue(
            ApiKey(
                name=old.name,
                role=old.role,
                scopes=old.scopes,
                allowed_origins=old.allowed_origins,
                expires_at=old.expires_at,
            ),
            by=by.id,
        )
        old.expires_at = _earlier(old.expires_at, now + overlap)
        old.rotated_to = successor.id
        return old, successor, key

    async def revoke(self, key_id: UUID) -> ApiKey:
        """Refuse the key from now on, everywhere within a second; revoking again changes nothing."""
        row = await self._keys.get(key_id, lock=True)
        if row.revoked_at is None:
            row.revoked_at = self._clock.now()
        return row


def _earlier(first: datetime | None, second: datetime) -> datetime:
    return second if first is None else min(first, second)
