"""The language that segments are written in: read into a tree, never run as it was written.

    rule        = conjunction, { "or", conjunction } ;
    conjunction = negation, { "and", negation } ;
    negation    = "not", negation | "(", rule, ")" | test ;
    test        = field, operator, value
                | field, [ "not" ], "in", "(", value, { ",", value }, ")"
                | field, [ "not" ], "contains", text
                | field, "is", [ "not" ], "empty" ;
    operator    = "=" | "!=" | "<" | "<=" | ">" | ">=" ;
    field       = ( "contact" | "company" ), ".", name, [ ".", key ] ;
    value       = text | number | number, currency | date ;

Text stands in double quotes (`\\"` and `\\\\` inside), a date as 2026-01-31, money as minor units and an ISO 4217 code.
A test of something that is missing does not hold, so `not` of it does.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

LONGEST_RULE = 4_000
DEEPEST_RULE = 32
MOST_TESTS = 100


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    ENTRY = "entry"
    DATE = "date"
    MONEY = "money"


FIELDS: Mapping[tuple[str, str], Kind] = {
    ("contact", "name"): Kind.TEXT,
    ("contact", "email"): Kind.TEXT,
    ("contact", "source"): Kind.TEXT,
    ("contact", "external_id"): Kind.TEXT,
    ("contact", "created_on"): Kind.DATE,
    ("contact", "metadata"): Kind.ENTRY,
    ("company", "name"): Kind.TEXT,
    ("company", "domain"): Kind.TEXT,
    ("company", "source"): Kind.TEXT,
    ("company", "external_id"): Kind.TEXT,
    ("company", "created_on"): Kind.DATE,
    ("company", "metadata"): Kind.ENTRY,
    ("company", "revenue"): Kind.MONEY,
}


class RuleRefused(Exception):
    """The rule cannot be read; `position` counts characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True)
class Field:
    """What is looked at; `key` names an entry of metadata."""

    subject: str
    name: str
    key: str | None = None

    @property
    def kind(self) -> Kind:
        return FIELDS[self.subject, self.name]


@dataclass(frozen=True)
class Amount:
    """Money in minor units."""

    minor: int
    currency: str


Value = str | Decimal | date | Amount


@dataclass(frozen=True)
class Comparison:
    field: Field
    operator: str
    value: Value


@dataclass(frozen=True)
class Membership:
    field: Field
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Containment:
    field: Field
    text: str


@dataclass(frozen=True)
class Emptiness:
    field: Field


@dataclass(frozen=True)
class Not:
    rule: "Rule"


@dataclass(frozen=True)
class All:
    rules: tuple["Rule", ...]


@dataclass(frozen=True)
class Some:
    rules: tuple["Rule", ...]


Test = Comparison | Membership | Containment | Emptiness
Rule = Test | Not | All | Some


def parse_rule(text: str) -> Rule:
    """The rule as a tree. Raises RuleRefused, which says what is wrong and where."""
    if len(text) > LONGEST_RULE:
        raise RuleRefused(f"A rule has at most {LONGEST_RULE} characters.", LONGEST_RULE)
    return _Parser(text).whole()


def subjects_of(rule: Rule) -> frozenset[str]:
    """Whether it looks at contacts, companies, or both."""
    return frozenset(test.field.subject for test in tests_of(rule))


def tests_of(rule: Rule) -> Iterator[Test]:
    """The tests in a rule, from left to right."""
    if isinstance(rule, All | Some):
        for each in rule.rules:
            yield from tests_of(each)
    elif isinstance(rule, Not):
        yield from tests_of(rule.rule)
    else:
        yield rule


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int


_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<text>"(?:[^"\\]|\\["\\])*")
      | (?P<date>\d{4}-\d{2}-\d{2}(?![\w-]))
      | (?P<number>-?\d{1,15}(?:\.\d{1,6})?(?![\w.]))
      | (?P<field>(?:contact|company)\.[a-z_]+(?:\.[A-Za-z0-9_-]{1,64})?(?![\w.]))
      | (?P<word>[A-Za-z]+)
      | (?P<operator><=|>=|!=|=|<|>)
      | (?P<mark>[(),])""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)")


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise RuleRefused("This cannot stand in a rule.", position)
        if found.lastgroup != "space":
            yield _Token(str(found.lastgroup), found.group(), position)
        position = found.end()
    yield _Token("end", "", len(text))


