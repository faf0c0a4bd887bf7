"""Usage events as callers send and see them."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from services.chassis.types import Body, ExternalId, Label, Reading, Real, Timestamp

MOST_PROPERTIES = 50
LONGEST_TEXT = 500

PropertyText = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]


def _without_nul(properties: dict[str, Any]) -> dict[str, Any]:
    if any("\x00" in name or (isinstance(value, str) and "\x00" in value) for name, value in properties.items()):
        raise ValueError("text may not contain NUL")
    return properties


Properties = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=64)],
        PropertyText | Annotated[bool, Field(strict=True)] | Real,
    ],
    Field(max_length=MOST_PROPERTIES),
    AfterValidator(_without_nul),
]


class UsageEventCreate(Body):
    """That somebody did something."""

    name: Label
    occurred_at: Timestamp
    person: ExternalId | None = Field(
        default=None, description="Your own id of who did it. Only a keyed hash of it is kept."
    )
    account: ExternalId | None = Field(default=None, description="Whom they did it for; kept as a keyed hash, too.")
    dedupe_key: ExternalId | None = Field(
        default=None, description="Your own name for the event: sent again, it counts once."
    )
    properties: Properties = Field(default={}, description="What KPIs filter by, break down by, or add up.")


class UsageEventRead(Reading):
    """A usage event; it never changes, and does not say who it was."""

    id: UUID
    name: str
    occurred_at: Timestamp
    dedupe_key: str
    properties: dict[str, Any]
    origin: str
    received_at: Timestamp
