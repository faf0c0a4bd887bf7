"""A running provider, and somebody who signs in with it as a page in a browser does."""

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.integration.gateway.oidc_provider import AUDIENCE, CLIENT, REDIRECT

ROOT = Path(__file__).parents[3]
MODULE = "tests.integration.gateway.oidc_provider"


@dataclass
class RunningProvider:
    """The process; `keys` are its private ones, the first of which signs."""

    issuer: str
    directory: Path
    process: "subprocess.Popen[str]"
    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)

    def rotate(self) -> str:
        """A new key, and the old one gone."""
        kid = secrets.token_hex(4)
        self.keys = {kid: rsa.generate_private_key(public_exponent=65537, key_size=2048)}
        write_keys(self.directory, self.keys)
        return kid

    @property
    def kid(self) -> str:
        return next(iter(self.keys))

    @property
    def key(self) -> rsa.RSAPrivateKey:
        return self.keys[self.kid]

    def asked(self, path: str) -> int:
        """How often it was asked for this."""
        return (self.directory / "log").read_text().count(f"GET {path} ")

    async def sign_in(self, who: str, *, scope: str = "openid email") -> dict[str, Any]:
        """The authorization code flow with PKCE (RFC 7636); answers `access_token` and `id_token`."""
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        async with httpx.AsyncClient(base_url=self.issuer) as browser:
            metadata = (await browser.get("/.well-known/openid-configuration")).json()
            asked = {
                "response_type": "code",
                "client_id": CLIENT,
                "redirect_uri": REDIRECT,
                "scope": scope,
                "login_hint": who,
                "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
                "code_challenge_method": "S256",
            }
            sent_back = await browser.get(metadata["authorization_endpoint"], params=asked)
            code = parse_qs(urlsplit(sent_back.headers["location"]).query)["code"][0]
            exchange = {
                "grant_type": "authorization_code",
                "client_id": CLIENT,
                "redirect_uri": REDIRECT,
                "code": code,
                "code_verifier": verifier,
            }
            answer = await browser.post(metadata["token_endpoint"], data=exchange)
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What a good token says; None leaves a claim out."""
        now = int(time.time())
        good = {"iss": self.issuer, "sub": "ada", "aud": AUDIENCE, "iat": now, "exp": now + 600}
        return {name: value for name, value in (good | changes).items() if value is not None}

    def token(self, *, header: dict[str, Any] | None = None, algorithm: str = "RS256", **changes: Any) -> str:
        """As the provider would sign it, were its claims these."""
        return jwt.encode(
            self.claims(**changes), self.key, algorithm, headers={"kid": self.kid, "typ": "at+jwt"} | (header or {})
        )


def write_keys(directory: Path, keys: dict[str, rsa.RSAPrivateKey]) -> None:
    to_jwk = jwt.algorithms.RSAAlgorithm.to_jwk
    described = [{**to_jwk(key, as_dict=True), "kid": kid, "use": "sig", "alg": "RS256"} for kid, key in keys.items()]
    for each in described:
        del each["key_ops"]
    new = directory / "keys.new"
    new.write_text(json.dumps({"keys": described}))
    new.replace(directory / "keys.json")


@contextmanager
def running_provider(directory: Path) -> Iterator[RunningProvider]:
    """Start it on a free port; it ends with the block."""
    provider = RunningProvider("", directory, None)  # type: ignore[arg-type]
    provider.rotate()
    (directory / "log").touch()
    arguments = ["0", str(directory / "keys.json"), str(directory / "log")]
    with subprocess.Popen(
        [sys.executable, "-m", MODULE, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        provider.issuer, provider.process = process.stdout.readline().strip(), process
        assert provider.issuer, "the provider did not start"
        try:
            yield provider
        finally:
            process.terminate()
