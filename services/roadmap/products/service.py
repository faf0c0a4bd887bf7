"""Keeps products."""

from typing import Any, ClassVar
from uuid import UUID

from services.chassis.errors import FieldError, StillReferenced, UnknownReference
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.keeping.service import Keeper
from services.roadmap.models import Product
from services.roadmap.products.repository import ProductRepository
from services.roadmap.products.schemas import ProductRead


class ProductService(Keeper[Product, ProductRead]):
    """What is offered, and how far it is in its life."""

    noun: ClassVar[str] = "product"
    repository: ClassVar[Any] = ProductRepository
    read: ClassVar[Any] = ProductRead

    async def require_removable(self, row: Product) -> None:
        """Raises StillReferenced while a feature belongs to it."""
        if await ProductRepository(self.work.session).has_features(row.id):
            raise StillReferenced("Features belong to this product: move them first, or set it to retired.")


async def require_product(work: UnitOfWork, product_id: UUID | None) -> None:
    """Raises UnknownReference unless the product exists; none named is fine."""
    if product_id is not None and await ProductRepository(work.session).find(product_id) is None:
        raise UnknownReference(errors=[FieldError("/product_id", f"There is no product {product_id}.", "unknown")])
