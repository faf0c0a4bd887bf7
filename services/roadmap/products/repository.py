"""The only SQL about products."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import exists, select

from services.roadmap.keeping.repository import LinkedRepository
from services.roadmap.models import Feature, Product


class ProductRepository(LinkedRepository[Product]):
    """Products."""

    model: ClassVar[Any] = Product

    async def has_features(self, product_id: UUID) -> bool:
        """Whether any feature belongs to the product."""
        query = select(exists().where(Feature.workspace_id == self.workspace_id, Feature.product_id == product_id))
        return bool(await self.session.scalar(query))
