"""Keeps count of themes, and lets new feedback join them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.operations import OperationRead
from services.chassis.unit_of_work import UnitOfWork, Work
from services.requirements.domain.trends import WEEK, filled, growth, whole_weeks
from services.requirements.models import Theme
from services.requirements.themes.repository import ThemeRepository
from services.requirements.themes.schemas import (
    ThemeGrowthRead,
    ThemeKindsRead,
    ThemeMoodsRead,
    ThemeTrend,
    ThemeUpdate,
    ThemeWeekRead,
)

REBUILD = "themes.rebuild"
NAME_WORDS = 3
WEEKS = 26
TOO_MANY_HOMELESS = 0.2
ENOUGH = 50
REST = timedelta(hours=1)
"""Between two rebuilds that nobody asked for: what has no theme after one may have none after the next."""


class ThemeService:
    """What happens to themes within one transaction."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def themes(self) -> ThemeRepository:
        return ThemeRepository(self.work.session)

    async def ask_for_rebuild(self) -> OperationRead:
        return await self.work.operations.start(REBUILD, {})

    async def rename(self, theme_id: UUID, change: ThemeUpdate, *, if_match: Precondition) -> Theme:
        """A name that no rebuild changes; null gives the theme back the name that its words make."""
        theme = await self.themes.get(theme_id, lock=True)
        if_match.check(theme)
        if "name" in change.model_fields_set:
            theme.is_named_by_hand = change.name is not None
            theme.name = change.name or automatic_name(theme.words)
        await tell(self.work, [theme])
        return theme

    async def trend(self, theme_id: UUID, *, weeks: int = WEEKS) -> ThemeTrend:
        """Weekly counts, growth and moods over the weeks that are over."""
        await self.themes.get(theme_id)
        mondays = whole_weeks(self.work.clock.now().date(), count=weeks)
        since = datetime.combine(mondays[0], time(), UTC)
        rows = await self.themes.by_week(theme_id, since=since, before=since + WEEK * weeks)
        by_week, moods, kinds = Counter[date](), Counter[str](), Counter[str]()
        for row in rows:
            by_week[row.week] += row.count
            moods[row.sentiment] += row.count
            kinds[row.kind] += row.count
        counts = filled(mondays, by_week)
        return ThemeTrend(
            weeks=[ThemeWeekRead(week=week, count=count) for week, count in zip(mondays, counts, strict=True)],
            growth=ThemeGrowthRead.model_validate(growth(counts)),
            sentiment=ThemeMoodsRead(**{name: moods[name] for name in ThemeMoodsRead.model_fields}),
            kinds=ThemeKindsRead(**{name: kinds[name] for name in ThemeKindsRead.model_fields}),
        )

    async def rebuild_where_needed(self) -> None:
        """When more than a fifth belongs nowhere, the themes are found anew; at most once an hour."""
        pieces, homeless = await self.themes.homeless()
        if pieces < ENOUGH or homeless <= TOO_MANY_HOMELESS * pieces:
            return
        last = await self.themes.last_rebuild(REBUILD)
        if last is None or self.work.clock.now() - last >= REST:
            await self.ask_for_rebuild()

    async def take_in(self, feedback_ids: Sequence[UUID]) -> None:
        """Lets feedback join the theme it is near to, and tells of every theme that grew or shrank."""
        await self.themes.lock_all()
        await recount(self.work, await self.themes.join_nearest(feedback_ids))


def automatic_name(words: Sequence[str]) -> str:
    """The name that a theme has unless a person gives it one."""
    return ", ".join(words[:NAME_WORDS]) or "Without words"


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
