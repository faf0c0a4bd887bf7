"""Merges customers who are one, and parts them again exactly as they were."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.chassis.errors import Conflict, FieldError, UnknownReference
from services.chassis.unit_of_work import Work
from services.requirements.customers.service import customer_facts
from services.requirements.domain.merging import given_back, recorded, taken_over, with_fields
from services.requirements.merges.repository import MergeRepository, Moved
from services.requirements.merges.schemas import CustomerMergeCreate
from services.requirements.models import CustomerMerge

FIELDS = {"contact": ("name", "company_id"), "company": ("name",)}


class MergedAlready(Conflict):
    code, title = "merged_already", "One of the two is part of another merge"


class UndoneAlready(Conflict):
    code, title = "undone_already", "This merge was undone already"


class MergeService:
    """What callers do when two customers are one, or are not after all."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def merges(self) -> MergeRepository:
        return MergeRepository(self.work.session)

    async def merge(self, new: CustomerMergeCreate) -> CustomerMerge:
        """Raises UnknownReference, MergedAlready."""
        rows = await self.merges.both(new.subject, [new.kept_id, new.merged_id])
        for name in ("kept_id", "merged_id"):
            if getattr(new, name) not in rows:
                raise UnknownReference(errors=[FieldError(f"/{name}", f"There is no such {new.subject}.", "unknown")])
        kept, merged = rows[new.kept_id], rows[new.merged_id]
        if kept.merged_into_id is not None or merged.merged_into_id is not None:
            raise MergedAlready
        taken = taken_over(_fields(kept, new.subject), _fields(merged, new.subject))
        merge = CustomerMerge(
            subject=new.subject,
            kept_id=kept.id,
            merged_id=merged.id,
            taken=recorded(taken),
            made_by=self.work.principal.id,
        )
        await self.merges.add(merge)
        moved = await self.merges.move(merge, now=self.work.clock.now())
        _set(kept, new.subject, taken)
        merged.merged_into_id = kept.id
        await self._tell(merge, "customer_merge.created", kept, merged, moved)
        return merge

    async def undo(self, merge_id: UUID) -> CustomerMerge:
        """Raises UndoneAlready, and MergedAlready while the kept one is itself merged into another."""
        merge = await self.merges.get(merge_id, lock=True)
        if merge.undone_at is not None:
            raise UndoneAlready
        rows = await self.merges.both(merge.subject, [merge.kept_id, merge.merged_id])
        kept, merged = rows[merge.kept_id], rows[merge.merged_id]
        if kept.merged_into_id is not None:
            raise MergedAlready("The one that was kept has been merged since: undo that merge first.")
        taken_companies = [UUID(value) for value in merge.taken.values() if value is not None]
        back = given_back(
            _fields(kept, merge.subject),
            _fields(merged, merge.subject),
            merge.taken,
            moved=await self.merges.merged_into(taken_companies),
        )
        merged.merged_into_id = None
        moved = await self.merges.move_back(merge, now=self.work.clock.now())
        _set(kept, merge.subject, dict.fromkeys(back))
        merge.undone_at = self.work.clock.now()
        await self._tell(merge, "customer_merge.undone", kept, merged, moved)
        return merge

    async def _tell(self, merge: CustomerMerge, kind: str, kept: Any, merged: Any, moved: Sequence[Moved]) -> None:
        """Of the merge, of the two, and of everything that points elsewhere now."""
        await self.work.session.flush()
        new, subject = self.work.events.new, merge.subject
        others = [each for each in moved if each.id not in {kept.id, merged.id}]
        await self.work.events.append_all(
            [
                new(
                    kind,
                    subject_type="customer_merge",
                    subject_id=merge.id,
                    version=merge.version,
                    data={"subject": subject, "kept_id": merge.kept_id, "merged_id": merge.merged_id},
                ),
                *(
                    new(
                        f"{subject}.updated",
                        subject_type=subject,
                        subject_id=row.id,
                        version=row.version,
                        data=customer_facts(row),
                    )
                    for row in (kept, merged)
                ),
                *(
                    new(f"{each.table}.reassigned", subject_type=each.table, subject_id=each.id, version=each.version)
                    for each in others
                ),
            ]
        )


def _fields(row: Any, subject: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS[subject]} | {"metadata": row.attributes}


def _set(row: Any, subject: str, changes: dict[str, Any]) -> None:
    for name, value in with_fields(_fields(row, subject), changes).items():
        column = "attributes" if name == "metadata" else name
        if getattr(row, column) != value:
            setattr(row, column, value)
