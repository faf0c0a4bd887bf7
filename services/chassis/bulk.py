"""NDJSON in and out: a line each, in order; one bad line fails no other, unless the caller wants all or none."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from fastapi import Query
from fastapi.responses import Response
from pydantic import TypeAdapter, ValidationError

from services.chassis.errors import ContentTooLarge, FieldError, Invalid, Problem
from services.chassis.strict_json import parse_json, pointer_token
from services.chassis.tracing import current_trace_id

MAX_LINES = 10_000
MAX_BYTES = 10 * 1024 * 1024
NDJSON = "application/x-ndjson"

# How the answer of a bulk route is documented: the schema is that of one line.
BULK_RESPONSES: dict[str, Any] = {
    "200": {
        "description": "A result for each line, in order.",
        "content": {
            NDJSON: {
                "schema": {
                    "type": "object",
                    "required": ["line", "status"],
                    "properties": {
                        "line": {"type": "integer"},
                        "status": {"type": "integer"},
                        "id": {"type": "string", "format": "uuid"},
                        "problem": {"$ref": "#/components/schemas/Problem"},
                    },
                }
            }
        },
    }
}

Content = TypeVar("Content")


Atomic = Annotated[bool, Query(description="All lines or none.")]


def bulk_document(schema: str) -> dict[str, Any]:
    """How a route is documented that takes lines of that schema."""
    content = {NDJSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"requestBody": {"required": True, "content": content}, "responses": BULK_RESPONSES}


class Line(msgspec.Struct, frozen=True):
    """What became of one input line: an id, or a problem."""

    number: int
    status: int
    id: UUID | None = None
    problem: Problem | None = None

    def plain(self) -> bytes | None:
        """The line's bytes where nothing went wrong, as nearly always: made without a document in between."""
        if self.problem is not None or self.id is None:
            return None
        return b'{"line":%d,"status":%d,"id":"%b"}\n' % (self.number, self.status, str(self.id).encode())

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = {"line": self.number, "status": self.status}
        if self.id is not None:
            document["id"] = str(self.id)
        if self.problem is not None:
            instance = f"#line-{self.number}"
            document["problem"] = self.problem.document(instance=instance, trace_id=current_trace_id())
        return document


def split_lines(body: bytes) -> list[tuple[int, bytes]]:
    """The lines that are not blank, each with its number, from 1; raises ContentTooLarge beyond the limits."""
    if len(body) > MAX_BYTES:
        raise ContentTooLarge(f"At most {MAX_BYTES} bytes.")
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), start=1) if line.strip()]
    if len(lines) > MAX_LINES:
        raise ContentTooLarge(f"At most {MAX_LINES} lines.")
    return lines


def read_lines(body: bytes, adapter: TypeAdapter[Content]) -> Iterator[tuple[int, Content | Problem]]:
    """Each line as its model, or as the problem that it has."""
    for number, line in split_lines(body):
        try:
            yield number, adapter.validate_python(parse_json(line))
        except Problem as problem:
            yield number, problem
        except ValidationError as fault:
            yield number, invalid_line(fault)


def invalid_line(fault: ValidationError) -> Invalid:
    """The problem of a line that its model refuses."""
    return Invalid(
        errors=[
            FieldError("".join(f"/{pointer_token(token)}" for token in each["loc"]), each["msg"], each["type"])
            for each in fault.errors(include_url=False, include_input=False)
        ]
    )


def refuse_partly(lines: Sequence[Line]) -> None:
    """With `atomic=true`: raises Invalid, naming the lines, when any has a problem; nothing is written then."""
    bad = [line for line in lines if line.problem is not None]
    if bad:
        errors = [FieldError(f"/{line.number}", line.problem.detail, line.problem.code) for line in bad if line.problem]
        raise Invalid("Nothing was written: not every line can be.", errors=errors[:100], failed_lines=len(bad))


def lines_answer(lines: Sequence[Line], *, encode: Callable[[Any], bytes] | None = None) -> Response:
    """200 with a result line per input line, in their order."""
    write = encode or (lambda document: json.dumps(document, separators=(",", ":")).encode())
    return Response(b"".join(line.plain() or write(line.document()) + b"\n" for line in lines), media_type=NDJSON)


def whole_answer(lines: Sequence[Line], *, atomic: bool) -> Response:
    """The result lines, or with `atomic` the problem of those that cannot be written."""
    if atomic:
        refuse_partly(lines)
    return lines_answer(lines, encode=msgspec.json.encode)
