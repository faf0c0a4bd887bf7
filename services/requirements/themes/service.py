"""Keeps count of themes, and lets new feedback join them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.chassis.operations import OperationRead
from services.chassis.unit_of_work import UnitOfWork, Work
from services.requirements.models import Theme
from services.requirements.themes.repository import ThemeRepository

REBUILD = "themes.rebuild"


class ThemeService:
    """What happens to themes within one transaction."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def themes(self) -> ThemeRepository:
        return ThemeRepository(self.work.session)

    async def ask_for_rebuild(self) -> OperationRead:
        return await self.work.operations.start(REBUILD, {})

    async def take_in(self, feedback_ids: Sequence[UUID]) -> None:
        """Lets feedback join the theme it is near to, and tells of every theme that grew or shrank."""
        await self.themes.lock_all()
        await recount(self.work, await self.themes.join_nearest(feedback_ids))


async def recount(work: UnitOfWork, theme_ids: Iterable[UUID]) -> None:
    """Settles the sizes of themes whose members have changed."""
    themes = ThemeRepository(work.session)
    concerned = await themes.by_ids(sorted(theme_ids))
    sizes = await themes.sizes(concerned)
    changed = [theme for theme in concerned.values() if theme.size != sizes.get(theme.id, 0)]
    for theme in changed:
        theme.size = sizes.get(theme.id, 0)
    await tell(work, changed)


async def tell(work: UnitOfWork, themes: Sequence[Theme]) -> None:
    """The events of themes that were changed and are about to be written."""
    await work.session.flush()
    await work.events.append_all(
        [
            work.events.new(
                "theme.changed",
                subject_type="theme",
                subject_id=theme.id,
                version=theme.version,
                data=theme_facts(theme),
            )
            for theme in themes
        ]
    )


def theme_facts(theme: Theme) -> dict[str, object]:
    """What the feed tells of a theme: its words are the customers', and stay here."""
    return {"size": theme.size, "rebuilt_at": theme.rebuilt_at, "retired_at": theme.retired_at}
