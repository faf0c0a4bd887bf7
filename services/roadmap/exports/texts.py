"""A view as Markdown: the plan as a page, and what has shipped as release notes."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from services.roadmap.domain.views import COLUMNS, GoalView, ItemView, View
from services.roadmap.exports.markdown import joined, line, text
from services.roadmap.exports.words import expectations, facts_of, outcome, standing, way


def plan_page(view: View) -> bytes:
    """The plan in Markdown (CommonMark)."""
    return joined(_plan(view))


def release_notes(view: View) -> bytes:
    """What has shipped, newest first, with what came of it."""
    return joined(_notes(view))


def _plan(view: View) -> Iterator[str]:
    yield f"# {line(view.title)}"
    yield f"As of {view.as_of.isoformat()}, for {line(view.audience)}."
    if view.notice:
        yield "\n".join(f"> {text(each)}" for each in view.notice.splitlines())
    yield from map(text, view.visions)
    if view.description:
        yield text(view.description)
    yield from _goals(view.goals)
    for column in COLUMNS:
        items = view.column(column)
        if items:
            yield f"## {line(view.heading(column))}"
            yield from (_item(item) for item in items)


def _goals(goals: Iterable[GoalView]) -> Iterator[str]:
    lines = []
    for goal in goals:
        lines.append(f"- **{line(goal.title)}** ({line(standing(goal))})")
        lines += [f"  - {line(way(each))}" for each in goal.key_results]
    if lines:
        yield "## Objectives"
        yield "\n".join(lines)


def _item(item: ItemView) -> str:
    lines = [f"### {line(item.title)}"]
    if facts := facts_of(item):
        lines.append("; ".join(map(line, facts)))
    if item.description:
        lines.append(text(item.description))
    for label, values in (
        ("Serves", item.objectives),
        ("Answers", item.requirements),
        ("Should move", expectations(item)),
        ("Achieved", [outcome(each) for each in item.results]),
    ):
        if values:
            lines.append(f"{label}: " + "; ".join(map(line, values)))
    return "\n\n".join(lines)


def _notes(view: View) -> Iterator[str]:
    yield f"# {line(view.title)}: release notes"
    for when, items in groupby(view.column("shipped"), key=lambda item: item.when or "Earlier"):
        yield f"## {when}"
        yield "\n".join(_note(item) for item in items)


def _note(item: ItemView) -> str:
    lines = [f"- **{line(item.title)}**"]
    if item.description:
        lines += [f"  {each}" for each in text(item.description).splitlines()]
    lines += [f"  - {line(outcome(each))}" for each in item.results]
    return "\n".join(lines)
