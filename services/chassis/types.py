"""The constrained types that every schema is made of, and the shapes of bodies, resources and pages."""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.chassis.errors import FieldError, Invalid
from services.chassis.strict_json import MAX_SAFE_INTEGER


def _normalised(text: str) -> str:
    if "\x00" in text:
        raise ValueError("text may not contain NUL")
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _readable(url: str) -> str:
    """An address that programs can take apart: a host in brackets is an IP address, a port is a number."""
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and (parts.port is None or parts.port >= 0)
    except ValueError:
        is_whole = False
    if not is_whole:
        raise ValueError("this is no web address")
    return url


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset, for example 2026-01-31T09:00:00Z")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the time is out of range") from None


def _written(value: Any) -> Any:
    if not isinstance(value, str | date):
        raise ValueError("write it as text, as RFC 3339 has it")
    return value


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise ValueError("write it as a number")
    return value


Text = Annotated[str, AfterValidator(_normalised)]


def _line(longest: int) -> StringConstraints:
    return StringConstraints(min_length=1, max_length=longest, strip_whitespace=True)


Title = Annotated[str, _line(200), AfterValidator(_normalised)]
Remark = Annotated[str, _line(2_000), AfterValidator(_normalised)]
Label = Annotated[str, _line(64), AfterValidator(_normalised)]
Prose = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_normalised)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=100_000), AfterValidator(_normalised)]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_normalised)]
EmailAddress = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$", strip_whitespace=True),
    AfterValidator(_normalised),
]
DomainName = Annotated[
    str, StringConstraints(max_length=253, to_lower=True, pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
]
WebUrl = Annotated[
    str,
    StringConstraints(max_length=2_000, pattern=r"^https?://[^\s]+$"),
    AfterValidator(_normalised),
    AfterValidator(_readable),
]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

Whole = Annotated[
    int, BeforeValidator(_no_boolean, json_schema_input_type=int), Field(ge=-MAX_SAFE_INTEGER, le=MAX_SAFE_INTEGER)
]
Count = Annotated[int, BeforeValidator(_no_boolean, json_schema_input_type=int), Field(ge=0, le=MAX_SAFE_INTEGER)]
Real = Annotated[
    float,
    BeforeValidator(_no_boolean, json_schema_input_type=float),
    Field(allow_inf_nan=False, ge=-1e15, le=1e15),
]
Share = Annotated[float, BeforeValidator(_no_boolean, json_schema_input_type=float), Field(ge=0, le=1)]
Flag = Annotated[bool, Field(strict=True)]
Timestamp = Annotated[datetime, BeforeValidator(_written, json_schema_input_type=datetime), AfterValidator(_aware)]
Day = Annotated[date, BeforeValidator(_written, json_schema_input_type=date)]

MAX_METADATA = 50


MetadataKey = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_normalised)]
MetadataValue = Annotated[str, StringConstraints(max_length=500), AfterValidator(_normalised)]


def _bounded_metadata(values: dict[str, Any]) -> dict[str, Any]:
    if len(values) > MAX_METADATA:
        raise ValueError(f"at most {MAX_METADATA} entries")
    return values


Metadata = Annotated[
    dict[MetadataKey, MetadataValue],
    AfterValidator(_bounded_metadata),
    Field(json_schema_extra={"maxProperties": MAX_METADATA}),
]


class MetadataChange(dict[str, str | None]):
    """What a merge patch says of metadata; a row that it is assigned to merges it into what it has."""

    def merged_into(self, values: dict[str, str]) -> dict[str, str]:
        """What stands afterwards. Raises Invalid where that is too much."""
        merged = {name: value for name, value in {**values, **self}.items() if value is not None}
        if len(merged) > MAX_METADATA:
            raise Invalid(errors=[FieldError("/metadata", f"At most {MAX_METADATA} entries.", "too_long")])
        return merged


MetadataPatch = Annotated[
    dict[MetadataKey, MetadataValue | None],
    AfterValidator(_bounded_metadata),
    AfterValidator(MetadataChange),
    Field(
        json_schema_extra={"maxProperties": MAX_METADATA},
        description="Merged into what is there: a key that is absent stays, null deletes it.",
    ),
]


class Body(BaseModel):
    """What a caller sends: a field that is not declared is refused."""

    model_config = ConfigDict(extra="forbid")

    def fields(self) -> dict[str, Any]:
        """Every field with its value, ready for a row."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class Patch(Body):
    """A merge patch (RFC 7396): what is absent stays, null deletes, arrays replace."""

    def changes(self) -> dict[str, Any]:
        """Only the fields that the caller sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def omitted() -> Any:
    """The default of a field that a patch may leave out but not set to null."""
    return Field(default_factory=lambda: None)


def empty(kind: type[list[Any]] | type[dict[str, Any]], **declared: Any) -> Any:
    """The default of a list or an object, made anew: pydantic copies a plain `[]` or `{}` deeply, which is slower."""
    return Field(default_factory=kind, json_schema_extra={"default": kind()}, **declared)


class Money(Body):
    """An amount in minor units (cents) and its ISO 4217 currency."""

    amount_minor: Whole
    currency: Currency


class Reading(BaseModel):
    """What callers see; made from a row or from keywords. A start uses few of them: each is built at its first use."""

    model_config = ConfigDict(from_attributes=True, defer_build=True)


class Resource(Reading):
    """What has an id of its own and changes under an ETag."""

    id: UUID
    etag: str = Field(description="The strong validator to send back in If-Match.", examples=['"1"'])
    created_at: Timestamp
    updated_at: Timestamp


class Tombstone(Reading):
    """Stands in a list of changes for what was deleted, or no longer matches."""

    id: UUID
    is_deleted: bool = True


Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """Some of a list, and how to go on."""

    model_config = ConfigDict(defer_build=True)

    items: list[Item]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last.")
    sync_token: str | None = Field(default=None, description="Send it later as `sync_token` to get only what changed.")
    deleted: list[Tombstone] = Field(default=[], description="With `sync_token`: what is gone since.")
    count: int | None = Field(default=None, description="With `count=exact`: how many match.")


VISIBLE_ASCII = re.compile(r"^[\x21-\x7e]{1,255}$")
