"""Evidence: the customer's own words, found again at the place they are quoted from."""

from dataclasses import dataclass


class QuoteNotFound(ValueError):
    """The quoted words do not stand in the feedback where they are said to stand."""


class QuoteAmbiguous(ValueError):
    """The quoted words stand in the feedback more than once, and no offset says which is meant."""


@dataclass(frozen=True)
class Quote:
    """`text == feedback[start:end]`, counted in Unicode code points."""

    text: str
    start: int
    end: int


def locate(quoted: str, *, within: str, start: int | None = None) -> Quote:
    """The quote with its offsets, checked against the feedback's text.

    Without `start` the words must stand there exactly once. Raises QuoteNotFound or QuoteAmbiguous.
    """
    if not quoted.strip():
        raise QuoteNotFound("a quote needs words")
    if start is None:
        start = within.find(quoted)
        if start >= 0 and within.find(quoted, start + 1) >= 0:
            raise QuoteAmbiguous("the words stand there more than once; say at which `start` offset")
    if start < 0 or within[start : start + len(quoted)] != quoted:
        raise QuoteNotFound("the words do not stand in that feedback at that place")
    return Quote(quoted, start, start + len(quoted))


def opening(text: str, *, longest: int = 280) -> Quote:
    """The first words of a text as a quote, up to `longest` characters, cut between words where it can be."""
    body = text.strip()
    start = text.index(body)
    if len(body) > longest:
        cut = body.rfind(" ", longest // 2, longest + 1)
        body = body[: cut if cut > 0 else longest].rstrip()
    return Quote(body, start, start + len(body))
