"""The only SQL about initiatives."""

from typing import Any, ClassVar

from services.roadmap.keeping.repository import LinkedRepository
from services.roadmap.models import Initiative


class InitiativeRepository(LinkedRepository[Initiative]):
    """Initiatives."""

    model: ClassVar[Any] = Initiative
