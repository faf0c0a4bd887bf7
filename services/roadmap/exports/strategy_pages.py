"""A strategy as a page in Markdown."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from services.roadmap.exports.markdown import joined, line, text


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing: its name, what is worth knowing of it in half a line each, and what belongs below it."""

    title: str
    facts: tuple[str, ...] = ()
    text: str = ""
    below: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Section:
    """Things of one kind; `left_out` were too many to be shown."""

    heading: str
    entries: tuple[Entry, ...]
    left_out: int = 0


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under a heading, each as long as the columns."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class StrategyPage:
    title: str
    as_of: date
    parts: tuple[Section | Table, ...]


def strategy_page(page: StrategyPage) -> bytes:
    """The page in Markdown (CommonMark, tables as GitHub has them); empty parts are left out."""
    return joined(_page(page))


def _page(page: StrategyPage) -> Iterator[str]:
    yield f"# {line(page.title)}"
    yield f"As of {page.as_of.isoformat()}."
    for part in page.parts:
        if isinstance(part, Table):
            yield from _table(part)
        elif part.entries:
            yield f"## {line(part.heading)}"
            yield from map(_entry, part.entries)
            if part.left_out:
                yield f"... and {part.left_out} more."


def _entry(entry: Entry) -> str:
    parts = [f"### {line(entry.title)}"]
    if entry.facts:
        parts.append("; ".join(map(line, entry.facts)))
    if entry.text:
        parts.append(text(entry.text))
    if entry.below:
        parts.append("\n".join(f"- {line(each)}" for each in entry.below))
    return "\n\n".join(parts)


def _table(table: Table) -> Iterable[str]:
    if not table.rows:
        return
    yield f"## {line(table.heading)}"
    yield "\n".join([_row(table.columns), _row(["---"] * len(table.columns), is_plain=True), *map(_row, table.rows)])


def _row(cells: Iterable[str], *, is_plain: bool = False) -> str:
    return "| " + " | ".join(cell if is_plain else line(cell) for cell in cells) + " |"
