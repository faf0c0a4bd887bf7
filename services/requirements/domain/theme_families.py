"""Parents of themes, on two floors: a theme that has a parent has no children."""

from collections.abc import Sequence
from uuid import UUID


def parents_after(children: Sequence[UUID], *, kept: tuple[UUID, UUID | None], merged: UUID) -> dict[UUID, UUID | None]:
    """The new parent of each child of a merged theme: the kept one, or its parent where it has one.

    `kept` is that theme's id and its parent's. Was it a child of the merged one, it steps up to its place.
    """
    kept_id, kept_parent = kept
    above = kept_parent if kept_parent not in (None, merged) else kept_id
    return {child: None if child == kept_id else above for child in children}
