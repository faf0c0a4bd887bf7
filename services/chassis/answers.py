"""What a handler may return besides a resource or a page, and how it becomes bytes."""

import functools
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from services.chassis.types import Page

Content = TypeVar("Content")


@dataclass(frozen=True)
class Created(Generic[Content]):
    """201 with the resource and its Location."""

    resource: Any
    location: str | None = None


@dataclass(frozen=True)
class Accepted(Generic[Content]):
    """202: the work goes on as an operation; the resource, if any, can be watched meanwhile."""

    resource: Any
    operation_id: str


def created(resource: Any, *, location: str | None = None) -> Created[Any]:
    """The answer to a creation; Location is the request's path and the resource's id unless given."""
    return Created(resource, location)


def accepted(resource: Any, *, operation_id: str) -> Accepted[Any]:
    """The answer to long work; Location is the operation's."""
    return Accepted(resource, operation_id)


class Held(Response):
    """What a handler returned, carried past the framework's own rendering."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


class ShownOnce(Response):
    """An answer with a secret in it; `kept_body` is what may be stored for a replay."""

    def __init__(self, body: bytes, status: int, headers: dict[str, str], media_type: str, *, kept: bytes) -> None:
        super().__init__(body, status, headers, media_type)
        self.kept_body = kept


@dataclass(frozen=True)
class AnswerShape:
    """The status and content that a handler's return annotation promises."""

    status: int
    content: Any

    @classmethod
    def of(cls, annotation: Any) -> "AnswerShape":
        origin = get_origin(annotation)
        if annotation is None or annotation is type(None):
            return cls(204, None)
        if origin is Created:
            return cls(201, get_args(annotation)[0])
        if origin is Accepted:
            return cls(202, get_args(annotation)[0])
        if isinstance(annotation, type) and issubclass(annotation, Response):
            return cls(200, None)
        return cls(200, annotation)

    @functools.cached_property
    def adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.content)

    def render(self, result: Any, request: Request) -> Response:
        """The response for what the handler returned."""
        if isinstance(result, Response):
            return result
        if result is None and self.content is None:
            return Response(status_code=self.status)
        headers: dict[str, str] = {}
        value = result.resource if isinstance(result, Created | Accepted) else result
        content = self.adapter.validate_python(value, from_attributes=True)
        if isinstance(result, Created):
            headers["Location"] = result.location or f"{request.url.path.rstrip('/')}/{content.id}"
        if isinstance(result, Accepted):
            headers["Location"] = f"/v1/operations/{result.operation_id}"
        if isinstance(content, BaseModel) and isinstance(etag := getattr(content, "etag", None), str):
            headers["ETag"] = etag
        if isinstance(content, Page) and content.next_cursor:
            following = request.url.include_query_params(cursor=content.next_cursor)
            headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
        body, media_type = self.adapter.dump_json(content), "application/json"
        if hidden := getattr(content, "shown_once", None):
            return ShownOnce(body, self.status, headers, media_type, kept=self._without(content, hidden))
        return Response(body, self.status, headers, media_type=media_type)

    def _without(self, content: Any, hidden: frozenset[str]) -> bytes:
        """The body as it may be kept: secrets that are shown once are not stored for a replay either."""
        return self.adapter.dump_json(content.model_copy(update=dict.fromkeys(hidden)))
