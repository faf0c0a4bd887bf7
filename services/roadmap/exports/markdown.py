"""Words in Markdown, so that what people write changes no form."""

import re
from collections.abc import Iterable

# CommonMark 2.4: any ASCII punctuation may be escaped; these are the ones that mean something inside a line.
MEANINGFUL = re.compile(r"([\\`*_\[\]<>#|~&])")
LINE_START = re.compile(r"^(\s*)([-+=]|\d+[.)])", re.MULTILINE)


def text(words: str) -> str:
    """Paragraphs as they were written; nothing in them is markup."""
    return LINE_START.sub(r"\1\\\2", MEANINGFUL.sub(r"\\\1", words))


def line(words: str) -> str:
    """On one line."""
    return MEANINGFUL.sub(r"\\\1", " ".join(words.split()))


def joined(parts: Iterable[str]) -> bytes:
    """Blocks with a blank line between each two."""
    return ("\n\n".join(parts) + "\n").encode()
