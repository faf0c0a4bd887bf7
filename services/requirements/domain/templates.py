"""Words with gaps: what may stand in a template, what is wrong with one, and how it is filled."""

import re
from collections.abc import Collection, Iterator, Mapping
from string import Formatter

LONGEST_SUBJECT = 300
GAP = re.compile(r"\n{3,}")


def fault_of(template: str, *, known: Collection[str]) -> str | None:
    """What is wrong with it, in words: only plain `{names}` that are known, and `{{` for a brace."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as fault:
        return f"It cannot be read: {fault}."
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if form or conversion or name not in known:
            return f"{{{name}}} is not one of {', '.join(f'{{{each}}}' for each in sorted(known))}."
    return None


def fill(template: str, values: Mapping[str, str]) -> str:
    """The words, with a line left out when all the gaps in it are filled with nothing; values are never read again."""
    filled = "\n".join(_lines(template, values))
    return GAP.sub("\n\n", filled).strip() + "\n"


def fill_line(template: str, values: Mapping[str, str]) -> str:
    """One line, such as a subject: without breaks, and not longer than a mail program shows."""
    line = " ".join(Formatter().vformat(template, (), values).split())
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1].rstrip() + "…"


def _lines(template: str, values: Mapping[str, str]) -> Iterator[str]:
    for line in template.split("\n"):
        names = [name for _, name, _, _ in Formatter().parse(line) if name is not None]
        if not names or any(values[name] for name in names):
            yield Formatter().vformat(line, (), values)
