"""Whoever stands behind a request, with what the edge must know about them."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from gateway.identity.networks import Network
from services.chassis.errors import Forbidden
from services.chassis.identity import SCOPES_OF_ROLE, Principal, Role, expand_scopes


@dataclass(eq=False, slots=True)
class Caller:
    """A key that was looked up, or a person; `tokens` holds the internal tokens made for them, by audience."""

    id: UUID
    principal: Principal
    workspace_kind: str
    allowed_origins: frozenset[str]
    expires_at: datetime | None
    allowed_networks: tuple[Network, ...] = ()
    is_form: bool = False
    tokens: dict[str, tuple[bytes, float]] = field(default_factory=dict)


def effective_scopes(role: Role, scopes: list[str]) -> frozenset[str]:
    """What the role allows, narrowed to `scopes` when there are any."""
    allowed = SCOPES_OF_ROLE[role]
    return allowed & expand_scopes(scopes) if scopes else allowed


def require_to_have(scopes: frozenset[str], *, by: Principal) -> None:
    """Raises Forbidden when somebody would give away what they do not have themselves."""
    beyond = scopes - by.scopes
    if beyond:
        raise Forbidden(f"You cannot give away what you do not have: {', '.join(sorted(beyond))}.")
