"""What callers see of the audit log."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.chassis.types import Timestamp

Keeper = Literal["gateway", "requirements", "roadmap", "metrics"]


class AuditEntry(BaseModel):
    """One act: who did what to what, when and from where."""

    service: Keeper = Field(description="Who keeps the entry, in a chain of its own.")
    position: int = Field(description="Its place in that chain: 1, 2, 3 without a gap.")
    at: Timestamp
    actor_id: str = Field(examples=["key:019c0d8e-7f2a-7c61-9d35-0b2f4c1a8e77"])
    actor_kind: str = Field(examples=["key", "person", "system"])
    action: str = Field(examples=["feature.updated"])
    subject_type: str = Field(examples=["feature"])
    subject_id: UUID
    before: dict[str, Any] | None = Field(description="What the change replaced or removed.")
    after: dict[str, Any] | None = Field(description="What the change made of it.")
    is_erased: bool = Field(description="`before` and `after` were erased with a person's data; the entry still holds.")
    is_unconditional: bool = Field(description="Done with `If-Match: *`, whatever was there.")
    source: str = Field(description="The address that the request came from.")
    trace_id: str
    digest: str = Field(description="SHA-256 over the entry and the digest before it.")


class AuditPage(BaseModel):
    items: list[AuditEntry] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last.")


class ChainVerification(BaseModel):
    """How far one service's chain holds."""

    service: Keeper
    verified_to: int = Field(description="Every entry up to this position holds.")
    digest: str = Field(description="The digest there. Keep it elsewhere: whoever writes a chain anew cannot keep it.")
    is_complete: bool = Field(description="Whether this is the end of the chain.")
    broken_at: int | None = Field(description="The position of the first entry that does not hold.")
    reason: str | None = Field(examples=["the entry has been altered"])


class AuditVerification(BaseModel):
    is_intact: bool = Field(description="No entry that was looked at is broken.")
    chains: list[ChainVerification]
    next_cursor: str | None = Field(description="Send it as `cursor` to go on where this stopped; null at the end.")
