"""Whoever stands behind a request, with what the edge must know about them."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.chassis.identity import SCOPES_OF_ROLE, Principal, Role, expand_scopes


@dataclass(eq=False, slots=True)
class Caller:
    """An API key that was looked up; `tokens` holds the internal tokens made for it, by audience."""

    key_id: UUID
    principal: Principal
    workspace_kind: str
    allowed_origins: frozenset[str]
    expires_at: datetime | None
    tokens: dict[str, tuple[bytes, float]] = field(default_factory=dict)


def effective_scopes(role: Role, scopes: list[str]) -> frozenset[str]:
    """What the role allows, narrowed to `scopes` when there are any."""
    allowed = SCOPES_OF_ROLE[role]
    return allowed & expand_scopes(scopes) if scopes else allowed
