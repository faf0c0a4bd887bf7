"""Who is asking: principals, scopes, and the signed token that one process shows another."""

import base64
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.chassis.errors import Forbidden, Unauthenticated

Role = Literal["viewer", "contributor", "planner", "admin"]
PrincipalKind = Literal["key", "person", "system"]

SCOPES = (
    "feedback:read",
    "feedback:write",
    "forms:submit",
    "requirements:read",
    "requirements:write",
    "roadmap:read",
    "roadmap:write",
    "metrics:read",
    "metrics:write",
    "usage-events:submit",
    "events:read",
    "admin:read",
    "admin:write",
)
# All that a key may do which stands in the source of a web page, where everybody can read it.
FORM_SCOPE = "forms:submit"
USAGE_SCOPE = "usage-events:submit"
SUBMIT_SCOPES = frozenset({FORM_SCOPE, USAGE_SCOPE})
IMPLIED = {"metrics:write": USAGE_SCOPE}
READ_SCOPES = frozenset(scope for scope in SCOPES if scope.endswith(":read") and scope != "admin:read")
SCOPES_OF_ROLE: dict[Role, frozenset[str]] = {
    "viewer": READ_SCOPES,
    "contributor": READ_SCOPES | {"feedback:write"} | SUBMIT_SCOPES,
    "planner": frozenset(scope for scope in SCOPES if not scope.startswith("admin:")),
    "admin": frozenset(SCOPES),
}
INTERNAL_SCOPE = "internal"
# What a route declares that any caller may use, whatever their scopes: who am I?
ANY_CALLER = "any"
TOKEN_LIFETIME_S = 60
MAX_VERIFIED = 4096


def expand_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """`requirements:*` stands for read and write, writing may imply submitting; ValueError for an unknown scope."""
    expanded: set[str] = set()
    for scope in scopes:
        named = {each for each in SCOPES if each == scope or scope == f"{each.split(':')[0]}:*"}
        if not named:
            raise ValueError(f"unknown scope: {scope}")
        expanded |= named
    return frozenset(expanded | {IMPLIED[each] for each in expanded & IMPLIED.keys()})


@dataclass(frozen=True)
class Principal:
    """The person, key or system that a request acts for, in one workspace."""

    id: str
    kind: PrincipalKind
    workspace_id: UUID | None = None
    role: Role | None = None
    scopes: frozenset[str] = field(default_factory=frozenset)

    def require(self, scope: str) -> None:
        """Raises Forbidden when the scope is missing; a key that everybody can read is not any caller either."""
        if scope == ANY_CALLER:
            if self.scopes and self.scopes <= SUBMIT_SCOPES:
                raise Forbidden("This key submits, and can do nothing else.")
        elif scope not in self.scopes:
            raise Forbidden(f"This needs the scope {scope}.", required_scope=scope)

    @property
    def workspace(self) -> UUID:
        """The workspace; raises Forbidden for a system principal without one."""
        if self.workspace_id is None:
            raise Forbidden("This needs a workspace.")
        return self.workspace_id

    @property
    def actor(self) -> dict[str, str]:
        """How events and audit entries name the principal."""
        return {"id": self.id, "kind": self.kind}


def system_principal(service: str, *, workspace_id: UUID | None = None) -> Principal:
    """What a service shows another when no person or key stands behind the call."""
    return Principal(
        id=f"system:{service}", kind="system", workspace_id=workspace_id, scopes=frozenset({INTERNAL_SCOPE})
    )


def signing_key(seed: str) -> Ed25519PrivateKey:
    """The Ed25519 key made from a base64url seed of 32 bytes."""
    raw = base64.urlsafe_b64decode(seed + "=" * (-len(seed) % 4))
    return Ed25519PrivateKey.from_private_bytes(raw)


class TokenSigner:
    """Makes the internal token: EdDSA (RFC 8037), one audience, a minute long."""

    def __init__(self, seed: str, *, issuer: str, now: Callable[[], float] = time.time) -> None:
        self._key = signing_key(seed)
        self._issuer = issuer
        self._now = now

    def sign(self, principal: Principal, *, audience: str, lifetime_s: int = TOKEN_LIFETIME_S) -> str:
        issued = int(self._now())
        claims: dict[str, object] = {
            "iss": self._issuer,
            "aud": audience,
            "sub": principal.id,
            "iat": issued,
            "exp": issued + lifetime_s,
            "kind": principal.kind,
            "scope": " ".join(sorted(principal.scopes)),
        }
        if principal.workspace_id is not None:
            claims["workspace"] = str(principal.workspace_id)
        if principal.role is not None:
            claims["role"] = principal.role
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"typ": "fc-internal+jwt"})


class TokenVerifier:
    """Reads the internal token; what was verified once is remembered until it expires."""

    def __init__(self, seed: str, *, audience: str, now: Callable[[], float] = time.time) -> None:
        self._key = signing_key(seed).public_key()
        self._audience = audience
        self._now = now
        self._verified: OrderedDict[str, tuple[Principal, float]] = OrderedDict()

    def verify(self, token: str) -> Principal:
        """Raises Unauthenticated for a token that is forged, expired or meant for another service."""
        known = self._verified.get(token)
        if known is not None and known[1] > self._now():
            return known[0]
        principal, expires = self._decode(token)
        self._verified[token] = (principal, expires)
        while len(self._verified) > MAX_VERIFIED:
            self._verified.popitem(last=False)
        return principal

    def _decode(self, token: str) -> tuple[Principal, float]:
        try:
            if jwt.get_unverified_header(token).get("typ") != "fc-internal+jwt":
                raise Unauthenticated("This is not an internal token.")
            claims = jwt.decode(
                token,
                self._key,
                algorithms=["EdDSA"],
                audience=self._audience,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
        except jwt.PyJWTError as fault:
            raise Unauthenticated("The internal token is not valid.") from fault
        workspace = claims.get("workspace")
        principal = Principal(
            id=claims["sub"],
            kind=claims["kind"],
            workspace_id=UUID(workspace) if workspace else None,
            role=claims.get("role"),
            scopes=frozenset(claims["scope"].split()),
        )
        return principal, float(claims["exp"])
