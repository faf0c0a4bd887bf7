"""What callers send and see of merged themes."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, Remark, Resource, Timestamp


class ThemeMergeCreate(Body):
    """Two themes that are one."""

    kept_id: UUID = Field(description="The theme that stays.")
    merged_id: UUID = Field(description="The theme whose feedback is shown under it from now on.")
    reason: Remark | None = None

    @model_validator(mode="after")
    def _are_two(self) -> Self:
        if self.kept_id == self.merged_id:
            raise ValueError("a theme is not merged into itself")
        return self


class ThemeMergeRead(Resource):
    """Two themes that a person found to be one."""

    kept_id: UUID
    merged_id: UUID
    reason: str | None
    made_by: str
    undone_at: Timestamp | None = Field(description="When it was undone.")
