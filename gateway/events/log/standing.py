"""Whether whoever follows a stream may still do so."""

from uuid import UUID

from sqlalchemy import select

from gateway.identity.caller import effective_scopes
from gateway.models import ApiKey
from services.chassis.context import ServiceContext
from services.chassis.identity import Principal

KEY_PREFIX = "key:"


async def still_stands(context: ServiceContext, principal: Principal) -> bool:
    """Whether the key is neither revoked nor expired, and may still do what it could when the stream began."""
    if principal.kind != "key" or not principal.id.startswith(KEY_PREFIX):
        return True
    wanted = select(ApiKey).where(
        ApiKey.workspace_id == principal.workspace, ApiKey.id == UUID(principal.id.removeprefix(KEY_PREFIX))
    )
    async with context.database.session(workspace_id=principal.workspace, read_only=True) as session:
        key = (await session.scalars(wanted)).one_or_none()
    if key is None or key.revoked_at is not None:
        return False
    if key.expires_at is not None and key.expires_at <= context.clock.now():
        return False
    return principal.scopes <= effective_scopes(key.role, key.scopes)  # type: ignore[arg-type]
