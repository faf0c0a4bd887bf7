"""What admins send and see of their sandbox."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Reading, Timestamp, Title


class SandboxKeyCreate(Body):
    name: Title


class SandboxRead(Reading):
    id: UUID = Field(description="The sandbox is a workspace: this is its id.")
    name: str
    keys: int = Field(description="How many keys of it work now.")
    created_at: Timestamp


class SandboxKeyCreated(Reading):
    id: UUID
    sandbox_id: UUID = Field(description="The workspace that the key reaches, and the only one.")
    name: str
    hint: str = Field(description="The last four characters of the key, to recognise it by.")
    key: str | None = Field(
        description="The key itself, shown this once. A replay under the same Idempotency-Key answers null here.",
        examples=["fc_test_..."],
    )

    shown_once: ClassVar[frozenset[str]] = frozenset({"key"})
