"""What callers send and see of exchange rates."""

from datetime import date
from typing import Annotated, Self

from pydantic import AliasChoices, Field, model_validator

from services.chassis.types import Body, Currency, Day, Patch, Reading, Real, Remark, Resource, omitted

Factor = Annotated[
    Real, Field(ge=1e-9, le=1e9, description="How many units of the quote currency one unit of the base is worth.")
]


class ExchangeRateCreate(Body):
    base_currency: Currency = Field(examples=["USD"])
    quote_currency: Currency = Field(examples=["EUR"])
    rate: Factor
    valid_from: Day = Field(description="Holds from this day until a later rate of the same two does.")
    source: Remark | None = Field(default=None, description="Where it was read.")

    @model_validator(mode="after")
    def _of_two(self) -> Self:
        if self.base_currency == self.quote_currency:
            raise ValueError("a rate lies between two currencies")
        return self


class ExchangeRateUpdate(Patch):
    rate: Factor = omitted()
    source: Remark | None = None


class ExchangeRateRead(Resource):
    base_currency: str
    quote_currency: str
    rate: float
    valid_from: date
    source: str | None


class RateUsed(Reading):
    """A rate that an amount was converted at, as the domain has it or as it was kept."""

    base_currency: str = Field(validation_alias=AliasChoices("base", "base_currency"))
    quote_currency: str = Field(validation_alias=AliasChoices("quote", "quote_currency"))
    rate: float
    valid_from: date


class RateWanted(Reading):
    """A rate that nobody has entered: what it was needed for is in no figure."""

    base_currency: str = Field(validation_alias="base")
    quote_currency: str = Field(validation_alias="quote")
    on: date = Field(description="The day on which it had to hold.")
