"""Keeps market segments and personas."""

from typing import Any, ClassVar

from services.chassis.errors import FieldError, Invalid
from services.roadmap.keeping.service import Keeper
from services.roadmap.markets.repository import MarketSegmentRepository, PersonaRepository
from services.roadmap.markets.schemas import MarketSegmentRead, PersonaRead
from services.roadmap.models import MarketSegment, Persona


class MarketSegmentService(Keeper[MarketSegment, MarketSegmentRead]):
    """Segments; a size is worth as much as its source."""

    noun: ClassVar[str] = "market_segment"
    repository: ClassVar[Any] = MarketSegmentRepository
    read: ClassVar[Any] = MarketSegmentRead

    async def check(self, row: MarketSegment) -> None:
        """Raises Invalid for a figure that nobody vouches for."""
        if row.source is None and (row.size is not None or row.annual_value_minor is not None):
            raise Invalid(errors=[FieldError("/source", "Say who counted: a figure needs its source.", "missing")])


class PersonaService(Keeper[Persona, PersonaRead]):
    """Personas."""

    noun: ClassVar[str] = "persona"
    repository: ClassVar[Any] = PersonaRepository
    read: ClassVar[Any] = PersonaRead
