"""Makes sure that what a requirement names in the roadmap is there: asked over HTTP, before the transaction begins."""

from collections.abc import Mapping
from typing import cast
from uuid import UUID

from services.chassis.errors import FieldError, UnknownReference
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.backlog.schemas import ObjectiveLink
from services.requirements.clients.context import RequirementsContext


async def require_roadmap(
    work: UnitOfWork, *, objectives: list[ObjectiveLink], persona_id: UUID | None, need_id: UUID | None
) -> None:
    """Call it before the first use of the session. Raises UnknownReference, NeighbourDown; asks only what is named."""
    named: dict[str, Mapping[str, UUID]] = {
        "objective": {f"/objectives/{place}/objective_id": each.objective_id for place, each in enumerate(objectives)},
        "persona": {} if persona_id is None else {"/persona_id": persona_id},
        "need": {} if need_id is None else {"/need_id": need_id},
    }
    roadmap = cast("RequirementsContext", work.context).roadmap
    unknown = []
    for noun, pointers in named.items():
        if not pointers:
            continue
        there = await roadmap.existing(noun, set(pointers.values()), workspace_id=work.principal.workspace)
        unknown += [
            FieldError(pointer, f"There is no {noun} {each}.", "unknown")
            for pointer, each in pointers.items()
            if each not in there
        ]
    if unknown:
        raise UnknownReference(errors=unknown)
