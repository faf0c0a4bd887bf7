"""Keeps differentiators."""

from typing import Any, ClassVar

from services.roadmap.differentiators.repository import DifferentiatorRepository
from services.roadmap.differentiators.schemas import DifferentiatorRead
from services.roadmap.keeping.service import Keeper
from services.roadmap.models import Differentiator


class DifferentiatorService(Keeper[Differentiator, DifferentiatorRead]):
    """Differentiators."""

    noun: ClassVar[str] = "differentiator"
    repository: ClassVar[Any] = DifferentiatorRepository
    read: ClassVar[Any] = DifferentiatorRead
