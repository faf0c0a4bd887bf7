"""Keeps count of themes, and lets new feedback join them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import FieldError, Invalid, UnknownReference
from services.chassis.operations import OperationRead
from services.chassis.unit_of_work import UnitOfWork, Work
from services.requirements.domain.trends import WEEK, filled, growth, whole_weeks
from services.requirements.models import Theme
from services.requirements.themes.affected import AffectedRepository
from services.requirements.themes.repository import ThemeRepository
from services.requirements.themes.schemas import (
    ThemeAffectedRead,
    ThemeCreate,
    ThemeGrowthRead,
    ThemeKindsRead,
    ThemeMoodsRead,
    ThemeSplit,
    ThemeTrend,
    ThemeUpdate,
    ThemeWeekRead,
)
from services.requirements.themes.shapes import ShapeRepository

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

    async def create_group(self, new: ThemeCreate) -> Theme:
        """A theme without feedback of its own, to be the parent of others."""
        theme = await self.themes.add(
            Theme(
                name=new.name,
                words=[],
                size=0,
                rebuilt_at=self.work.clock.now(),
                is_named_by_hand=True,
                is_by_hand=True,
            )
        )
        await tell(self.work, [theme])
        return await self.themes.get(theme.id, lock=True)  # with its quote, though there is none

    async def update(self, theme_id: UUID, change: ThemeUpdate, *, if_match: Precondition) -> Theme:
        """A name that no rebuild changes; null gives the theme back the name that its words make. Raises Invalid."""
        theme = await self.themes.get(theme_id, lock=True)
        if_match.check(theme)
        if "name" in change.model_fields_set:
            theme.is_named_by_hand = change.name is not None
            theme.name = change.name or automatic_name(theme.words)
        if "parent_id" in change.model_fields_set:
            if change.parent_id is not None:
                await self._check_parent(theme, change.parent_id)
            theme.parent_id, theme.is_parent_by_hand = change.parent_id, True
        await tell(self.work, [theme])
        return theme

    async def _check_parent(self, theme: Theme, parent_id: UUID) -> None:
        """There are two floors. Raises UnknownReference, Invalid."""
        await self.themes.lock_all()
        parent = await self.themes.find(parent_id)
        if parent is None:
            raise UnknownReference(errors=[FieldError("/parent_id", f"There is no theme {parent_id}.", "unknown")])
        faults = {
            "A theme is not a part of itself.": parent.id == theme.id,
            "That theme is a part of another one itself.": parent.parent_id is not None,
            "That theme was merged into another one.": parent.merged_into_id is not None,
            "Nobody says that any more: the theme is retired.": parent.retired_at is not None,
            "This theme has parts itself.": bool(await self.themes.children(theme.id)),
        }
        if fault := next((each for each, is_so in faults.items() if is_so), None):
            raise Invalid(errors=[FieldError("/parent_id", fault, "hierarchy")])

    async def split(self, theme_id: UUID, split: ThemeSplit) -> Theme:
        """Raises NotFound, and Invalid for what is not shown under the theme, or when nothing would be left."""
        await self.themes.lock_all()
        whole = await self.themes.get(theme_id)
        shapes = ShapeRepository(self.work.session)
        ids = sorted(set(split.feedback_ids))
        members = await shapes.members_among(ids, theme_id=theme_id)
        faults = [
            FieldError(f"/feedback_ids/{place}", f"{each} does not belong to the theme.", "unknown")
            for place, each in enumerate(split.feedback_ids)
            if each not in members
        ]
        if faults:
            raise Invalid(errors=faults)
        if len(ids) == whole.size:
            raise Invalid(errors=[FieldError("/feedback_ids", "Nothing would be left: rename the theme.", "all")])
        part = await self.themes.add(
            Theme(
                name=split.name,
                words=[],
                size=0,
                quoted_feedback_id=split.feedback_ids[0],
                rebuilt_at=self.work.clock.now(),
                is_named_by_hand=True,
                is_by_hand=True,
                parent_id=whole.parent_id,
                split_from_id=whole.id,
            )
        )
        await tell(self.work, [part])
        await shapes.pin(ids, theme_id=part.id)
        await self.themes.join_nearest(ids)
        await shapes.draw()
        await recount(self.work, [theme.id for theme in await self.themes.alive()])
        return await self.themes.get(part.id, lock=True)  # with its quote, and as many as followed

    async def affected(self, theme_id: UUID, *, with_parts: bool) -> ThemeAffectedRead:
        """Whom it concerns; raises NotFound."""
        await self.themes.get(theme_id)
        parts = [part.id for part in await self.themes.children(theme_id)] if with_parts else []
        return ThemeAffectedRead.model_validate(await AffectedRepository(self.work.session).of([theme_id, *parts]))

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
    names = ("size", "rebuilt_at", "retired_at", "is_by_hand", "parent_id", "merged_into_id", "split_from_id")
    return {name: getattr(theme, name) for name in names}
