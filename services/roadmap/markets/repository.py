"""The only SQL about market segments and personas."""

from typing import Any, ClassVar

from services.roadmap.keeping.repository import LinkedRepository
from services.roadmap.models import MarketSegment, Persona


class MarketSegmentRepository(LinkedRepository[MarketSegment]):
    """Market segments."""

    model: ClassVar[Any] = MarketSegment


class PersonaRepository(LinkedRepository[Persona]):
    """Personas."""

    model: ClassVar[Any] = Persona
