"""JSON as I-JSON (RFC 7493) has it: no duplicate keys, no NaN, no lone surrogates, bounded depth and numbers."""

import json
import math
from typing import Any, NoReturn

from services.chassis.errors import FieldError, MalformedBody

MAX_DEPTH = 64
MAX_SAFE_INTEGER = 2**53 - 1


def parse_json(body: bytes) -> Any:
    """The value in a body; raises MalformedBody with a JSON Pointer where one can be named."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise MalformedBody("The body is not UTF-8.") from None
    except RecursionError:
        raise MalformedBody(f"The body is nested deeper than {MAX_DEPTH} levels.") from None
    except json.JSONDecodeError as fault:
        raise MalformedBody(f"Not JSON: {fault.msg} at line {fault.lineno}, column {fault.colno}.") from None
    except ValueError:
        raise MalformedBody("A number in the body has too many digits.") from None
    check_json(value)
    return value


def check_json(value: Any) -> None:
    """Raises MalformedBody for what JSON can carry and no consumer can: depth, numbers and text out of bounds."""
    pending: list[tuple[Any, str, int]] = [(value, "", 1)]
    while pending:
        item, pointer, depth = pending.pop()
        if not isinstance(item, dict | list):
            _check_scalar(item, pointer)
            continue
        if depth > MAX_DEPTH:
            raise MalformedBody(f"The body is nested deeper than {MAX_DEPTH} levels.")
        if isinstance(item, dict):
            for key in item:
                _check_text(key, pointer)
        pairs = item.items() if isinstance(item, dict) else enumerate(item)
        pending.extend((child, f"{pointer}/{pointer_token(key)}", depth + 1) for key, child in pairs)


def pointer_token(key: object) -> str:
    """A reference token of a JSON Pointer, escaped as RFC 6901 section 3 says."""
    return str(key).replace("~", "~0").replace("/", "~1").encode("utf-8", "replace").decode()


def _check_scalar(item: Any, pointer: str) -> None:
    if isinstance(item, str):
        _check_text(item, pointer)
    elif isinstance(item, float) and not math.isfinite(item):
        _refuse(pointer, "The number is too large.")
    elif isinstance(item, int) and abs(item) > MAX_SAFE_INTEGER:
        _refuse(pointer, "Integers lie within plus or minus 2^53-1.")


def _check_text(text: str, pointer: str) -> None:
    if "\x00" in text:
        _refuse(pointer, "Text may not contain NUL.")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        _refuse(pointer, "Text may not contain a lone surrogate.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise MalformedBody(f"The key {json.dumps(twice)} stands twice in one object.")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedBody(f"{name} is not JSON.")


def _refuse(pointer: str, detail: str) -> NoReturn:
    raise MalformedBody(detail, errors=[FieldError(pointer, detail)])
