"""HTTP for market segments and personas."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.markets.schemas import (
    MarketSegmentCreate,
    MarketSegmentRead,
    MarketSegmentUpdate,
    PersonaCreate,
    PersonaRead,
    PersonaRole,
    PersonaUpdate,
)
from services.roadmap.markets.service import MarketSegmentService, PersonaService

SOLE_TRADERS = {
    "name": "Sole traders in Germany",
    "size": 1_900_000,
    "size_unit": "people",
    "source": "Federal Statistical Office, labour force survey",
    "sized_on": "2025-12-31",
}
SHOPKEEPER = {
    "name": "Shopkeeper who does the books at night",
    "role": "user",
    "goals": ["Be paid on time", "Think about invoices as little as possible"],
}

segments = Router(prefix="/v1/market-segments", tags=["Strategy"])
personas = Router(prefix="/v1/personas", tags=["Strategy"])
Segments = Annotated[MarketSegmentService, Depends(MarketSegmentService)]
Personas = Annotated[PersonaService, Depends(PersonaService)]


@segments.post(scope="roadmap:write", example=SOLE_TRADERS)
async def create_market_segment(new: MarketSegmentCreate, segments: Segments) -> Created[MarketSegmentRead]:
    """Describe a market segment.

    How many there are and what they spend in a year need a source: a figure that nobody vouches for is refused with
    422.
    """
    return created(await segments.create(new))


@segments.get(scope="roadmap:read")
async def list_market_segments(segments: Segments, page: Paging) -> Page[MarketSegmentRead]:
    """List market segments, newest first."""
    return await segments.search(page)


@segments.get("/{market_segment_id}", scope="roadmap:read")
async def get_market_segment(market_segment_id: UUID, segments: Segments) -> MarketSegmentRead:
    """Read a market segment."""
    return MarketSegmentRead.model_validate(await segments.get(market_segment_id))


@segments.patch("/{market_segment_id}", scope="roadmap:write", example={"description": "One person, no staff."})
async def update_market_segment(
    market_segment_id: UUID, change: MarketSegmentUpdate, segments: Segments, if_match: IfMatch
) -> MarketSegmentRead:
    """Change a market segment."""
    return MarketSegmentRead.model_validate(await segments.update(market_segment_id, change, if_match=if_match))


@segments.delete("/{market_segment_id}", scope="roadmap:write")
async def delete_market_segment(market_segment_id: UUID, segments: Segments, if_match: IfMatch) -> None:
    """Remove a market segment.

    Refused with 409 while a persona, a need or a vision names it.
    """
    await segments.delete(market_segment_id, if_match=if_match)


@personas.post(scope="roadmap:write", example=SHOPKEEPER)
async def create_persona(new: PersonaCreate, personas: Personas) -> Created[PersonaRead]:
    """Describe a persona.

    A kind of people whose needs are alike, in which segments they are found and what they are after.
    """
    return created(await personas.create(new))


@personas.get(scope="roadmap:read")
async def list_personas(
    personas: Personas,
    page: Paging,
    *,
    role: Annotated[PersonaRole | None, Query(description="Only those who use, buy or advise.")] = None,
    market_segment_id: Annotated[UUID | None, Query(description="Only those found in this segment.")] = None,
) -> Page[PersonaRead]:
    """List personas, newest first."""
    return await personas.search(page, role=role, linked={"market_segment_id": market_segment_id})


@personas.get("/{persona_id}", scope="roadmap:read")
async def get_persona(persona_id: UUID, personas: Personas) -> PersonaRead:
    """Read a persona."""
    return PersonaRead.model_validate(await personas.get(persona_id))


@personas.patch("/{persona_id}", scope="roadmap:write", example={"goals": ["Be paid on time"]})
async def update_persona(persona_id: UUID, change: PersonaUpdate, personas: Personas, if_match: IfMatch) -> PersonaRead:
    """Change a persona."""
    return PersonaRead.model_validate(await personas.update(persona_id, change, if_match=if_match))


@personas.delete("/{persona_id}", scope="roadmap:write")
async def delete_persona(persona_id: UUID, personas: Personas, if_match: IfMatch) -> None:
    """Remove a persona.

    Refused with 409 while a need names it.
    """
    await personas.delete(persona_id, if_match=if_match)
