"""A view as Markdown: the plan as a page, and what has shipped as release notes."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from services.roadmap.domain.views import COLUMNS, GoalView, ItemView, View
from services.roadmap.exports.words import expectations, facts_of, outcome, standing, way

# CommonMark 2.4: any ASCII punctuation may be escaped; these are the ones that mean something inside a line.
MEANINGFUL = re.compile(r"([\\`*_\[\]<>#|~&])")
LINE_START = re.compile(r"^(\s*)([-+=]|\d+[.)])", re.MULTILINE)


def plan_page(view: View) -> bytes:
    """The plan in Markdown (CommonMark)."""
    return _joined(_plan(view))


def release_notes(view: View) -> bytes:
    """What has shipped, newest first, with what came of it."""
    return _joined(_notes(view))


def _plan(view: View) -> Iterator[str]:
    yield f"# {_line(view.title)}"
    yield f"As of {view.as_of.isoformat()}, for {_line(view.audience)}."
    if view.notice:
        yield "\n".join(f"> {_text(line)}" for line in view.notice.splitlines())
    yield from map(_text, view.visions)
    if view.description:
        yield _text(view.description)
    yield from _goals(view.goals)
    for column in COLUMNS:
        items = view.column(column)
        if items:
            yield f"## {_line(view.heading(column))}"
            yield from (_item(item) for item in items)


def _goals(goals: Iterable[GoalView]) -> Iterator[str]:
    lines = []
    for goal in goals:
        lines.append(f"- **{_line(goal.title)}** ({_line(standing(goal))})")
        lines += [f"  - {_line(way(each))}" for each in goal.key_results]
    if lines:
        yield "## Objectives"
        yield "\n".join(lines)


def _item(item: ItemView) -> str:
    lines = [f"### {_line(item.title)}"]
    if facts := facts_of(item):
        lines.append("; ".join(map(_line, facts)))
    if item.description:
        lines.append(_text(item.description))
    for label, values in (
        ("Serves", item.objectives),
        ("Answers", item.requirements),
        ("Should move", expectations(item)),
        ("Achieved", [outcome(each) for each in item.results]),
    ):
        if values:
            lines.append(f"{label}: " + "; ".join(map(_line, values)))
    return "\n\n".join(lines)


def _notes(view: View) -> Iterator[str]:
    yield f"# {_line(view.title)}: release notes"
    for when, items in groupby(view.column("shipped"), key=lambda item: item.when or "Earlier"):
        yield f"## {when}"
        yield "\n".join(_note(item) for item in items)


def _note(item: ItemView) -> str:
    lines = [f"- **{_line(item.title)}**"]
    if item.description:
        lines += [f"  {line}" for line in _text(item.description).splitlines()]
    lines += [f"  - {_line(outcome(each))}" for each in item.results]
    return "\n".join(lines)


def _text(text: str) -> str:
    return LINE_START.sub(r"\1\\\2", MEANINGFUL.sub(r"\\\1", text))


def _line(text: str) -> str:
    return MEANINGFUL.sub(r"\\\1", " ".join(text.split()))


def _joined(parts: Iterable[str]) -> bytes:
    return ("\n\n".join(parts) + "\n").encode()
