"""Parents of themes, on two floors: a theme that has a parent has no children."""

from collections.abc import Hashable, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def parents_after(children: Sequence[Key], *, kept: Key, kept_parent: Key | None, merged: Key) -> dict[Key, Key | None]:
    """The new parent of each child of a merged theme: the kept one, or its parent where it has one.

    Was the kept one itself a child of the merged one, it steps up to its place.
    """
    above = kept_parent if kept_parent is not None and kept_parent != merged else kept
    return {child: None if child == kept else above for child in children}
