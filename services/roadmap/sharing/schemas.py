"""What callers send and see of share links and of who came."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Patch, Reading, Resource, Timestamp, Title, omitted

ExpiresAt = Annotated[Timestamp | None, Field(description="From then on the link shows nothing; null: until revoked.")]


class ShareLinkCreate(Body):
    name: Title = Field(description="For whom, in your own words; visitors do not see it.")
    roadmap_id: UUID
    audience_id: UUID = Field(description="What a visitor sees is what this audience sees.")
    scenario_id: UUID | None = Field(
        default=None, description="A scenario of the roadmap, to be shown in place of the roadmap itself."
    )
    expires_at: ExpiresAt = None


class ShareLinkUpdate(Patch):
    name: Title = omitted()
    expires_at: ExpiresAt = None


class ShareLinkRead(Resource):
    name: str
    roadmap_id: UUID
    audience_id: UUID
    scenario_id: UUID | None
    expires_at: Timestamp | None
    revoked_at: Timestamp | None


class ShareLinkCreated(ShareLinkRead):
    token: str | None = Field(
        description="The secret part of the address, shown this once: only its digest is stored. A replay under the "
        "same Idempotency-Key answers null here."
    )
    url: str | None = Field(
        description="The address to hand out.", examples=["https://fullcircle.example/v1/shared/3Jx..."]
    )

    shown_once: ClassVar[frozenset[str]] = frozenset({"token", "url"})


class VisitRead(Reading):
    """What one visitor looked at on one day."""

    id: UUID
    day: date
    form: str = Field(description="`html` is the page itself.")
    visitor: str = Field(
        description="The same for requests of one day from one address and program, and another one tomorrow: visitors "
        "can be counted, not recognised."
    )
    times: int
    first_at: Timestamp
    last_at: Timestamp
