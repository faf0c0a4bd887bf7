"""Formulas over other KPIs: arithmetic, a few functions, and nothing that could do anything else."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException

LONGEST = 500
DEEPEST = 30
LARGEST = Decimal("1e15")

TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[a-z][a-z0-9_]*)|(?P<sign>[-+*/(),]))")

Figures = Mapping[str, Decimal | None]


class FormulaError(ValueError):
    """What is wrong with a formula, and where."""


@dataclass(frozen=True)
class Formula:
    """A formula that was read: the names that it needs, and how to work it out."""

    names: frozenset[str]
    work_out: Callable[[Figures], Decimal]

    def value(self, figures: Figures) -> Decimal | None:
        """The formula's figure; None where a figure that it needs is missing, where it divides by zero or runs away."""
        try:
            figure = self.work_out(figures)
        except (_Unknown, DecimalException):
            return None
        return figure if abs(figure) <= LARGEST else None


def parse(text: str) -> Formula:
    """Read a formula: numbers, names, `+ - * / ( )`, `min`, `max` and `abs`. Raises FormulaError."""
    if len(text) > LONGEST:
        raise FormulaError(f"at most {LONGEST} characters")
    reader = _Reader(text)
    work_out = reader.sum(depth=0)
    reader.expect_end()
    return Formula(frozenset(reader.names), work_out)


class _Unknown(Exception):
    """A figure that the formula needs is not known."""


Node = Callable[[Figures], Decimal]

OPERATIONS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
}
FUNCTIONS: dict[str, Callable[[Sequence[Decimal]], Decimal]] = {
    "min": min,
    "max": max,
    "abs": lambda arguments: abs(arguments[0]),
}


class _Reader:
    """Recursive descent, one method per level of precedence."""

    def __init__(self, text: str) -> None:
        self.names: set[str] = set()
        self._tokens = _tokens(text)
        self._next = next(self._tokens)

    def sum(self, *, depth: int) -> Node:
        if depth > DEEPEST:
            raise FormulaError(f"brackets may be {DEEPEST} deep at most")
        return self._chain("+-", lambda: self._chain("*/", lambda: self._factor(depth)))

    def expect_end(self) -> None:
        if self._next[0] != "end":
            raise FormulaError(f"{self._next[1]!r} is not expected at character {self._next[2]}")

    def _chain(self, signs: str, operand: Callable[[], Node]) -> Node:
        node = operand()
        while self._next[1] and self._next[1] in signs:
            node = _both(OPERATIONS[self._take()], node, operand())
        return node

    def _factor(self, depth: int) -> Node:
        kind, text, place = self._next
        if kind == "number":
            number = Decimal(self._take())
            return lambda _figures: number
        if kind == "name":
            return self._name(self._take(), depth)
        if text == "-":
            self._take()
            if depth > DEEPEST:
                raise FormulaError(f"signs may be {DEEPEST} deep at most")
            inner = self._factor(depth + 1)
            return lambda figures: -inner(figures)
        if text == "(":
            self._take()
            inner = self.sum(depth=depth + 1)
            self._expect(")")
            return inner
        raise FormulaError(f"a number, a name or a bracket is expected at character {place}")

    def _name(self, name: str, depth: int) -> Node:
        if self._next[1] != "(":
            if name in FUNCTIONS:
                raise FormulaError(f"{name} is a function: write {name}(...)")
            self.names.add(name)
            return _figure(name)
        if name not in FUNCTIONS:
            raise FormulaError(f"there is no function {name}; there are {', '.join(FUNCTIONS)}")
        self._take()
        arguments = [self.sum(depth=depth + 1)]
        while self._next[1] == ",":
            self._take()
            arguments.append(self.sum(depth=depth + 1))
        self._expect(")")
        if name == "abs" and len(arguments) != 1:
            raise FormulaError("abs takes one argument")
        apply = FUNCTIONS[name]
        return lambda figures: apply([argument(figures) for argument in arguments])

    def _take(self) -> str:
        taken = self._next[1]
        self._next = next(self._tokens)
        return taken

    def _expect(self, sign: str) -> None:
        if self._next[1] != sign:
            raise FormulaError(f"{sign!r} is expected at character {self._next[2]}")
        self._take()


def _both(operation: Callable[[Decimal, Decimal], Decimal], left: Node, right: Node) -> Node:
    return lambda figures: operation(left(figures), right(figures))


def _figure(name: str) -> Node:
    def look_up(figures: Figures) -> Decimal:
        figure = figures[name]
        if figure is None:
            raise _Unknown
        return figure

    return look_up


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Kind, text and place, from 1; without end "end", so that a reader may always look one ahead."""
    place, end = 0, len(text.rstrip())
    while place < end:
        found = TOKEN.match(text, place)
        if found is None:
            raise FormulaError(f"{text[place:].lstrip()[:1]!r} is not expected at character {place + 1}")
        kind = str(found.lastgroup)
        yield kind, found[kind], found.start(kind) + 1
        place = found.end()
    while True:
        yield "end", "", end + 1
