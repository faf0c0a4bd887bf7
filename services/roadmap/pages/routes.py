"""HTTP for the strategy as a page."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from starlette.responses import Response

from services.chassis.routing import Router
from services.roadmap.exports.strategy_pages import strategy_page
from services.roadmap.pages.service import PageService

MARKDOWN = "text/markdown"
ANSWER = {
    "responses": {
        "200": {"description": "The page in Markdown.", "content": {MARKDOWN: {"schema": {"type": "string"}}}}
    }
}

router = Router(prefix="/v1/strategy", tags=["Strategy"])
Pages = Annotated[PageService, Depends(PageService)]


@router.get("/page", scope="roadmap:read", extra=ANSWER)
async def export_strategy(
    pages: Pages,
    product_id: Annotated[UUID | None, Query(description="Of this product; the whole strategy, unless given.")] = None,
) -> Response:
    """Take the strategy along as a page in Markdown.

    Vision, markets, personas, needs and their pains, what sets us apart, positioning, the comparison with competitors,
    objectives with their progress, initiatives, money, constraints, and what is missing: in that order. At most 200 of
    each kind.
    """
    headers = {"Content-Disposition": 'attachment; filename="strategy.md"', "X-Content-Type-Options": "nosniff"}
    content = strategy_page(await pages.page(product_id))
    return Response(content, headers=headers, media_type=f"{MARKDOWN}; charset=utf-8")
