"""What callers see of themselves and of their workspace."""

from uuid import UUID

from pydantic import BaseModel, Field

from gateway.identity.types import Origins, WorkspaceKind
from services.chassis.identity import PrincipalKind, Role
from services.chassis.types import Patch, Reading, Resource, Title, omitted


class WorkspaceUpdate(Patch):
    name: Title = omitted()
    allowed_origins: Origins = omitted()


class WorkspaceRead(Resource):
    name: str
    kind: WorkspaceKind = Field(description="`test` is a sandbox.")
    sandbox_of: UUID | None = Field(description="The live workspace whose sandbox this is.")
    allowed_origins: list[str] = Field(description="Web pages of these origins may call the API from a browser.")


class WorkspaceName(Reading):
    id: UUID
    name: str
    kind: WorkspaceKind


class RateLimit(BaseModel):
    """The caller's share: so many requests in so many seconds."""

    requests: int
    window_s: int


class MemberName(Reading):
    """The person behind a token, as their workspace knows them."""

    id: UUID
    email: str | None
    name: str


class MeRead(BaseModel):
    id: str = Field(examples=["key:0197b2c4-8f5e-7a30-9c1d-2f4e6a8b0c1d"])
    kind: PrincipalKind
    workspace: WorkspaceName
    member: MemberName | None = Field(description="Null for a key.")
    role: Role | None
    scopes: list[str]
    rate_limit: RateLimit
