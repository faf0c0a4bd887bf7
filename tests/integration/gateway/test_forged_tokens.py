"""Tokens that must not be believed: RFC 8725, section 2, and whatever else has been tried on others."""

import base64
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.chassis.identity import Principal, TokenSigner
from tests.integration.gateway.conftest import SEED
from tests.integration.gateway.oidc_provider import AUDIENCE

ATTACKER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def options(provider):
    return {"oidc_issuers": [{"issuer": provider.issuer, "audiences": [AUDIENCE]}], "failed_keys_per_minute": 100_000}


def encoded(part):
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unsigned(provider, header, signature=b""):
    return f"{encoded(header)}.{encoded(provider.claims())}.{encoded(signature)}"


def with_secret(provider, secret, **header):
    """Signed with a secret that the attacker knows: in the key's own public form, for a start."""
    import hashlib
    import hmac

    head = encoded({"alg": "HS256", "typ": "at+jwt", "kid": provider.kid} | header)
    signing = f"{head}.{encoded(provider.claims())}"
    return f"{signing}.{encoded(hmac.digest(secret, signing.encode(), hashlib.sha256))}"


def public_pem(provider):
    return provider.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def public_jwk(key, kid):
    return jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid, "use": "sig"}


def by_attacker(provider, key=ATTACKER, algorithm="RS256", **header):
    return jwt.encode(provider.claims(), key, algorithm, headers={"kid": provider.kid, "typ": "at+jwt"} | header)


def internal(_provider):
    principal = Principal("person:ada", "person", role="admin", scopes=frozenset({"admin:write"}))
    return TokenSigner(SEED, issuer="gateway").sign(principal, audience=AUDIENCE)


def altered(provider):
    head, _, signature = provider.token().split(".")
    return f"{head}.{encoded(provider.claims(sub='root'))}.{signature}"


def by_list_of_issuers(provider):
    claims = provider.claims() | {"iss": [provider.issuer]}
    signing = f"{encoded({'alg': 'RS256', 'kid': provider.kid, 'typ': 'at+jwt'})}.{encoded(claims)}"
    signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(signing.encode(), provider.key)
    return f"{signing}.{encoded(signature)}"


def at(seconds):
    """A moment so far from the one at which the token is used, not from the one at which this file was read."""
    return int(time.time()) + seconds


