"""HTTP for products."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.products.schemas import ProductCreate, ProductRead, ProductStage, ProductUpdate
from services.roadmap.products.service import ProductService

HARBOUR = {
    "name": "Invoices for small firms",
    "description": "Writes and sends invoices for firms of one to twenty people.",
    "stage": "growth",
}

router = Router(prefix="/v1/products", tags=["Strategy"])
Products = Annotated[ProductService, Depends(ProductService)]


@router.post(scope="roadmap:write", example=HARBOUR)
async def create_product(new: ProductCreate, products: Products) -> Created[ProductRead]:
    """Name a product.

    Features, visions and initiatives can then say which product they are for. A name that another product has is
    answered with 409.
    """
    return created(await products.create(new))


@router.get(scope="roadmap:read")
async def list_products(
    products: Products,
    page: Paging,
    stage: Annotated[ProductStage | None, Query(description="Only products in this part of their life.")] = None,
) -> Page[ProductRead]:
    """List products, newest first."""
    return await products.search(page, stage=stage)


@router.get("/{product_id}", scope="roadmap:read")
async def get_product(product_id: UUID, products: Products) -> ProductRead:
    """Read a product."""
    return ProductRead.model_validate(await products.get(product_id))


@router.patch("/{product_id}", scope="roadmap:write", example={"stage": "maturity"})
async def update_product(product_id: UUID, change: ProductUpdate, products: Products, if_match: IfMatch) -> ProductRead:
    """Change a product."""
    return ProductRead.model_validate(await products.update(product_id, change, if_match=if_match))


@router.delete("/{product_id}", scope="roadmap:write")
async def delete_product(product_id: UUID, products: Products, if_match: IfMatch) -> None:
    """Remove a product.

    Refused with 409 while a feature belongs to it or something of the strategy names it.
    """
    await products.delete(product_id, if_match=if_match)
