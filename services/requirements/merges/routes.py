"""HTTP for merges of contacts and companies."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.merges.schemas import Customer, CustomerMergeCreate, CustomerMergeRead
from services.requirements.merges.service import MergeService
from services.requirements.models import CustomerMerge

SAME_COMPANY = {
    "subject": "company",
    "kept_id": "019c0d8e-7f2a-7c61-9d35-0b2f4c1a8e77",
    "merged_id": "019c0d8e-8b11-7e02-a1c4-52d0c7f3b914",
}

router = Router(prefix="/v1/customer-merges", tags=["Customers"])
Merges = Annotated[MergeService, Depends(MergeService)]


@router.post(scope="feedback:write", example=SAME_COMPANY)
async def create_customer_merge(new: CustomerMergeCreate, merges: Merges) -> Created[CustomerMergeRead]:
    """Make one of two contacts, or of two companies.

    Everything that points at the merged one points at the kept one from now on: feedback, people, revenue. The kept one
    takes over what it lacks. Feedback that still names the merged one, by any of its ids, addresses or domains, comes
    to the kept one. Nothing is lost: the merge can be undone.
    """
    (read,) = await _read(merges, [await merges.merge(new)])
    return created(read)


@router.get(scope="feedback:read")
async def list_customer_merges(
    merges: Merges,
    page: Paging,
    *,
    subject: Annotated[Customer | None, Query(description="Only merges of these.")] = None,
    customer_id: Annotated[
        UUID | None, Query(description="Only merges that this contact or company took part in.")
    ] = None,
) -> Page[CustomerMergeRead]:
    """List merges, newest first, also those that were undone."""
    found = await list_page(
        merges.work,
        merges.merges.matching(subject=subject, customer_id=customer_id),
        page,
        model=CustomerMerge,
        subject_type="customer_merge",
        read=CustomerMergeRead.model_validate,
        filters={"subject": subject, "customer_id": customer_id},
    )
    counts = await merges.merges.counts([each.id for each in found.items])
    return found.model_copy(
        update={"items": [each.model_copy(update={"moved": counts[each.id]}) for each in found.items]}
    )


@router.get("/{customer_merge_id}", scope="feedback:read")
async def get_customer_merge(customer_merge_id: UUID, merges: Merges) -> CustomerMergeRead:
    """Read a merge, and how much it has moved."""
    (read,) = await _read(merges, [await merges.merges.get(customer_merge_id)])
    return read


@router.post("/{customer_merge_id}/undo", scope="feedback:write", status=200)
async def undo_customer_merge(customer_merge_id: UUID, merges: Merges) -> CustomerMergeRead:
    """Part what was merged.

    Everything that the merge has moved points again where it did, and the kept one gives back what it took, unless
    somebody has changed it since. What has come in after the merge stays with the kept one. While the kept one is
    itself merged into another this is answered with 409: undo that merge first.
    """
    (read,) = await _read(merges, [await merges.undo(customer_merge_id)])
    return read


async def _read(merges: MergeService, rows: Sequence[CustomerMerge]) -> list[CustomerMergeRead]:
    counts = await merges.merges.counts([row.id for row in rows])
    return [CustomerMergeRead.model_validate(row).model_copy(update={"moved": counts[row.id]}) for row in rows]