class _Parser:
    """Recursive descent, a method for each line of the grammar."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._place = 0
        self._tests = 0

    def whole(self) -> Rule:
        rule = self._rule(depth=1)
        if self._next.kind != "end":
            raise self._refusal("Here `and`, `or` or the end was expected.")
        return rule

    def _rule(self, *, depth: int) -> Rule:
        if depth > DEEPEST_RULE:
            raise self._refusal(f"A rule is at most {DEEPEST_RULE} levels deep.")
        rules = [self._conjunction(depth=depth)]
        while self._take_word("or"):
            rules.append(self._conjunction(depth=depth))
        return rules[0] if len(rules) == 1 else Some(tuple(rules))

    def _conjunction(self, *, depth: int) -> Rule:
        rules = [self._negation(depth=depth)]
        while self._take_word("and"):
            rules.append(self._negation(depth=depth))
        return rules[0] if len(rules) == 1 else All(tuple(rules))

    def _negation(self, *, depth: int) -> Rule:
        if depth > DEEPEST_RULE:
            raise self._refusal(f"A rule is at most {DEEPEST_RULE} levels deep.")
        if self._take_word("not"):
            return Not(self._negation(depth=depth + 1))
        if self._take_mark("("):
            rule = self._rule(depth=depth + 1)
            self._expect_mark(")")
            return rule
        return self._test()

    def _test(self) -> Rule:
        self._tests += 1
        if self._tests > MOST_TESTS:
            raise self._refusal(f"A rule has at most {MOST_TESTS} tests.")
        field = self._field()
        if self._next.kind == "operator":
            operator = self._take().text
            return Comparison(field, operator, self._value(field, is_ordered=operator not in {"=", "!="}))
        if self._take_word("is"):
            is_denied = self._take_word("not")
            self._expect_word("empty")
            return Not(Emptiness(field)) if is_denied else Emptiness(field)
        is_denied = self._take_word("not")
        test = self._membership(field) if self._take_word("in") else self._containment(field)
        return Not(test) if is_denied else test

    def _membership(self, field: Field) -> Membership:
        self._expect_mark("(")
        values = [self._value(field, is_ordered=False)]
        while self._take_mark(","):
            values.append(self._value(field, is_ordered=False))
        self._expect_mark(")")
        return Membership(field, tuple(values))

    def _containment(self, field: Field) -> Containment:
        self._expect_word("contains")
        value = self._value(field, is_ordered=False)
        if not isinstance(value, str):
            raise self._refusal("Only text contains something.")
        return Containment(field, value)

    def _field(self) -> Field:
        if self._next.kind != "field":
            raise self._refusal("Here a field was expected, for example company.domain.")
        subject, name, *key = self._next.text.split(".")
        kind = FIELDS.get((subject, name))
        if kind is None or (kind is Kind.ENTRY) != bool(key):
            known = ", ".join(f"{s}.{n}{'.KEY' if k is Kind.ENTRY else ''}" for (s, n), k in FIELDS.items())
            raise self._refusal(f"There is no such field; there are {known}.")
        self._take()
        return Field(subject, name, key[0] if key else None)

    def _value(self, field: Field, *, is_ordered: bool) -> Value:
        token = self._next
        value = self._literal()
        if not _suits(field.kind, value, is_ordered=is_ordered):
            raise RuleRefused(_WANTED[field.kind], token.position)
        return value

    def _literal(self) -> Value:
        token = self._take()
        if token.kind == "text":
            return _ESCAPED.sub(r"\1", token.text[1:-1])
        if token.kind == "date":
            try:
                return date.fromisoformat(token.text)
            except ValueError:
                raise RuleRefused("There is no such day.", token.position) from None
        if token.kind == "number":
            return self._number(token)
        raise RuleRefused('Here a value was expected: "text", 12, 1200 EUR or 2026-01-31.', token.position)

    def _number(self, token: _Token) -> Decimal | Amount:
        if self._next.kind != "word" or not re.fullmatch("[A-Z]{3}", self._next.text):
            return Decimal(token.text)
        if "." in token.text:
            raise RuleRefused("Money is written in minor units, without a point.", token.position)
        return Amount(int(token.text), self._take().text)

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        token = self._next
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def _take_word(self, word: str) -> bool:
        is_there = self._next.kind == "word" and self._next.text.lower() == word
        if is_there:
            self._take()
        return is_there

    def _take_mark(self, mark: str) -> bool:
        is_there = self._next.kind == "mark" and self._next.text == mark
        if is_there:
            self._take()
        return is_there

    def _expect_word(self, word: str) -> None:
        if not self._take_word(word):
            raise self._refusal(f"Here `{word}` was expected.")

    def _expect_mark(self, mark: str) -> None:
        if not self._take_mark(mark):
            raise self._refusal(f"Here `{mark}` was expected.")

    def _refusal(self, message: str) -> RuleRefused:
        return RuleRefused(message, self._next.position)


def _suits(kind: Kind, value: Value, *, is_ordered: bool) -> bool:
    """Text has no order here; an entry is compared by order as a number."""
    if kind is Kind.TEXT:
        return isinstance(value, str) and not is_ordered
    if kind is Kind.ENTRY:
        return isinstance(value, Decimal) or (isinstance(value, str) and not is_ordered)
    return isinstance(value, date if kind is Kind.DATE else Amount)


_WANTED = {
    Kind.TEXT: 'This field is compared with "text", for being equal or not.',
    Kind.ENTRY: 'This field is compared with "text", for being equal or not, or with a number.',
    Kind.DATE: "This field is compared with a date, for example 2026-01-31.",
    Kind.MONEY: "This field is compared with money in minor units, for example 1200000 EUR.",
}
