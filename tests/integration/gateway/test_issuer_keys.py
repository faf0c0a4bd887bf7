"""An issuer's keys: read when needed, anew when a token names another one, and never without end."""

from dataclasses import dataclass

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from gateway.identity.oidc.keys import FIRST_RETRY_S, FRESH_S, KEPT_S, RETRY_S, KeyRing, usable_keys
from gateway.settings import OidcIssuer
from services.chassis.errors import Unavailable
from services.chassis.outbound.client import OutboundClient
from services.chassis.outbound.destination import Rules
from tests.integration.gateway.oidc_provider import AUDIENCE


@dataclass
class Hand:
    """A clock that is moved by hand."""

    at: float = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock():
    return Hand()


@pytest.fixture
async def client():
    async with OutboundClient(Rules(is_loopback_allowed=True)) as client:
        yield client


def ring_of(issuer, client, clock, **more):
    return KeyRing(OidcIssuer(issuer=issuer, audiences=(AUDIENCE,), **more), client, now=clock)


async def test_keys_are_read_once_and_anew_for_an_unknown_one_at_most_once_a_minute(provider, client, clock):
    ring, asked = ring_of(provider.issuer, client, clock), provider.asked("/jwks")
    for _ in range(3):
        assert await ring.find(provider.kid, "RS256") is not None
    assert provider.asked("/jwks") - asked == 1
    old, new = provider.kid, provider.rotate()
    for _ in range(3):
        assert await ring.find(new, "RS256") is None
    assert provider.asked("/jwks") - asked == 1
    clock.at += RETRY_S + 1
    assert await ring.find(new, "RS256") is not None
    assert await ring.find(old, "RS256") is None
    assert provider.asked("/jwks") - asked == 2


async def test_a_withdrawn_key_is_forgotten_within_the_hour(provider, client, clock):
    ring, old = ring_of(provider.issuer, client, clock), provider.kid
    assert await ring.find(old, "RS256") is not None
    provider.rotate()
    clock.at += FRESH_S + 1
    assert await ring.find(old, "RS256") is None


async def test_a_token_without_a_key_id_is_fine_where_there_is_one_key(provider, client, clock):
    ring = ring_of(provider.issuer, client, clock)
    assert await ring.find(None, "RS256") is not None
    assert await ring.find(None, "ES256") is None


async def test_an_issuer_that_is_away_keeps_its_keys_for_a_day(provider, client, clock):
    ring = ring_of(provider.issuer, client, clock)
    assert await ring.find(provider.kid, "RS256") is not None
    ring.issuer = ring.issuer.model_copy(update={"jwks_url": "http://127.0.0.1:1/jwks"})
    clock.at += KEPT_S - 1
    assert await ring.find(provider.kid, "RS256") is not None
    clock.at += 2
    with pytest.raises(Unavailable):
        await ring.find(provider.kid, "RS256")


async def test_an_issuer_that_never_answered_is_asked_again_soon(provider, client, clock):
    ring = ring_of("http://127.0.0.1:1", client, clock)
    with pytest.raises(Unavailable):
        await ring.find("x", "RS256")
    ring.issuer = ring.issuer.model_copy(update={"jwks_url": f"{provider.issuer}/jwks"})
    with pytest.raises(Unavailable):
        await ring.find(provider.kid, "RS256")
    clock.at += FIRST_RETRY_S + 1
    assert await ring.find(provider.kid, "RS256") is not None


async def test_a_provider_that_describes_another_issuer_is_not_believed(provider, client, clock):
    ring = ring_of(provider.issuer.replace("127.0.0.1", "localhost"), client, clock)
    with pytest.raises(Unavailable):
        await ring.find(provider.kid, "RS256")


async def test_a_private_address_is_never_asked(provider, clock):
    async with OutboundClient(Rules()) as guarded:
        asked = provider.asked("/jwks")
        with pytest.raises(Unavailable):
            await ring_of(provider.issuer, guarded, clock).find(provider.kid, "RS256")
        assert provider.asked("/jwks") == asked


def jwk(key, **more):
    algorithms = jwt.algorithms
    kinds = {
        rsa.RSAPrivateKey: algorithms.RSAAlgorithm,
        ec.EllipticCurvePrivateKey: algorithms.ECAlgorithm,
        ed25519.Ed25519PrivateKey: algorithms.OKPAlgorithm,
    }
    kind = next(made for of, made in kinds.items() if isinstance(key, of))
    described = kind.to_jwk(key.public_key(), as_dict=True)
    return {name: value for name, value in described.items() if name != "key_ops"} | more


def test_of_a_set_only_what_fits_is_used():
    strong, weak = (rsa.generate_private_key(public_exponent=65537, key_size=bits) for bits in (2048, 1024))
    keys = [
        jwk(strong, kid="any"),
        jwk(strong, kid="one", alg="PS256"),
        jwk(ec.generate_private_key(ec.SECP256R1()), kid="curve"),
        jwk(ed25519.Ed25519PrivateKey.generate(), kid="edwards"),
        jwk(weak, kid="too short"),
        jwk(strong, kid="for encryption", use="enc"),
        jwk(strong, kid="for signing only", key_ops=["sign"]),
        jwk(ec.generate_private_key(ec.SECP384R1()), kid="another curve"),
        jwk(strong, kid="no RSA", alg="ES256"),
        {"kty": "oct", "k": "c2VjcmV0", "kid": "a secret", "alg": "HS256"},
        {"kty": "RSA", "n": "!", "e": "AQAB", "kid": "broken"},
        {"kty": "RSA", "kid": "empty"},
        {"kty": ["RSA"]},
        "text",
    ]
    used = [*usable_keys({"keys": keys}, allowed=("RS256", "PS256", "ES256", "EdDSA"))]
    assert sorted((each.kid, each.algorithm) for each in used) == [
        ("any", "PS256"),
        ("any", "RS256"),
        ("curve", "ES256"),
        ("edwards", "EdDSA"),
        ("one", "PS256"),
    ]
    for nothing in ({}, {"keys": None}, {"keys": {}}):
        assert [*usable_keys(nothing, allowed=("RS256",))] == []


@pytest.mark.parametrize("algorithm", ["HS256", "none", "RS1"])
def test_an_algorithm_with_a_shared_secret_cannot_be_configured(algorithm):
    with pytest.raises(ValueError, match="algorithms"):
        OidcIssuer(issuer="https://login.example.com", audiences=("x",), algorithms=(algorithm,))
