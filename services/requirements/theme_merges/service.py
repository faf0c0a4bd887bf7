"""Shows the feedback of one theme under another, and as it was before."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.chassis.errors import Conflict, FieldError, UnknownReference
from services.chassis.unit_of_work import Work
from services.requirements.domain.theme_families import parents_after
from services.requirements.models import Theme, ThemeMerge
from services.requirements.theme_merges.repository import ThemeMergeRepository
from services.requirements.theme_merges.schemas import ThemeMergeCreate
from services.requirements.themes.repository import ThemeRepository
from services.requirements.themes.service import recount, tell
from services.requirements.themes.shapes import ShapeRepository


class ThemeMergedAlready(Conflict):
    code, title = "theme_merged_already", "One of the two is shown under another theme already"


class ThemeMergeUndone(Conflict):
    code, title = "theme_merge_undone", "This merge was undone already"


class ThemeMergeService:
    """What people say of themes that are one, or are not after all."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def merges(self) -> ThemeMergeRepository:
        return ThemeMergeRepository(self.work.session)

    async def merge(self, new: ThemeMergeCreate) -> ThemeMerge:
        """Raises UnknownReference, ThemeMergedAlready."""
        session = self.work.session
        themes, shapes = ThemeRepository(session), ShapeRepository(session)
        await themes.lock_all()
        found = await themes.by_ids([new.kept_id, new.merged_id])
        for name in ("kept_id", "merged_id"):
            if getattr(new, name) not in found:
                raise UnknownReference(errors=[FieldError(f"/{name}", "There is no such theme.", "unknown")])
        kept, merged = found[new.kept_id], found[new.merged_id]
        if kept.merged_into_id is not None or merged.merged_into_id is not None:
            raise ThemeMergedAlready
        origins = await themes.by_ids(await shapes.origins(merged.id))
        children = {child.id: child for child in await themes.children(merged.id)}
        parents = parents_after(list(children), kept=kept.id, kept_parent=kept.parent_id, merged=merged.id)
        for child_id, parent_id in parents.items():
            children[child_id].parent_id = parent_id
        for origin in origins.values():
            origin.merged_into_id = kept.id
        merge = await self.merges.add(
            ThemeMerge(
                kept_id=kept.id,
                merged_id=merged.id,
                reason=new.reason,
                origin_ids=sorted(origins),
                parents={str(child_id): parent_id and str(parent_id) for child_id, parent_id in parents.items()},
                made_by=self.work.principal.id,
            )
        )
        await shapes.show(merge.origin_ids, under=kept.id)
        await self._settle(merge, "theme_merge.created", origins | children)
        return merge

    async def undo(self, merge_id: UUID) -> ThemeMerge:
        """Raises ThemeMergeUndone, and ThemeMergedAlready while the kept one is itself shown under another."""
        session = self.work.session
        themes, shapes = ThemeRepository(session), ShapeRepository(session)
        await themes.lock_all()
        merge = await self.merges.get(merge_id, lock=True)
        if merge.undone_at is not None:
            raise ThemeMergeUndone
        kept = await themes.get(merge.kept_id)
        if kept.merged_into_id is not None:
            raise ThemeMergedAlready("The one that was kept has been merged since: undo that merge first.")
        origins = await themes.by_ids(merge.origin_ids)
        for origin in origins.values():
            origin.merged_into_id = None if origin.id == merge.merged_id else merge.merged_id
        moved = {UUID(child_id): parent_id and UUID(parent_id) for child_id, parent_id in merge.parents.items()}
        children = await themes.by_ids(moved)
        for child in children.values():
            if child.parent_id == moved[child.id]:
                child.parent_id = merge.merged_id
        merge.undone_at = self.work.clock.now()
        await shapes.show(merge.origin_ids, under=merge.merged_id)
        await self._settle(merge, "theme_merge.undone", origins | children)
        return merge

    async def _settle(self, merge: ThemeMerge, kind: str, changed: Mapping[UUID, Theme]) -> None:
        """Tells of the merge, and of every theme that stands elsewhere or has another size."""
        await tell(self.work, list(changed.values()))
        await recount(self.work, [merge.kept_id, merge.merged_id])
        await self.work.events.append(
            kind, subject_type="theme_merge", subject_id=merge.id, version=merge.version, data=theme_merge_facts(merge)
        )


def theme_merge_facts(merge: ThemeMerge) -> dict[str, Any]:
    """What the feed tells of a merge."""
    return {"kept_id": merge.kept_id, "merged_id": merge.merged_id, "undone_at": merge.undone_at}
