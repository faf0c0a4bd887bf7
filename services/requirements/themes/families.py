"""Headings over themes that are alike, put there by a rebuild where no person has decided."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from services.chassis.unit_of_work import UnitOfWork
from services.requirements.domain.lineage import inherit
from services.requirements.models import Theme
from services.requirements.themes.repository import ThemeRepository
from services.requirements.themes.service import automatic_name

Placed = Sequence[tuple[Theme, int | None]]


async def gather(
    work: UnitOfWork, found: Placed, words: Mapping[int, Sequence[str]], *, known: Mapping[UUID, Theme]
) -> list[Theme]:
    """Put the themes of each family under one heading, an old one where most of them stood there before.

    Answers the headings, old and new. A heading that nothing stands under any more is left to be retired.
    """
    free = _undecided(found, known)
    sizes = Counter(family for _, family in free)
    families = [family for family in words if sizes[family] > 1]
    heirs = inherit((theme.parent_id, family if family in families else None) for theme, family in free)
    headings = {
        family: await _heading(work, known.get(heirs[family]) if family in heirs else None, words[family])
        for family in families
    }
    for theme, family in free:
        parent_id = headings[family].id if family in headings else None
        if theme.parent_id != parent_id:
            theme.parent_id = parent_id
    return list(headings.values())


def _undecided(found: Placed, known: Mapping[UUID, Theme]) -> Placed:
    """Those that a rebuild may put somewhere: found by it, shown as themselves, and with nothing below them."""
    headings = {theme.id for theme in known.values() if theme.is_heading}
    above = {theme.parent_id for theme in known.values()}
    return [
        (theme, family)
        for theme, family in found
        if not (theme.is_by_hand or theme.is_parent_by_hand or theme.merged_into_id or theme.id in above)
        and (theme.parent_id is None or theme.parent_id in headings)
    ]


async def _heading(work: UnitOfWork, heading: Theme | None, words: Sequence[str]) -> Theme:
    now = work.clock.now()
    if heading is None:
        new = Theme(name=automatic_name(words), words=list(words), size=0, rebuilt_at=now, is_heading=True)
        return await ThemeRepository(work.session).add(new)
    heading.words, heading.rebuilt_at = list(words), now
    if not heading.is_named_by_hand:
        heading.name = automatic_name(words)
    return heading
