"""What callers send and see of merges."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, Resource, Timestamp

Customer = Annotated[Literal["contact", "company"], Field(description="What the two are.")]


class CustomerMergeCreate(Body):
    """Two contacts, or two companies, that are one."""

    subject: Customer
    kept_id: UUID = Field(description="Who stays.")
    merged_id: UUID = Field(description="Who becomes one with them; what they lack is taken from here.")

    @model_validator(mode="after")
    def _are_two(self) -> Self:
        if self.kept_id == self.merged_id:
            raise ValueError("name two different ones")
        return self


class CustomerMergeRead(Resource):
    """A merge, and whether it was undone."""

    subject: Customer
    kept_id: UUID
    merged_id: UUID
    taken: list[str] = Field(
        validation_alias="taken_fields", description="The fields that the kept one lacked and took over."
    )
    moved: dict[str, int] = Field(default={}, description="How many rows point to the kept one since, by what points.")
    made_by: str
    undone_at: Timestamp | None
