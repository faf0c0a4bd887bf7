"""News as a letter: plain text that people read in their mail, and may put into their own words before it goes out."""

from collections.abc import Iterable, Iterator
from datetime import date

from services.roadmap.domain.news import News
from services.roadmap.domain.views import GoalView, ItemView, View
from services.roadmap.exports.words import outcome, standing, way

NOTHING = "Nothing has changed since then."
MOST_LINES = 50
LONGEST_LINE = 400


def subject(view: View, since: date | None) -> str:
    """What the letter is about."""
    return f"{_line(view.title)}: {f'what changed since {_day(since)}' if since else 'where we stand'}"


def letter(view: View, news: News) -> str:
    """The news, what is most certain first."""
    sections = [
        ("Shipped", map(_told, news.shipped)),
        ("Achieved", (f"{_line(item.title)}: {_line(outcome(result))}" for item, result in news.achieved)),
        ("Objectives", map(_goal, news.goals)),
        ("Begun", map(_told, news.begun)),
        ("New on the plan", map(_told, news.added)),
        ("Moved", (_moved(each.item, is_later=each.is_later) for each in news.moved)),
        ("No longer on the plan", [_number(news.gone)] if news.gone else []),
    ]
    parts = [part for heading, lines in sections if (part := _section(heading, lines))]
    words = [*(parts or [NOTHING]), *([view.notice] if view.notice else [])]
    return "\n\n".join(words)


def _section(heading: str, lines: Iterable[str]) -> str:
    told = [f"- {line}" for line in lines]
    more = [f"- and {len(told) - MOST_LINES} more"] if len(told) > MOST_LINES else []
    return "\n".join([heading, *told[:MOST_LINES], *more]) if told else ""


def _told(item: ItemView) -> str:
    when = f" ({item.when})" if item.when else ""
    words = f": {_line(item.description)}" if item.description else ""
    return f"{_line(item.title)}{when}{words}"


def _moved(item: ItemView, *, is_later: bool) -> str:
    return f"{_line(item.title)}: {'later' if is_later else 'sooner'} than we told you, now {item.when}"


def _goal(goal: GoalView) -> str:
    return "\n".join([f"{_line(goal.title)} ({standing(goal)})", *_ways(goal)])


def _ways(goal: GoalView) -> Iterator[str]:
    return (f"  {_line(way(each))}" for each in goal.key_results)


def _number(gone: int) -> str:
    return "one feature" if gone == 1 else f"{gone} features"


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE].rstrip()}\N{HORIZONTAL ELLIPSIS}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
