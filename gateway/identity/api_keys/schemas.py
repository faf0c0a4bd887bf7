"""What admins send and see of API keys."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from gateway.identity.types import Origins, ScopeName
from services.chassis.identity import Role
from services.chassis.types import Body, Resource, Timestamp, Title, Whole


class ApiKeyCreate(Body):
    name: Title
    role: Role = "contributor"
    scopes: Annotated[
        list[ScopeName], Field(max_length=20, description="Narrows what the role allows; empty: all that it allows.")
    ] = []
    allowed_origins: Origins = []
    expires_at: Annotated[Timestamp | None, Field(description="From then on the key is refused.")] = None


class ApiKeyRotate(Body):
    overlap_hours: Annotated[Whole, Field(ge=0, le=168, description="How long the old key still works.")] = 24


class ApiKeyRead(Resource):
    name: str
    hint: str = Field(description="The last four characters of the key, to recognise it by.")
    role: Role
    scopes: list[str]
    allowed_origins: list[str]
    created_by: str
    expires_at: Timestamp | None
    revoked_at: Timestamp | None
    rotated_to: UUID | None = Field(description="The key that takes this one's place.")
    last_used_at: Timestamp | None = Field(description="Written every few seconds, not with each request.")


class ApiKeyCreated(ApiKeyRead):
    key: str | None = Field(
        description="The key itself, shown this once: it is stored nowhere. A replay under the same Idempotency-Key "
        "answers null here.",
        examples=["fc_live_..."],
    )

    shown_once: ClassVar[frozenset[str]] = frozenset({"key"})
