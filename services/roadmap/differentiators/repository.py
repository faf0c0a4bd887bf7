"""The only SQL about differentiators."""

from typing import Any, ClassVar

from services.roadmap.keeping.repository import LinkedRepository
from services.roadmap.models import Differentiator


class DifferentiatorRepository(LinkedRepository[Differentiator]):
    """Differentiators."""

    model: ClassVar[Any] = Differentiator
