"""The constrained types of keys and workspaces."""

from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from services.chassis.identity import SCOPES, expand_scopes

WorkspaceKind = Literal["live", "test"]
KeyKind = Literal["secret", "form"]
WILDCARDS = tuple(dict.fromkeys(f"{scope.split(':')[0]}:*" for scope in SCOPES))


def _known_scope(scope: str) -> str:
    expand_scopes([scope])
    return scope


def _network(text: str) -> str:
    """In its usual form; one with bits beyond its prefix is refused: nobody can tell what was meant."""
    try:
        return str(ip_network(text))
    except ValueError as fault:
        raise ValueError(f"not a network in CIDR notation: {fault}") from None


ScopeName = Annotated[str, AfterValidator(_known_scope), Field(json_schema_extra={"enum": [*SCOPES, *WILDCARDS]})]
Origin = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?$"),
    Field(description="Scheme, host and port, as a browser sends it.", examples=["https://app.example.com"]),
]
Origins = Annotated[list[Origin], Field(max_length=50)]
Network = Annotated[
    str,
    StringConstraints(max_length=49, pattern=r"^[0-9A-Fa-f:.]{2,45}(/[0-9]{1,3})?$"),
    AfterValidator(_network),
    Field(description="An address or a network in CIDR notation.", examples=["203.0.113.0/24", "2001:db8::/32"]),
]
Networks = Annotated[
    list[Network], Field(max_length=50, description="Calls are taken only from these networks; empty: from anywhere.")
]
