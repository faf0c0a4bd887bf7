"""Makes, changes, rotates and revokes keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from gateway.identity.api_keys.repository import ApiKeyRepository
from gateway.identity.api_keys.schemas import ApiKeyCreate
from gateway.identity.caller import effective_scopes, require_to_have
from gateway.identity.key_format import HINT_LENGTH, KeyPrefix, digest_of, make_key
from gateway.models import ApiKey
from services.chassis.clock import Clock
from services.chassis.errors import Conflict, FieldError, Invalid
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
        require_to_have(effective_scopes(new.role, new.scopes), by=by)
        if new.expires_at is not None and new.expires_at <= self._clock.now():
            raise Invalid(errors=[FieldError("/expires_at", "This moment is past.")])
        return await self.issue(ApiKey(**new.fields()), by=by.id)

    async def issue(self, row: ApiKey, *, by: str) -> tuple[ApiKey, str]:
        """Give a row its key and write it."""
        workspace = await self._keys.workspace()
        key = make_key("pub" if row.kind == "form" else cast("KeyPrefix", workspace.kind))
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
        require_to_have(effective_scopes(cast("Role", old.role), old.scopes), by=by)
        successor, key = await self.issue(
            ApiKey(
                name=old.name,
                kind=old.kind,
                role=old.role,
                scopes=old.scopes,
                allowed_origins=old.allowed_origins,
                allowed_networks=old.allowed_networks,
                expires_at=old.expires_at,
            ),
            by=by.id,
        )
        old.expires_at = _earlier(old.expires_at, now + overlap)
        old.rotated_to = successor.id
        return old, successor, key

    @staticmethod
    def change(row: ApiKey, changes: Mapping[str, object]) -> None:
        """What a key may do is never changed, only where it may be used: for more rights one makes another key."""
        for name, value in changes.items():
            setattr(row, name, value)

    async def revoke(self, key_id: UUID) -> ApiKey:
        """Refuse the key from now on, everywhere within a second; revoking again changes nothing."""
        row = await self._keys.get(key_id, lock=True)
        if row.revoked_at is None:
            row.revoked_at = self._clock.now()
        return row


def secret_key(name: str, *, role: Role, scopes: Sequence[str] = (), expires_at: datetime | None = None) -> ApiKey:
    """A row for a program's key, usable from anywhere."""
    return ApiKey(
        name=name,
        kind="secret",
        role=role,
        scopes=list(scopes),
        allowed_origins=[],
        allowed_networks=[],
        expires_at=expires_at,
    )


def _earlier(first: datetime | None, second: datetime) -> datetime:
    return second if first is None else min(first, second)
