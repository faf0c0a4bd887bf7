"""HTTP for competitors, capabilities and positionings."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.competition.schemas import (
    CapabilityCreate,
    CapabilityRead,
    CapabilityUpdate,
    ComparisonRead,
    CompetitorCreate,
    CompetitorRead,
    CompetitorUpdate,
    PositioningCreate,
    PositioningRead,
    PositioningUpdate,
)
from services.roadmap.competition.service import CapabilityService, CompetitorService, PositioningService

SPREADSHEET = {"name": "A spreadsheet", "description": "What most have before, and many after."}
REMINDING = {
    "title": "Reminds late payers by itself",
    "importance": 5,
    "ratings": [
        {
            "kind": "product",
            "id": "01983a7c-6d2e-7b94-a1f0-8c4e5d3b2a19",
            "level": 4,
            "source": "Our own trial with twelve firms",
        }
    ],
}
FOUNDERS = {
    "product_id": "01983a7c-6d2e-7b94-a1f0-8c4e5d3b2a19",
    "target": "founders in their first week",
    "need": "want to be paid on time",
    "name": "Harbour",
    "category": "an invoicing program",
    "benefit": "reminds late payers by itself",
    "alternative": "a spreadsheet",
    "difference": "never forgets",
}

competitors = Router(prefix="/v1/competitors", tags=["Strategy"])
capabilities = Router(prefix="/v1/capabilities", tags=["Strategy"])
positionings = Router(prefix="/v1/positionings", tags=["Strategy"])
comparisons = Router(prefix="/v1/products/{product_id}/comparison", tags=["Strategy"])
Competitors = Annotated[CompetitorService, Depends(CompetitorService)]
Capabilities = Annotated[CapabilityService, Depends(CapabilityService)]
Positionings = Annotated[PositioningService, Depends(PositioningService)]


@competitors.post(scope="roadmap:write", example=SPREADSHEET)
async def create_competitor(new: CompetitorCreate, competitors: Competitors) -> Created[CompetitorRead]:
    """Name a competitor.

    Whatever people could choose instead, doing nothing included.
    """
    return created(await competitors.create(new))


@competitors.get(scope="roadmap:read")
async def list_competitors(competitors: Competitors, page: Paging) -> Page[CompetitorRead]:
    """List competitors, newest first."""
    return await competitors.search(page)


@competitors.get("/{competitor_id}", scope="roadmap:read")
async def get_competitor(competitor_id: UUID, competitors: Competitors) -> CompetitorRead:
    """Read a competitor."""
    return CompetitorRead.model_validate(await competitors.get(competitor_id))


@competitors.patch("/{competitor_id}", scope="roadmap:write", example={"website": "https://competitor.example"})
async def update_competitor(
    competitor_id: UUID, change: CompetitorUpdate, competitors: Competitors, if_match: IfMatch
) -> CompetitorRead:
    """Change a competitor."""
    return CompetitorRead.model_validate(await competitors.update(competitor_id, change, if_match=if_match))


@competitors.delete("/{competitor_id}", scope="roadmap:write")
async def delete_competitor(competitor_id: UUID, competitors: Competitors, if_match: IfMatch) -> None:
    """Remove a competitor.

    Refused with 409 while a capability rates it or a positioning names it.
    """
    await competitors.delete(competitor_id, if_match=if_match)


@capabilities.post(scope="roadmap:write", example=REMINDING)
async def create_capability(new: CapabilityCreate, capabilities: Capabilities) -> Created[CapabilityRead]:
    """Name something that products can do better or worse.

    How much it matters, which needs it answers, and who does it how well, each with how you know.
    """
    return created(await capabilities.create(new))


@capabilities.get(scope="roadmap:read")
async def list_capabilities(
    capabilities: Capabilities,
    page: Paging,
    need_id: Annotated[UUID | None, Query(description="Only those that answer this need.")] = None,
) -> Page[CapabilityRead]:
    """List capabilities, newest first."""
    return await capabilities.search(page, linked={"need_id": need_id})


@capabilities.get("/{capability_id}", scope="roadmap:read")
async def get_capability(capability_id: UUID, capabilities: Capabilities) -> CapabilityRead:
    """Read a capability."""
    return CapabilityRead.model_validate(await capabilities.get(capability_id))


@capabilities.patch("/{capability_id}", scope="roadmap:write", example={"importance": 4})
async def update_capability(
    capability_id: UUID, change: CapabilityUpdate, capabilities: Capabilities, if_match: IfMatch
) -> CapabilityRead:
    """Change a capability; ratings are replaced as a whole."""
    return CapabilityRead.model_validate(await capabilities.update(capability_id, change, if_match=if_match))


@capabilities.delete("/{capability_id}", scope="roadmap:write")
async def delete_capability(capability_id: UUID, capabilities: Capabilities, if_match: IfMatch) -> None:
    """Remove a capability with its ratings."""
    await capabilities.delete(capability_id, if_match=if_match)


@comparisons.get(scope="roadmap:read")
async def get_product_comparison(product_id: UUID, capabilities: Capabilities) -> ComparisonRead:
    """Lay a product beside its competitors.

    Capability by capability, the most important first: our level, theirs, who is best and by how much we lead or trail;
    then the weighted mean of each, with how much of it is known.
    """
    return await capabilities.compare(product_id)


@positionings.post(scope="roadmap:write", example=FOUNDERS)
async def create_positioning(new: PositioningCreate, positionings: Positionings) -> Created[PositioningRead]:
    """Position a product.

    For whom, what they need, what the product is and does for them, and how it differs from what they would take
    otherwise; the answer reads it as one statement.
    """
    return created(await positionings.create(new))


@positionings.get(scope="roadmap:read")
async def list_positionings(
    positionings: Positionings,
    page: Paging,
    product_id: Annotated[UUID | None, Query(description="Only those of this product.")] = None,
) -> Page[PositioningRead]:
    """List positionings, newest first."""
    return await positionings.search(page, product_id=product_id)


@positionings.get("/{positioning_id}", scope="roadmap:read")
async def get_positioning(positioning_id: UUID, positionings: Positionings) -> PositioningRead:
    """Read a positioning."""
    return PositioningRead.model_validate(await positionings.get(positioning_id))


@positionings.patch("/{positioning_id}", scope="roadmap:write", example={"difference": "never forgets"})
async def update_positioning(
    positioning_id: UUID, change: PositioningUpdate, positionings: Positionings, if_match: IfMatch
) -> PositioningRead:
    """Change a positioning."""
    return PositioningRead.model_validate(await positionings.update(positioning_id, change, if_match=if_match))


@positionings.delete("/{positioning_id}", scope="roadmap:write")
async def delete_positioning(positioning_id: UUID, positionings: Positionings, if_match: IfMatch) -> None:
    """Remove a positioning."""
    await positionings.delete(positioning_id, if_match=if_match)
