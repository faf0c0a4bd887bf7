"""Which values a declared field takes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class FieldKind(StrEnum):
    """What the values of a field are."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True)
class Declared:
    """A field as the workspace declared it."""

    kind: FieldKind
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class Fault:
    """A value that does not fit, and why."""

    name: str
    detail: str


def faults_in(values: Mapping[str, object], declared: Mapping[str, Declared]) -> Iterator[Fault]:
    """Each value of a field that nobody declared, or that is not of the field's kind; null fits every kind."""
    for name, value in values.items():
        field = declared.get(name)
        if field is None:
            yield Fault(name, "This workspace has declared no such field.")
        elif value is not None and not _FITS[field.kind](value, field.choices):
            yield Fault(name, _EXPECTED[field.kind].format(choices=", ".join(field.choices)))


def _is_text(value: object, _: Sequence[str]) -> bool:
    return isinstance(value, str)


def _is_number(value: object, _: Sequence[str]) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_flag(value: object, _: Sequence[str]) -> bool:
    return isinstance(value, bool)


def _is_date(value: object, _: Sequence[str]) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_choice(value: object, choices: Sequence[str]) -> bool:
    return value in choices


def _are_choices(value: object, choices: Sequence[str]) -> bool:
    return isinstance(value, list) and len(set(value)) == len(value) and set(value) <= set(choices)


_FITS: Mapping[FieldKind, Callable[[object, Sequence[str]], bool]] = {
    FieldKind.TEXT: _is_text,
    FieldKind.NUMBER: _is_number,
    FieldKind.FLAG: _is_flag,
    FieldKind.DATE: _is_date,
    FieldKind.CHOICE: _is_choice,
    FieldKind.CHOICES: _are_choices,
}
_EXPECTED = {
    FieldKind.TEXT: "This field takes text.",
    FieldKind.NUMBER: "This field takes a number.",
    FieldKind.FLAG: "This field takes true or false.",
    FieldKind.DATE: "This field takes a date, for example 2026-01-31.",
    FieldKind.CHOICE: "This field takes one of: {choices}.",
    FieldKind.CHOICES: "This field takes a list of these, each once: {choices}.",
}
