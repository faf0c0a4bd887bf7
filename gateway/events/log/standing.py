"""Whether whoever follows a stream may still do so."""

from datetime import datetime
from typing import cast
from uuid import UUID

from gateway.identity.caller import effective_scopes
from gateway.models import ApiKey, Member
from services.chassis.context import ServiceContext
from services.chassis.identity import SCOPES_OF_ROLE, Principal, Role


async def still_stands(context: ServiceContext, principal: Principal) -> bool:
    """Whether the key or the member is still there, and may still do what they could when the stream began."""
    if principal.kind == "system":
        return True
    caller_id = UUID(principal.id.partition(":")[2])
    async with context.database.session(workspace_id=principal.workspace, read_only=True) as session:
        if principal.kind == "person":
            member = await session.get(Member, (principal.workspace, caller_id))
            allowed = frozenset() if member is None else SCOPES_OF_ROLE[cast("Role", member.role)]
        else:
            key = await session.get(ApiKey, (principal.workspace, caller_id))
            allowed = _scopes_of(key, now=context.clock.now())
    return principal.scopes <= allowed


def _scopes_of(key: ApiKey | None, *, now: datetime) -> frozenset[str]:
    if key is None or key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return frozenset()
    return effective_scopes(cast("Role", key.role), key.scopes)
