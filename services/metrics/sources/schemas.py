"""Sources as callers send and see them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.chassis.types import Body, Flag, Patch, Resource, Timestamp, Title, WebUrl, omitted
from services.metrics.kpis.schemas import DimensionName

PATH = r"^[^\x00.]+(\.[^\x00.]+)*$"

JsonPath = Annotated[str, StringConstraints(max_length=200, pattern=PATH)]
ItemsPath = Annotated[str, StringConstraints(max_length=200, pattern=rf"({PATH})|^$")]
DimensionPaths = Annotated[dict[DimensionName, JsonPath], Field(max_length=10)]
Minutes = Annotated[int, Field(ge=5, le=10_080)]
Credential = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^[\x20-\x7e]+$")]


class MeasurementSourceCreate(Body):
    """Where figures are fetched from, and where in the answer they are."""

    name: Title
    kpi_id: UUID
    url: WebUrl = Field(description="Answers a GET with JSON of a megabyte at most; https, and on the public Internet.")
    authorization: Credential | None = Field(
        default=None, description="Sent as the header `Authorization`; kept encrypted, and never shown again."
    )
    items_path: ItemsPath = Field(
        default="", description="Where the list of items is, with dots between: `data.rows`. Empty: the answer itself."
    )
    value_path: JsonPath = Field(description="Where in an item its value is.", examples=["value"])
    time_path: JsonPath | None = Field(
        default=None, description="Where its time is (RFC 3339, or seconds or milliseconds since 1970). Else: now."
    )
    key_path: JsonPath | None = Field(default=None, description="Where its own name is. Else its time names it.")
    dimension_paths: DimensionPaths = Field(default={}, description="Where the value of each dimension is.")
    every_minutes: Minutes = 60
    is_enabled: Flag = True


class MeasurementSourceUpdate(Patch):
    """What is to change."""

    name: Title = omitted()
    url: WebUrl = omitted()
    authorization: Credential | None = None
    items_path: ItemsPath = omitted()
    value_path: JsonPath = omitted()
    time_path: JsonPath | None = None
    key_path: JsonPath | None = None
    dimension_paths: DimensionPaths = omitted()
    every_minutes: Minutes = omitted()
    is_enabled: Flag = omitted()


class MeasurementSourceRead(Resource):
    """A source, and how the last pull went."""

    name: str
    kpi_id: UUID
    url: str
    has_authorization: bool
    items_path: str
    value_path: str
    time_path: str | None
    key_path: str | None
    dimension_paths: dict[str, str]
    every_minutes: int
    is_enabled: bool
    next_pull_at: Timestamp
    pulled_at: Timestamp | None
    result: dict[str, int] | None = Field(
        description="Of the last pull that went well: items that were new, known, corrected, or of no use."
    )
    fault: str | None = Field(description="Why the last pull failed; null when it went well.")
