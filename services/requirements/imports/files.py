"""Reads a file record by record, in bounded memory: tables by the csv module, JSON by one element at a time."""

import codecs
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

CHUNK = 64 * 1024
LONGEST_RECORD = 1024 * 1024
MOST_COLUMNS = 500
NAMED_LISTS = ("conversations", "issues", "items", "data")


class UnreadableFile(Exception):
    """The file is not what it is said to be."""


class Unreadable:
    """A record that cannot be read, while the next one may be."""

    def __init__(self, detail: str) -> None:
        self.detail = detail


Record = dict[str, Any] | Unreadable


def read_records(path: Path, *, is_table: bool) -> Iterator[Record]:
    """Each record of the file. Raises UnreadableFile where nothing can follow."""
    try:
        with path.open(encoding=_encoding(path), newline="") as file:
            yield from _table(file) if is_table else _elements(file)
    except UnicodeDecodeError as fault:
        raise UnreadableFile(f"The file is not {fault.encoding} from byte {fault.start} of a piece on.") from None


def _encoding(path: Path) -> str:
    """UTF-8, or what the byte order mark says: Play Console writes UTF-16."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig"


def _table(file: TextIO) -> Iterator[Record]:
    head = _bounded_lines(file)
    first = next(head, "")
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(_after(first, head), delimiter=delimiter, strict=False)
    try:
        names = next(rows, [])
    except csv.Error as fault:
        raise UnreadableFile(f"The header cannot be read: {fault}.") from None
    if not any(name.strip() for name in names):
        raise UnreadableFile("The file has no header.")
    if len(names) > MOST_COLUMNS:
        raise UnreadableFile(f"At most {MOST_COLUMNS} columns.")
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as fault:
            yield Unreadable(f"{fault}.")
            continue
        if not row:
            continue
        if len(row) > len(names):
            yield Unreadable(f"{len(row)} cells under {len(names)} columns.")
        else:
            yield dict(zip(names, row, strict=False))


def _bounded_lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(LONGEST_RECORD):
        if len(line) == LONGEST_RECORD and not line.endswith(("\n", "\r")):
            raise UnreadableFile(f"A line is longer than {LONGEST_RECORD} characters.")
        yield line


def _after(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _elements(file: TextIO) -> Iterator[Record]:
    """The elements of an array, which may stand alone or in an object under a usual name; or a line for each."""
    buffer = _Buffer(file)
    opening = buffer.peek()
    if opening == "{" and not buffer.skip_to_list():
        yield from _lines(buffer)
        return
    if not buffer.take("["):
        raise UnreadableFile("Here a JSON array was expected.")
    if buffer.take("]"):
        return
    while True:
        value = buffer.value()
        yield value if isinstance(value, dict) else Unreadable("This is no object.")
        if buffer.take("]"):
            return
        if not buffer.take(","):
            raise UnreadableFile("Between two elements a comma was expected.")


def _lines(buffer: "_Buffer") -> Iterator[Record]:
    while buffer.peek():
        value = buffer.value()
        yield value if isinstance(value, dict) else Unreadable("This is no object.")


class _Buffer:
    """A window on JSON text that grows until an element is whole, and forgets what was read."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._place = 0
        self._decoder = json.JSONDecoder()

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._place < len(self._text) and self._text[self._place].isspace():
                self._place += 1
            if self._place < len(self._text):
                return self._text[self._place]
            if not self._more():
                return ""

    def take(self, mark: str) -> bool:
        is_there = self.peek() == mark
        self._place += is_there
        return is_there

    def value(self) -> Any:
        """The next JSON value; raises UnreadableFile where there is none, or a longer one than a record may be."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._place)
            except (json.JSONDecodeError, RecursionError) as fault:
                if len(self._text) - self._place > LONGEST_RECORD:
                    raise UnreadableFile(f"A record is longer than {LONGEST_RECORD} characters.") from None
                if not self._more():
                    raise UnreadableFile(f"Not JSON: {getattr(fault, 'msg', 'nested too deep')}.") from None
                continue
            if end == len(self._text) and self._more():
                continue  # a number may go on
            self._place = end
            return value

    def skip_to_list(self) -> bool:
        """Into the list of an object such as `{"type": "conversation.list", "conversations": [`, if it is one."""
        self.peek()
        while len(self._text) < CHUNK and self._more():
            pass
        for name in NAMED_LISTS:
            at = self._text.find(f'"{name}"')
            opening = self._text.find("[", at)
            if at >= 0 and opening >= 0 and self._text[at + len(name) + 2 : opening].strip() == ":":
                depth_before = self._text[:at].count("{") - self._text[:at].count("}")
                if depth_before == 1:
                    self._place = opening
                    return True
        return False

    def _more(self) -> bool:
        chunk = self._file.read(CHUNK)
        self._text = self._text[self._place :] + chunk
        self._place = 0
        return bool(chunk)
