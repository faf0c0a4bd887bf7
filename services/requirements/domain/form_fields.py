"""What a public form asks, and whether an answer answers it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LONGEST_LINE = 200
LONGEST_TEXT = 20_000
EMAIL = re.compile(r"^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$")


class Asked(StrEnum):
    """What a field asks for, and so where its answer goes."""

    TEXT = "text"
    TITLE = "title"
    EMAIL = "email"
    NAME = "name"
    RATING = "rating"
    CHOICE = "choice"
    LINE = "line"


ONCE = frozenset({Asked.TEXT, Asked.TITLE, Asked.EMAIL, Asked.NAME, Asked.RATING})
"""There is one place for each of these; other answers stand under their field's name in metadata."""


@dataclass(frozen=True)
class FormField:
    """A field of a form."""

    name: str
    asks: Asked
    is_required: bool
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class Fault:
    """An answer that does not do."""

    name: str
    detail: str


def faults_in(fields: Sequence[FormField], answers: Mapping[str, Any]) -> Iterator[Fault]:
    """Each answer that is missing, of the wrong kind, or to no question."""
    known = {each.name for each in fields}
    for name in answers:
        if name not in known:
            yield Fault(name, "This form does not ask that.")
    for each in fields:
        value = answers.get(each.name)
        if value is None or value == "":
            if each.is_required:
                yield Fault(each.name, "This needs an answer.")
        elif not _fits(each, value):
            yield Fault(each.name, _WANTED[each.asks].format(choices=", ".join(each.choices)))


def as_document(fields: Sequence[FormField], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as feedback."""
    given = {each: answers[each.name] for each in fields if answers.get(each.name) not in {None, ""}}
    by_kind = {each.asks: value for each, value in given.items() if each.asks in ONCE}
    document: dict[str, Any] = {"text": by_kind.get(Asked.TEXT) or by_kind.get(Asked.TITLE)}
    if Asked.TITLE in by_kind:
        document["title"] = by_kind[Asked.TITLE]
    if Asked.EMAIL in by_kind:
        document["contact"] = {"email": by_kind[Asked.EMAIL], "name": by_kind.get(Asked.NAME)}
    if Asked.RATING in by_kind:
        document["rating"] = {"value": by_kind[Asked.RATING], "best": 5}
    others = {each.name: str(value) for each, value in given.items() if each.asks not in ONCE}
    return document | ({"metadata": others} if others else {})


def _fits(field: FormField, value: Any) -> bool:
    if field.asks is Asked.RATING:
        return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 5
    if not isinstance(value, str):
        return False
    if field.asks is Asked.TEXT:
        return len(value) <= LONGEST_TEXT and bool(value.strip())
    if field.asks is Asked.EMAIL:
        return len(value) <= 254 and EMAIL.match(value.strip()) is not None
    if field.asks is Asked.CHOICE:
        return value in field.choices
    return len(value) <= LONGEST_LINE and bool(value.strip())


_WANTED = {
    Asked.TEXT: f"This takes text of at most {LONGEST_TEXT} characters.",
    Asked.TITLE: f"This takes a line of at most {LONGEST_LINE} characters.",
    Asked.EMAIL: "This takes an e-mail address.",
    Asked.NAME: f"This takes a line of at most {LONGEST_LINE} characters.",
    Asked.RATING: "This takes a whole number from 1 to 5.",
    Asked.CHOICE: "This takes one of: {choices}.",
    Asked.LINE: f"This takes a line of at most {LONGEST_LINE} characters.",
}
