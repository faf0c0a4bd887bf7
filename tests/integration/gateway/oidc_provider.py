"""A small OpenID Connect provider, made with Authlib and run as a process of its own: `python -m ... PORT KEYS LOG`.

Its users need no password: `login_hint` says who is signing in. KEYS is a file with its private keys, the first of
which signs, read for each request, so that a test rotates them by writing the file. LOG gets a line for each request.
"""

import json
import os
import sys
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # this provider listens on loopback only

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request, grants
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc.jwk import KeySet

AUDIENCE = "https://fullcircle.example.com"
CLIENT = "product-app"
REDIRECT = "http://localhost/signed-in"
USERS: dict[str, dict[str, Any]] = {
    "ada": {"email": "Ada@example.com", "email_verified": True, "name": "Ada Lovelace"},
    "bob": {"email": "bob@example.com", "email_verified": True, "name": "Bob"},
    "eve": {"email": "ada@example.com", "email_verified": False, "name": "Eve"},
    "second-ada": {"email": "ada@example.com", "email_verified": True, "name": "Another Ada"},
    "nameless": {},
}


class User:
    def __init__(self, name: str) -> None:
        self.name = name

    def get_user_id(self) -> str:
        return self.name


class Client:
    """A public client, as a page in a browser is one."""

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return REDIRECT

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, uri: str) -> bool:
        return uri == REDIRECT

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method == "none"

    def check_response_type(self, kind: str) -> bool:
        return kind == "code"

    def check_grant_type(self, kind: str) -> bool:
        return kind == "authorization_code"


@dataclass
class Code:
    code: str
    user: User
    scope: str
    redirect_uri: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


CODES: dict[str, Code] = {}


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["none"]

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        asked = request.payload.data
        CODES[code] = Code(
            code,
            request.user,
            request.scope,
            asked["redirect_uri"],
            asked.get("nonce"),
            asked["code_challenge"],
            asked["code_challenge_method"],
        )

    def query_authorization_code(self, code: str, _client: Client) -> Code | None:
        return CODES.get(code)

    def delete_authorization_code(self, code: Code) -> None:
        del CODES[code.code]

    def authenticate_user(self, code: Code) -> User:
        return code.user


def claims_of(user: User, scope: str) -> dict[str, Any]:
    return {"sub": user.name, **(USERS[user.name] if "email" in scope.split() else {})}


class IdToken(OpenIDCode):
    def __init__(self, provider: "Provider") -> None:
        super().__init__()
        self.provider = provider

    def resolve_client_private_key(self, _client: Client) -> Any:
        return self.provider.keys().keys[0]

    def get_encode_header(self, _client: Client) -> dict[str, str]:
        return {"alg": "RS256", "kid": self.provider.keys().keys[0].kid}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": self.provider.issuer, "aud": [client.get_client_id()]}

    def exists_nonce(self, _nonce: str, _request: OAuth2Request) -> bool:
        return False

    def generate_user_info(self, user: User, scope: str) -> UserInfo:
        return UserInfo(**claims_of(user, scope))


class AccessToken(JWTBearerTokenGenerator):
    def __init__(self, provider: "Provider") -> None:
        super().__init__(provider.issuer)
        self.provider = provider

    def get_jwks(self) -> Any:
        return KeySet(self.provider.keys().keys[:1])

    def get_audiences(self, _client: Client, _user: User, _scope: str) -> list[str]:
        return [AUDIENCE]

    def get_extra_claims(self, _client: Client, _grant: str, user: User, scope: str) -> dict[str, Any]:
        return claims_of(user, scope)


class Provider(AuthorizationServer):
    """Authlib's server on nothing but the standard library's HTTP."""

    def __init__(self, issuer: str, keys: Path) -> None:
        super().__init__()
        self.issuer = issuer
        self._keys = keys
        self.register_token_generator("default", AccessToken(self))
        self.register_grant(CodeGrant, [CodeChallenge(required=True), IdToken(self)])

    def keys(self) -> KeySet:
        return KeySet.import_key_set(json.loads(self._keys.read_text()))

    def query_client(self, client_id: str) -> Client | None:
        return Client() if client_id == CLIENT else None

    def save_token(self, _token: Any, _request: OAuth2Request) -> None:
        """Tokens stand for themselves."""

    def send_signal(self, _name: str, *_arguments: Any, **_options: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        return request if isinstance(request, OAuth2Request) else Asked(request)

    def handle_response(self, status: int, body: Any, headers: Any) -> tuple[int, Any, Any]:
        return status, body, headers

    def metadata(self) -> dict[str, Any]:
        described = OpenIDProviderMetadata(
            issuer=self.issuer,
            authorization_endpoint=f"{self.issuer}/authorize",
            token_endpoint=f"{self.issuer}/token",
            jwks_uri=f"{self.issuer}/jwks",
            response_types_supported=["code"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["RS256"],
            code_challenge_methods_supported=["S256"],
            token_endpoint_auth_methods_supported=["none"],
        )
        described.validate()
        return dict(described)


class Asked(OAuth2Request):
    def __init__(self, handler: "Handler") -> None:
        super().__init__(handler.command, f"{handler.provider.issuer}{handler.path}", headers=dict(handler.headers))
        self._args = dict(parse_qsl(urlsplit(handler.path).query))
        length = int(handler.headers.get("content-length", 0))
        self._form = dict(parse_qsl(handler.rfile.read(length).decode()))
        self.payload = BasicOAuth2Payload({**self._args, **self._form})

    @property
    def args(self) -> dict[str, str]:
        return self._args

    @property
    def form(self) -> dict[str, str]:
        return self._form


class Handler(BaseHTTPRequestHandler):
    provider: Provider
    log: Path

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/.well-known/openid-configuration":
            self._answer(200, self.provider.metadata())
        elif path == "/jwks":
            self._answer(200, self.provider.keys().as_dict(private=False))
        elif path == "/authorize":
            request = Asked(self)
            user = User(request.args["login_hint"])
            grant = self.provider.get_consent_grant(request, end_user=user)
            self._answer(*self.provider.create_authorization_response(request, grant_user=user, grant=grant))
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        self._answer(*self.provider.create_token_response(Asked(self)))

    def _answer(self, status: int, body: Any, headers: Any = ()) -> None:
        content = json.dumps(body).encode() if isinstance(body, dict) else str(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, _format: str, *arguments: Any) -> None:
        with self.log.open("a") as lines:
            lines.write(f"{arguments[0]}\n")


def main(port: int, keys: Path, log: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    Handler.provider = Provider(f"http://127.0.0.1:{server.server_port}", keys)
    Handler.log = log
    print(Handler.provider.issuer, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