VECTORS = {
    **{
        f"alg {name}": lambda p, name=name: unsigned(p, {"alg": name, "typ": "at+jwt", "kid": p.kid})
        for name in ("none", "None", "NONE", "nOnE", "", "RS256", "hs256", "ES256")
    },
    "alg none, with a signature": lambda p: unsigned(p, {"alg": "none"}, b"x" * 256),
    "alg missing": lambda p: unsigned(p, {"typ": "at+jwt", "kid": p.kid}),
    "alg of another type": lambda p: unsigned(p, {"alg": ["RS256"], "kid": p.kid}),
    "HS256 with the public key": lambda p: with_secret(p, public_pem(p)),
    "HS256 with the public key without its last line": lambda p: with_secret(p, public_pem(p).strip()),
    "HS256 with the modulus": lambda p: with_secret(p, public_jwk(p.key, p.kid)["n"].encode()),
    "HS256 with nothing": lambda p: with_secret(p, b""),
    "HS256 with the key id": lambda p: with_secret(p, p.kid.encode()),
    "kid of an empty file": lambda p: with_secret(p, b"", kid="../../../../dev/null"),
    "kid that is SQL": lambda p: with_secret(p, b"x", kid="x' UNION SELECT 'x' --"),
    "kid that is a URL": lambda p: by_attacker(p, kid="http://127.0.0.1:1/keys.json"),
    "kid that nobody publishes": lambda p: by_attacker(p, kid="mine"),
    "kid of another type": lambda p: unsigned(p, {"alg": "RS256", "kid": {"$ne": None}}, b"x" * 256),
    "kid of the right key, another key": by_attacker,
    "kid missing, another key": lambda p: jwt.encode(p.claims(), ATTACKER, "RS256"),
    "key brought along": lambda p: by_attacker(p, jwk=public_jwk(ATTACKER, p.kid)),
    "key at a URL": lambda p: by_attacker(p, jku="https://attacker.example/jwks.json"),
    "certificate brought along": lambda p: by_attacker(p, x5c=["MIIB"]),
    "certificate at a URL": lambda p: by_attacker(p, x5u="https://attacker.example/cert.pem"),
    "an elliptic key for RSA's id": lambda p: by_attacker(p, ec.generate_private_key(ec.SECP256R1()), "ES256"),
    "another algorithm of the same key": lambda p: p.token(algorithm="PS256"),
    "an algorithm that is not allowed": lambda p: p.token(algorithm="RS512"),
    "aud of somebody else": lambda p: p.token(aud="https://other.example.com"),
    "aud that begins like ours": lambda p: p.token(aud=AUDIENCE + ".attacker.example"),
    "aud in capitals": lambda p: p.token(aud=AUDIENCE.upper()),
    "aud that is empty": lambda p: p.token(aud=[]),
    "aud that is an object": lambda p: p.token(aud={AUDIENCE: True}),
    "aud missing": lambda p: p.token(aud=None),
    "iss of somebody else": lambda p: p.token(iss="https://login.attacker.example"),
    "iss with a slash more": lambda p: p.token(iss=p.issuer + "/"),
    "iss in a list": by_list_of_issuers,
    "iss missing": lambda p: p.token(iss=None),
    "typ of a logout": lambda p: p.token(header={"typ": "logout+jwt"}),
    "typ of a proof of possession": lambda p: p.token(header={"typ": "dpop+jwt"}),
    "typ of a security event": lambda p: p.token(header={"typ": "secevent+jwt"}),
    "typ of our own internal tokens": lambda p: p.token(header={"typ": "fc-internal+jwt"}),
    "typ of another type": lambda p: unsigned(p, {"alg": "RS256", "kid": p.kid, "typ": ["at+jwt"]}, b"x" * 256),
    "our own internal token": internal,
    "expired": lambda p: p.token(iat=at(-700), exp=at(-60)),
    "exp missing": lambda p: p.token(exp=None),
    "exp that is text": lambda p: p.token(exp="tomorrow"),
    "exp without end": lambda p: p.token(exp=float("inf")),
    "exp beyond the calendar": lambda p: p.token(exp=10**18),
    "exp that is negative": lambda p: p.token(exp=-1),
    "not yet valid": lambda p: p.token(nbf=at(600)),
    "nbf that is text": lambda p: p.token(nbf="now"),
    "issued in the future": lambda p: p.token(iat=at(600)),
    "iat missing": lambda p: p.token(iat=None),
    "sub missing": lambda p: p.token(sub=None),
    "sub that is empty": lambda p: p.token(sub=""),
    "sub that is too long": lambda p: p.token(sub="x" * 256),
    "extension that is critical": lambda p: p.token(header={"crit": ["exp"]}),
    "body that is detached": lambda p: unsigned(p, {"alg": "RS256", "kid": p.kid, "b64": False, "crit": ["b64"]}),
    "signature taken off": lambda p: p.token().rpartition(".")[0] + ".",
    "signature of nothing": lambda p: p.token().rpartition(".")[0] + "." + encoded(bytes(256)),
    "claims altered": altered,
    "claims that are a list": lambda p: f"{encoded({'alg': 'RS256', 'kid': p.kid})}.{encoded([1])}.{encoded(b'x')}",
    "two parts": lambda p: p.token().rpartition(".")[0],
    "five parts, as if encrypted": lambda p: p.token() + ".x.y",
    "nested so deep that a parser falls": lambda p: f"{encoded(b'[' * 9000)}.e30.x".replace("W1tb", "eyJb", 1),
    "no base64": lambda p: "eyJ!.eyJ!.x",
    "too long": lambda p: p.token(padding="x" * 20_000),
}


async def test_no_forged_token_is_believed(gateway, provider):
    asked = provider.asked("/jwks")
    member = {"issuer": provider.issuer, "subject": "ada", "role": "admin"}
    made = await gateway.client().post("/v1/members", json=member)
    assert made.status_code == 201, made.text
    assert (await gateway.client(provider.token()).get("/v1/me")).status_code == 200, "the vectors' own frame is good"
    believed, stranger = {}, gateway.client(None)
    for name, forge in VECTORS.items():
        answer = await stranger.get("/v1/me", headers={"Authorization": f"Bearer {forge(provider)}"})
        if (answer.status_code, answer.json()["code"]) != (401, "unauthenticated"):
            believed[name] = f"{answer.status_code} {answer.text[:200]}"
    assert believed == {}
    assert len(VECTORS) >= 60
    assert provider.asked("/jwks") - asked <= 2, "invented key ids do not make us ask the issuer again and again"
    assert (await gateway.client(provider.token()).get("/v1/me")).status_code == 200


async def test_where_nobody_signs_in_no_token_is_looked_at(gateway, keys, edges, stage, provider):
    before = provider.asked("/jwks")
    stage.app = await edges({})
    refused = await gateway.client(provider.token()).get("/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert provider.asked("/jwks") == before
