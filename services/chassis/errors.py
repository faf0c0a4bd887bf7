"""Everything that can go wrong, as one tree; rendered once, in `problems.py`.

Problem
├── BadRequest 400
├── Unauthenticated 401
├── Forbidden 403
├── NotFound 404
├── MethodNotAllowed 405
├── RequestTimeout 408
├── Conflict 409
│   ├── AlreadyExists
│   ├── RequestInProgress
│   └── StillReferenced
├── Gone 410
├── PreconditionFailed 412
├── ContentTooLarge 413
├── UnsupportedMediaType 415
├── Invalid 422
│   ├── MalformedBody
│   ├── UnknownReference
│   └── IdempotencyKeyReused
├── PreconditionRequired 428
├── TooManyRequests 429
├── InternalError 500
├── BadGateway 502
├── Unavailable 503
└── GatewayTimeout 504
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

PROBLEM_JSON = "application/problem+json"


@dataclass(frozen=True)
class FieldError:
    """One fault of the input, at a JSON Pointer (RFC 6901) into the body, or at `query`, `path` or `header`."""

    pointer: str
    detail: str
    code: str = "invalid"

    def document(self) -> dict[str, str]:
        return {"pointer": self.pointer, "detail": self.detail, "code": self.code}


class Problem(Exception):
    """An answer that is not a success, as RFC 9457 has it."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extensions = extensions

    def document(self, *, instance: str, trace_id: str) -> dict[str, Any]:
        """The members of RFC 9457, with `code` for programs and `trace_id` for support."""
        document: dict[str, Any] = {
            "type": f"urn:fullcircle:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "trace_id": trace_id,
        }
        if self.errors:
            document["errors"] = [error.document() for error in self.errors]
        return document | self.extensions


class BadRequest(Problem):
    status, code, title = 400, "bad_request", "The request cannot be understood"


class Unauthenticated(Problem):
    status, code, title = 401, "unauthenticated", "Say who you are"

    def __init__(self, detail: str | None = None, **more: Any) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"}, **more)


class Forbidden(Problem):
    status, code, title = 403, "forbidden", "You may not do this"


class NotFound(Problem):
    status, code, title = 404, "not_found", "There is no such thing"


class MethodNotAllowed(Problem):
    status, code, title = 405, "method_not_allowed", "This address does not take that method"


class RequestTimeout(Problem):
    status, code, title = 408, "request_timeout", "The body did not arrive in time"


class Conflict(Problem):
    status, code, title = 409, "conflict", "The request conflicts with the current state"


class AlreadyExists(Conflict):
    code, title = "already_exists", "Something with this identity exists already"


class StillReferenced(Conflict):
    code, title = "still_referenced", "Something else still refers to this"


class RequestInProgress(Conflict):
    code, title = "request_in_progress", "The first request with this Idempotency-Key is still running"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})


class Gone(Problem):
    status, code, title = 410, "gone", "This is no longer kept"


class PreconditionFailed(Problem):
    status, code, title = 412, "stale_etag", "The resource has changed since you read it"


class ContentTooLarge(Problem):
    status, code, title = 413, "content_too_large", "The body is too large"


class UnsupportedMediaType(Problem):
    status, code, title = 415, "unsupported_media_type", "This address does not take that content type"


class Invalid(Problem):
    status, code, title = 422, "invalid", "The input is not valid"


class MalformedBody(Invalid):
    code, title = "malformed_body", "The body cannot be read"


class UnknownReference(Invalid):
    code, title = "unknown_reference", "The input refers to something that does not exist"


class IdempotencyKeyReused(Invalid):
    code, title = "idempotency_key_reused", "This Idempotency-Key was used with another request"


class PreconditionRequired(Problem):
    status, code, title = 428, "if_match_required", "Send If-Match with the ETag that you read"


class TooManyRequests(Problem):
    status, code, title = 429, "rate_limited", "Too many requests"


class InternalError(Problem):
    """A fault of ours; the detail never says more than the title."""


class BadGateway(Problem):
    status, code, title = 502, "bad_gateway", "A service behind this address gave no usable answer"


class Unavailable(Problem):
    status, code, title = 503, "unavailable", "The service cannot answer just now"

    def __init__(self, detail: str | None = None, *, retry_after_s: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_s)})


class GatewayTimeout(Problem):
    status, code, title = 504, "gateway_timeout", "A service behind this address took too long"


def problem_types() -> dict[int, type[Problem]]:
    """The first class of the tree for each status."""
    return {each.status: each for each in reversed(Problem.__subclasses__())}
