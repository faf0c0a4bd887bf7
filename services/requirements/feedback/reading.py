"""Reads feedback from JSON: quickly where the bytes leave no doubt, strictly where they do."""

import msgspec
from pydantic import ValidationError

from services.chassis.bulk import invalid_line
from services.chassis.errors import FieldError, Invalid
from services.chassis.strict_json import parse_json
from services.requirements.feedback.schemas import FeedbackCreate

DECODE = msgspec.json.Decoder().decode


def read_feedback(body: bytes) -> FeedbackCreate:
    """One piece of feedback; raises MalformedBody or Invalid, naming the fields."""
    if not body.strip():
        raise Invalid(errors=[FieldError("", "Field required", "missing")])
    try:
        return FeedbackCreate.model_validate(_parse(body))
    except ValidationError as fault:
        raise invalid_line(fault) from None


def _parse(body: bytes) -> object:
    """The value, as `parse_json` would give it, at a twentieth of the cost for all usual bodies.

    msgspec refuses NaN, lone surrogates and broken UTF-8, and the schema takes no deep nesting, no NUL and no number
    that JSON cannot carry; what is left to find are keys that stand twice. When no colon has a space before it, each
    key of an object is followed by exactly one `":`, and no other `":` occurs outside of strings; within a string its
    quote is escaped. So as many `":` as keys means that every key stood once. Whatever does not fit is read again by
    the strict parser.
    """
    try:
        value = DECODE(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return parse_json(body)
    keys = _count_keys(value)
    if body.count(b'":') != keys or _has_spaced_colon(body, keys):
        return parse_json(body)
    return value


def _has_spaced_colon(body: bytes, keys: int) -> bool:
    """Whether a colon may have a space before it; most bodies have no other colons than those of their keys."""
    return body.count(b":") != keys and (b" :" in body or b"\t:" in body or b"\n:" in body or b"\r:" in body)


def _count_keys(value: object) -> int:
    """As deep as the schema goes: an object in a list in the object. Plain loops, for it runs once per line."""
    count = 0
    if isinstance(value, dict):
        count = len(value)
        for each in value.values():
            if isinstance(each, dict | list):
                count += _count_keys(each)
    elif isinstance(value, list):
        for each in value:
            if isinstance(each, dict):
                count += _count_keys(each)
    return count
