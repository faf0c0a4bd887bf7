"""What callers see of a chain."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from gateway.compositions.trace.chain import Direction
from services.chassis.trace import Fact
from services.chassis.types import Timestamp


class ChainNode(BaseModel):
    id: UUID
    type: str = Field(examples=["feedback", "theme", "requirement", "feature", "outcome"])
    label: str = Field(description="Words to recognise it by.", examples=["The export takes minutes"])
    service: str = Field(description="The service that keeps it.")
    direction: Direction = Field(description="Whether it led to what you asked about, or came of it.")
    at: Timestamp | None
    facts: dict[str, Fact]


class ChainLink(BaseModel):
    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    from_id: UUID = Field(alias="from")
    to_id: UUID = Field(alias="to")
    kind: str = Field(description="Why the one follows from the other.", examples=["supports", "becomes"])


class ChainRead(BaseModel):
    id: UUID
    nodes: list[ChainNode] = Field(description="From the first cause to the last consequence.")
    links: list[ChainLink]
    is_truncated: bool = Field(description="The chain is longer than what is shown.")
    unavailable: list[str] = Field(description="Services that could not be asked; their part is missing.")
