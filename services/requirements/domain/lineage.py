"""Themes keep their identity when they are built anew."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

KEEPS_ITS_NAME = 0.2


class Ordered(Protocol):
    """What has an order and can be counted: text, ids."""

    def __lt__(self, other: Any, /) -> bool: ...

    def __hash__(self) -> int: ...


Name = TypeVar("Name", bound=Ordered)


def inherit(pairs: Iterable[tuple[Name | None, int | None]]) -> dict[int, Name]:
    """Which new cluster carries on which old theme, from each item's (old theme, new cluster).

    Pairs are taken by falling Jaccard overlap |old & new| / |old | new|, each side once; below a fifth it is another
    theme. Ties go to the larger overlap, then to the names, so that the answer is always the same.
    """
    shared: Counter[tuple[Name, int]] = Counter()
    olds: Counter[Name] = Counter()
    news: Counter[int] = Counter()
    for old, new in pairs:
        if old is not None:
            olds[old] += 1
        if new is not None:
            news[new] += 1
        if old is not None and new is not None:
            shared[old, new] += 1
    jaccard = {(old, new): both / (olds[old] + news[new] - both) for (old, new), both in shared.items()}
    heirs: dict[int, Name] = {}
    for (old, new), overlap in sorted(jaccard.items(), key=lambda item: (-item[1], -shared[item[0]], item[0])):
        if overlap >= KEEPS_ITS_NAME and new not in heirs and old not in heirs.values():
            heirs[new] = old
    return heirs
