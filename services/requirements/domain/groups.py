"""What a search for themes brings: plain values, for processes that do not hold the libraries that find them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Grouping:
    """For each vector its theme (-1: none) and cosine; for each theme its centre as float16 bytes and its family."""

    labels: list[int]
    cosines: list[float]
    centres: list[bytes]
    families: list[int | None]


@dataclass(frozen=True)
class Label:
    """The characteristic words, best first, and which member speaks for the theme."""

    words: tuple[str, ...]
    spokesman: int
