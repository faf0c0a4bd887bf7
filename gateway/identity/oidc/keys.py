"""The public keys of an issuer: found by discovery, kept for an hour, read anew when a token names an unknown one.

Sources: OpenID Connect Discovery 1.0, section 4; RFC 7517 (keys); RFC 8725, section 3 (what to believe of a token).
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from gateway.settings import OidcIssuer
from services.chassis.errors import Unavailable
from services.chassis.outbound.client import OutboundClient
from services.chassis.outbound.errors import BrokenAnswer, OutboundError

FRESH_S = 3600.0
# An issuer that does not answer keeps its keys for a day: longer, and one that was withdrawn would still open doors.
KEPT_S = 86_400.0
# Tokens with invented key ids must not make us call the issuer without end.
RETRY_S = 60.0
FIRST_RETRY_S = 5.0
TIMEOUT_S = 5.0
MAX_BYTES = 256 * 1024
MAX_KEYS = 100
LEAST_RSA_BITS = 2048
# Which kind of key an algorithm takes, so that no key is ever used with another one (RFC 8725, section 3.1).
KEY_OF_ALGORITHM = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), ("RSA", None)),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class PublicKey:
    """One key, for one algorithm."""

    kid: str | None
    algorithm: str
    key: jwt.PyJWK


class KeyRing:
    """The keys of one issuer; only those of a public-key algorithm that is allowed for it are ever looked at."""

    def __init__(
        self, issuer: OidcIssuer, client: OutboundClient, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.issuer = issuer
        self._client = client
        self._now = now
        self._keys: list[PublicKey] = []
        self._read_at: float | None = None
        self._tried_at: float | None = None
        self._turn = asyncio.Lock()

    async def find(self, kid: str | None, algorithm: str) -> PublicKey | None:
        """The key that a token names. A token that names none is fine where the issuer has only one.

        Raises Unavailable while there are no keys at all, because the issuer does not answer.
        """
        if not self._is_within(self._read_at, FRESH_S):
            await self._read_again()
        found = self._pick(kid, algorithm)
        if found is None and await self._read_again():
            found = self._pick(kid, algorithm)
        if not self._is_within(self._read_at, KEPT_S):
            raise Unavailable("The issuer's keys cannot be read just now.", retry_after_s=int(FIRST_RETRY_S))
        return found

    def _pick(self, kid: str | None, algorithm: str) -> PublicKey | None:
        if not self._is_within(self._read_at, KEPT_S):
            return None
        fitting = [each for each in self._keys if each.algorithm == algorithm]
        if kid is not None:
            fitting = [each for each in fitting if each.kid == kid]
        return fitting[0] if len(fitting) == 1 else None

    async def _read_again(self) -> bool:
        """Ask the issuer, unless that was done a moment ago; answers whether there are new keys."""
        async with self._turn:
            if self._is_within(self._tried_at, FIRST_RETRY_S if self._read_at is None else RETRY_S):
                return False
            self._tried_at = self._now()
            try:
                self._keys = [*usable_keys(await self._key_set(), allowed=self.issuer.algorithms)]
            except OutboundError as fault:
                log.warning("oidc.keys_not_read", issuer=self.issuer.issuer, reason=fault.code)
                return False
            self._read_at = self._now()
            return True

    async def _key_set(self) -> Mapping[str, Any]:
        url = self.issuer.jwks_url
        if url is None:
            described = await self._get(f"{self.issuer.issuer.rstrip('/')}/.well-known/openid-configuration")
            if described.get("issuer") != self.issuer.issuer:
                raise BrokenAnswer("The issuer describes another one.")
            url = str(described.get("jwks_uri"))
        return await self._get(url)

    async def _get(self, url: str) -> Mapping[str, Any]:
        answer = await self._client.get(
            url, headers={"Accept": "application/json"}, timeout_s=TIMEOUT_S, max_bytes=MAX_BYTES
        )
        document = answer.json() if answer.status == 200 else None
        if not isinstance(document, dict):
            raise BrokenAnswer("The answer is not a JSON object.")
        return document

    def _is_within(self, since: float | None, seconds: float) -> bool:
        return since is not None and self._now() - since < seconds


def usable_keys(key_set: Mapping[str, Any], *, allowed: tuple[str, ...]) -> Iterator[PublicKey]:
    """The keys of a set that may verify a signature; what cannot be read is passed over, as RFC 7517 section 5 says."""
    keys = key_set.get("keys")
    for described in keys[:MAX_KEYS] if isinstance(keys, list) else ():
        if not isinstance(described, dict) or described.get("use", "sig") != "sig":
            continue
        if "verify" not in described.get("key_ops", ("verify",)):
            continue
        for algorithm in allowed:
            if (key := _key(described, algorithm)) is not None:
                kid = described.get("kid")
                yield PublicKey(kid if isinstance(kid, str) else None, algorithm, key)


def _key(described: dict[str, Any], algorithm: str) -> jwt.PyJWK | None:
    kind, curve = KEY_OF_ALGORITHM[algorithm]
    if described.get("kty") != kind or described.get("alg", algorithm) != algorithm:
        return None
    if curve is not None and described.get("crv") != curve:
        return None
    public = {name: value for name, value in described.items() if name in {"kty", "crv", "n", "e", "x", "y"}}
    try:
        key = jwt.PyJWK(public, algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        return None
    is_short = isinstance(key.key, RSAPublicKey) and key.key.key_size < LEAST_RSA_BITS
    return None if is_short else key
