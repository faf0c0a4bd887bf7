"""Everybody who may knock: with every right, with all but one, with none, and from another workspace."""

from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from services.chassis.identity import IMPLIED, SCOPES
from tests.e2e.stack import Stack

# Well formed and never issued; wrong checksum; not a key; another scheme.
UNKNOWN_KEYS = (
    "Bearer fc_live_000000000000000000000000000000000000",
    "Bearer fc_live_short",
    "Bearer",
    "Basic YWRtaW46YWRtaW4=",
    "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJrZXk6MSJ9.",
)


@dataclass
class Callers:
    """Clients by what they may do; made once, closed together."""

    stack: Stack
    owner: httpx.AsyncClient
    stranger: httpx.AsyncClient
    revoked: httpx.AsyncClient
    expired: httpx.AsyncClient
    elsewhere: httpx.AsyncClient
    without: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    @classmethod
    async def of(cls, stack: Stack) -> "Callers":
        revoked_id, revoked = await stack.key()
        _, expired = await stack.key(expires_in=timedelta(seconds=2))
        owner = stack.client()
        answer = await owner.post(f"/v1/api-keys/{revoked_id}/revoke", json={})
        assert answer.status_code == 200, answer.text
        callers = cls(
            stack=stack,
            owner=owner,
            stranger=stack.stranger(),
            revoked=stack.client(revoked),
            expired=stack.client(expired),
            elsewhere=stack.client(await stack.other_workspace()),
        )
        for scope in SCOPES:
            implying = {each for each, implied in IMPLIED.items() if implied == scope}
            _, key = await stack.key(scopes=set(SCOPES) - {scope} - implying)
            callers.without[scope] = stack.client(key)
        return callers

    async def close(self) -> None:
        singles = (self.owner, self.stranger, self.revoked, self.expired, self.elsewhere)
        for client in (*singles, *self.without.values()):
            await client.aclose()
