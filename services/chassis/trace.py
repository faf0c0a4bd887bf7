"""The internal protocol by which one chain, from quotes to verdict, is put together across services.

No service knows the whole chain. Each answers `POST /internal/trace` with its own fragment of it: the nodes it keeps
for the ids it was asked about, and **every edge that touches one of them**, also when the other end lives elsewhere
(a feature names the requirement that it came from; only the requirements service can say what that requirement is).
The gateway asks every service, follows the edges to ids it has not seen, and asks again until nothing new comes.

Edges point the way the story runs, from cause to consequence:
feedback -> theme -> requirement -> feature -> outcome, with objective -> key_result -> feature and kpi -> outcome
beside.
Ids that a service does not know, or that belong to another workspace, are left out: they are no error.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.chassis.routing import Router

LABEL_LENGTH = 200
MAX_TRACE_IDS = 500

Fact = str | int | float | bool | None


def _cut(label: str) -> str:
    return label if len(label) <= LABEL_LENGTH else label[: LABEL_LENGTH - 1].rstrip() + "…"


class TraceNode(BaseModel):
    """One thing on the chain, in as many words as a person needs to recognise it."""

    id: UUID
    type: Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,39}$")]
    label: Annotated[str, BeforeValidator(_cut)]
    facts: dict[str, Fact] = {}
    at: datetime | None = None


class TraceEdge(BaseModel):
    """Why one node follows from another; `kind` is a verb phrase such as `supports`, `becomes`, `measured_by`."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    from_id: Annotated[UUID, Field(alias="from")]
    to_id: Annotated[UUID, Field(alias="to")]
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,39}$")]


class TraceFragment(BaseModel):
    """What one service knows; `truncated` says that it kept edges back (a theme may hold thousands of quotes)."""

    nodes: list[TraceNode] = []
    edges: list[TraceEdge] = []
    truncated: bool = False


class TraceQuery(BaseModel):
    """The frontier: ids whose nodes and touching edges are wanted."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_TRACE_IDS)]


class TraceProvider(Protocol):
    """A service's side of the protocol: a class whose constructor takes the unit of work as a FastAPI dependency."""

    async def fragment(self, ids: Sequence[UUID]) -> TraceFragment:
        """Answer the nodes known for these ids and all edges that touch them, in a fixed number of queries."""
        ...


def trace_router(provider: Callable[..., TraceProvider | Awaitable[TraceProvider]], *, scope: str) -> Router:
    """Return the router with `POST /internal/trace`.

    `provider` is a dependency, usually a class whose constructor takes `work: Work`; `scope` is the service's own
    reading scope, for example `roadmap:read`.
    """
    router = Router(prefix="/internal/trace", tags=["Internal"])
    depends: Any = Depends(provider)

    async def read_trace(query: TraceQuery, source: TraceProvider = depends) -> TraceFragment:
        """Answer this service's part of a chain."""
        return await source.fragment(query.ids)

    router.post(scope=scope, include_in_schema=False)(read_trace)
    return router
