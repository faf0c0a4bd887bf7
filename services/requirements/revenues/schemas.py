"""What callers send and see of revenue."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, Day, Money, Resource


class RevenueCreate(Body):
    """What a company pays in a year, and when that is so."""

    annual: Money = Field(description="What it amounts to in a year, in minor units.")
    valid_from: Day
    valid_until: Day | None = Field(default=None, description="The first day on which it no longer holds.")

    @model_validator(mode="after")
    def _is_some_time(self) -> Self:
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise ValueError("valid_until is later than valid_from")
        return self


class RevenueRead(Resource):
    """What a company pays, for some time."""

    company_id: UUID
    annual: Money
    valid_from: Day
    valid_until: Day | None
