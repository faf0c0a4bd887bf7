"""Reads a person's token as RFC 8725 (JSON Web Token Best Current Practices) wants it read.

What the token says of itself only chooses among what is configured: its issuer among the issuers, its algorithm among
those allowed for that issuer, its key id among the keys that this issuer publishes. Keys that a token brings along
(`jwk`, `jku`, `x5c`, `x5u`) are never looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt

from gateway.identity.oidc.keys import KeyRing
from gateway.identity.types import WILDCARDS
from gateway.settings import OidcIssuer
from services.chassis.errors import Unauthenticated
from services.chassis.identity import SCOPES

LEEWAY_S = 30
LONGEST = 16 * 1024
LONGEST_NAME = 255
REQUIRED = ("iss", "sub", "aud", "exp", "iat")
OURS = frozenset((*SCOPES, *WILDCARDS))


@dataclass(frozen=True)
class Identity:
    """Who somebody is, in the words of their issuer; an address only when the issuer has verified it."""

    issuer: str
    subject: str
    email: str | None
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime


class TokenReader:
    """Believes the configured issuers, each as far as it is allowed to be believed."""

    def __init__(self, rings: Sequence[KeyRing]) -> None:
        self._rings = {ring.issuer.issuer: ring for ring in rings}

    async def read(self, token: bytes) -> Identity:
        """Raises Unauthenticated, or Unavailable while the issuer's keys cannot be had."""
        header, claimed_issuer = _claimed(token)
        ring = self._rings.get(claimed_issuer)
        if ring is None:
            raise Unauthenticated("This token is of an issuer that is not trusted here.")
        algorithm, kid = _checked(header, ring.issuer)
        found = await ring.find(kid, algorithm)
        if found is None:
            raise Unauthenticated("This token is signed with a key that its issuer does not publish.")
        try:
            claims = jwt.decode(
                token,
                found.key,
                algorithms=[algorithm],
                audience=ring.issuer.audiences,
                issuer=ring.issuer.issuer,
                leeway=LEEWAY_S,
                options={"require": [*REQUIRED]},
            )
            return _identity(claims)
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("This token has expired: get a new one.") from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError) as fault:
            # Also an end that no calendar knows, for which the system's own call fails.
            raise Unauthenticated("This token is not valid here.") from fault


def looks_like_token(credential: bytes) -> bool:
    """Three parts, the first of which begins as base64url of `{"` does."""
    return len(credential) <= LONGEST and credential.startswith(b"ey") and credential.count(b".") == 2


def _claimed(token: bytes) -> tuple[dict[str, Any], str]:
    """The header, and whom the token claims to be from: nothing of it is believed yet."""
    try:
        unverified = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError) as fault:
        raise Unauthenticated("This is not a token that can be read.") from fault
    issuer = unverified["payload"].get("iss")
    return unverified["header"], issuer if isinstance(issuer, str) else ""


def _checked(header: Mapping[str, Any], issuer: OidcIssuer) -> tuple[str, str | None]:
    """The algorithm and the key's id. Raises Unauthenticated for a token that is not of the kind that is taken."""
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in issuer.kinds:
        raise Unauthenticated("This is a token for something else.")
    algorithm = header.get("alg")
    if algorithm not in issuer.algorithms:
        raise Unauthenticated("This token is signed in a way that is not allowed for its issuer.")
    if "crit" in header or "b64" in header:
        raise Unauthenticated("This token wants extensions that are not known here.")
    kid = header.get("kid")
    return str(algorithm), kid if isinstance(kid, str) else None


def _identity(claims: Mapping[str, Any]) -> Identity:
    subject, email, name = claims["sub"], claims.get("email"), claims.get("name")
    if not isinstance(subject, str) or not 1 <= len(subject) <= LONGEST_NAME:
        raise Unauthenticated("This token does not say who it is about.")
    is_known_address = isinstance(email, str) and claims.get("email_verified") is True
    return Identity(
        issuer=claims["iss"],
        subject=subject,
        email=str(email).lower() if is_known_address else None,
        name=name.replace("\x00", "").strip()[:200] if isinstance(name, str) else "",
        scopes=tuple(scope for scope in _scopes(claims) if scope in OURS),
        expires_at=datetime.fromtimestamp(claims["exp"] + LEEWAY_S, UTC),
    )


def _scopes(claims: Mapping[str, Any]) -> list[Any]:
    """RFC 8693's `scope` is words, other providers' `scp` is a list or words."""
    granted = claims.get("scope", claims.get("scp"))
    if isinstance(granted, str):
        return granted.split()
    return [each for each in granted if isinstance(each, str)] if isinstance(granted, list) else []
