"""Merges requirements that ask the same, and takes a merge back so that nothing is left of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.chassis.errors import Conflict, FieldError, Invalid, UnknownReference
from services.chassis.unit_of_work import Work
from services.requirements.backlog.repository import RequirementRepository
from services.requirements.backlog.service import tell as tell_of_requirement
from services.requirements.models import Merge, Requirement
from services.requirements.similarity.repository import MergeRepository
from services.requirements.similarity.schemas import MergeCreate


class AlreadyMerged(Conflict):
    code, title = "already_merged", "One of the requirements was merged into another already"


class AlreadyUndone(Conflict):
    code, title = "already_undone", "The merge was undone already"


class MergeService:
    """What callers do with merges."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def merges(self) -> MergeRepository:
        return MergeRepository(self.work.session)

    @property
    def requirements(self) -> RequirementRepository:
        return RequirementRepository(self.work.session)

    async def merge(self, new: MergeCreate) -> Merge:
        """Moves the quotes, and nothing else. Raises UnknownReference, AlreadyMerged."""
        if new.requirement_id == new.merged_requirement_id:
            raise Invalid(errors=[FieldError("/merged_requirement_id", "It is the same requirement.", "same")])
        locked = await self._lock({"/requirement_id": new.requirement_id, **_second(new)})
        kept, merged = locked[new.requirement_id], locked[new.merged_requirement_id]
        if kept.merged_into_id or merged.merged_into_id:
            raise AlreadyMerged("Merge what they were merged into, or undo that merge.")
        moved = await self.merges.move(source=merged.id, target=kept.id, at=self.work.clock.now())
        merged.merged_into_id = kept.id
        merged.evidence_count -= len(moved)
        kept.evidence_count += len(moved)
        merge = await self.merges.add(
            Merge(
                kept_id=kept.id,
                merged_id=merged.id,
                moved_evidence_ids=[row.id for row in moved],
                reason=new.reason,
                merged_by=self.work.principal.id,
            )
        )
        await self._tell("merge.created", merge, [merged, kept], moved, target=kept.id)
        return merge

    async def undo(self, merge_id: UUID) -> Merge:
        """Each quote that moved, and still stands, is where it was before. Raises AlreadyUndone."""
        merge = await self.merges.get(merge_id, lock=True)
        if merge.undone_at is not None:
            raise AlreadyUndone("There is nothing left to undo.")
        holder_id = await self.merges.kept_at_last(merge.kept_id)
        locked = await self._lock({"": merge.merged_id, "/": holder_id})
        merged, holder = locked[merge.merged_id], locked[holder_id]
        moved = await self.merges.move(
            source=holder.id, target=merged.id, at=self.work.clock.now(), only=merge.moved_evidence_ids
        )
        merged.merged_into_id = None
        merged.evidence_count += len(moved)
        holder.evidence_count -= len(moved)
        merge.undone_at, merge.undone_by = self.work.clock.now(), self.work.principal.id
        await self._tell("merge.undone", merge, [merged, holder], moved, target=merged.id)
        return merge

    async def _lock(self, wanted: dict[str, UUID]) -> dict[UUID, Requirement]:
        """The requirements in the order of their ids, so that two merges never wait for one another in a circle."""
        found, missing = {}, []
        for pointer, requirement_id in sorted(wanted.items(), key=lambda item: item[1]):
            row = await self.requirements.find(requirement_id, lock=True)
            if row is None:
                missing.append(FieldError(pointer, f"There is no requirement {requirement_id}.", "unknown"))
            else:
                found[requirement_id] = row
        if missing:
            raise UnknownReference(errors=missing)
        return found

    async def _tell(
        self, kind: str, merge: Merge, requirements: Sequence[Requirement], moved: Sequence[Any], *, target: UUID
    ) -> None:
        for requirement in requirements:
            await tell_of_requirement(self.work, "requirement.updated", requirement)
        events = self.work.events
        facts = {"kept_id": merge.kept_id, "merged_id": merge.merged_id, "moved": len(moved)}
        told = [
            events.new(
                "evidence.moved",
                subject_type="evidence",
                subject_id=row.id,
                version=row.version,
                data={"requirement_id": target, "feedback_id": row.feedback_id, "strength": row.strength},
            )
            for row in moved
        ]
        await self.work.session.flush()
        about = events.new(kind, subject_type="merge", subject_id=merge.id, version=merge.version, data=facts)
        await events.append_all([*told, about])


def _second(new: MergeCreate) -> dict[str, UUID]:
    return {"/merged_requirement_id": new.merged_requirement_id}
