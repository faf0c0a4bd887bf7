"""No lost updates: strong ETags and If-Match (RFC 9110 section 13, RFC 6585 section 3)."""

from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Header

from services.chassis.errors import BadRequest, PreconditionFailed, PreconditionRequired


class Tagged(Protocol):
    @property
    def etag(self) -> str: ...


@dataclass(frozen=True)
class Precondition:
    """The tags that a caller accepts; `*` accepts any."""

    tags: tuple[str, ...]

    def check(self, row: Tagged) -> None:
        """Raises PreconditionFailed when the row, locked by the caller, is not the one that was read."""
        if "*" not in self.tags and row.etag not in self.tags:
            raise PreconditionFailed(f"The resource is at {row.etag}.", current_etag=row.etag)


IfMatchHeader = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag that you read; `*` for whatever is there.",
        examples=['"1"'],
        max_length=1000,
    ),
]


async def _precondition(if_match: IfMatchHeader = None) -> Precondition:
    if if_match is None:
        raise PreconditionRequired
    return _read(if_match)


def _precondition_if_sent(if_match: IfMatchHeader = None) -> Precondition | None:
    return None if if_match is None else _read(if_match)


def _read(if_match: str) -> Precondition:
    tags = tuple(tag.strip() for tag in if_match.split(","))
    if any(tag != "*" and not is_strong_tag(tag) for tag in tags):
        raise BadRequest('If-Match takes strong entity tags, for example "3".')
    return Precondition(tags)


IfMatch = Annotated[Precondition, Depends(_precondition)]

# For a PUT that may create: whether the header is needed is known only once the row has been looked for.
IfMatchIfSent = Annotated[Precondition | None, Depends(_precondition_if_sent)]


def is_strong_tag(tag: str) -> bool:
    return len(tag) >= 2 and tag[0] == tag[-1] == '"' and '"' not in tag[1:-1]


def matches_none(if_none_match: str, etag: str) -> bool:
    """Whether a GET with this If-None-Match may be answered 304 (weak comparison)."""
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in {"*", etag} for tag in tags)
