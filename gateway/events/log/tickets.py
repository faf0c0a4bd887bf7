"""Short-lived tickets: a browser's EventSource cannot send a key in a header, and a key does not belong into a URL."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.caller import Caller
from gateway.models import ApiKey, Workspace
from services.chassis.clock import Clock
from services.chassis.cursors import CursorSigner
from services.chassis.errors import BadRequest, Unauthenticated
from services.chassis.identity import Principal

LIFETIME = timedelta(seconds=60)
STREAM_PATH = "/v1/event-log/stream"
_PURPOSE = "stream ticket"


class StreamTickets:
    """Writes a caller down, sealed, and reads them back; the stream itself asks whether the key still stands."""

    def __init__(self, signer: CursorSigner, clock: Clock) -> None:
        self._signer = signer
        self._clock = clock

    def issue(self, principal: Principal, *, workspace_kind: str, origins: list[str]) -> tuple[str, datetime]:
        """A ticket, and the end of its life."""
        expires_at = self._clock.now() + LIFETIME
        content = {
            "id": principal.id,
            "kind": principal.kind,
            "workspace": str(principal.workspace),
            "workspace_kind": workspace_kind,
            "role": principal.role,
            "scopes": sorted(principal.scopes),
            "origins": origins,
            "until": expires_at.timestamp(),
        }
        return self._signer.seal(_PURPOSE, content), expires_at

    def redeem(self, ticket: str) -> Caller:
        """Whom the ticket stands for. Raises Unauthenticated."""
        try:
            content = self._signer.open(_PURPOSE, ticket)
        except BadRequest:
            raise Unauthenticated("This stream ticket is not one of ours.") from None
        expires_at = datetime.fromtimestamp(content["until"], UTC)
        if expires_at <= self._clock.now():
            raise Unauthenticated("This stream ticket has expired: get a new one.")
        principal = Principal(
            content["id"],
            content["kind"],
            UUID(content["workspace"]),
            content["role"],
            frozenset(content["scopes"]),
        )
        return Caller(
            id=UUID(principal.id.partition(":")[2]),
            principal=principal,
            workspace_kind=content["workspace_kind"],
            allowed_origins=frozenset(content["origins"]),
            expires_at=expires_at,
        )


def ticket_in(path: str, query: bytes) -> str | None:
    """The ticket that a request to the stream carries."""
    if path != STREAM_PATH:
        return None
    found = parse_qs(query.decode("latin-1")).get("ticket")
    return found[0] if found else None


async def allowed_origins(session: AsyncSession, principal: Principal) -> tuple[str, list[str]]:
    """The kind of the caller's workspace, and from which web pages they may call."""
    workspace = await session.get_one(Workspace, principal.workspace)
    kind, _, key_id = principal.id.partition(":")
    own: list[str] = []
    if kind == "key":
        wanted = select(ApiKey.allowed_origins).where(
            ApiKey.workspace_id == principal.workspace, ApiKey.id == UUID(key_id)
        )
        own = (await session.execute(wanted)).scalar_one_or_none() or []
    return workspace.kind, [*workspace.allowed_origins, *own]
