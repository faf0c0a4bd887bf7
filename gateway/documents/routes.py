"""Routes /openapi.json and /docs: no key needed, nothing loaded from elsewhere."""

import hashlib
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.chassis.concurrency import matches_none
from services.chassis.errors import NotFound

# Scripts and styles come from this origin only and none is inline; Swagger UI draws its icons as data: images.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
OURS = {
    "page.js": "text/javascript; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
# Swagger UI (Apache-2.0), as the package fastapi-offline ships it.
THEIRS = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
}


class StaticText:
    """Bytes with an ETag, made once."""

    def __init__(self, content: bytes, media_type: str, *, headers: Mapping[str, str] | None = None) -> None:
        self._content = content
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        self._headers = {"ETag": etag, "Cache-Control": "no-cache", "Content-Type": media_type, **(headers or {})}

    def answer(self, request: Request) -> Response:
        """The bytes, or 304 for who has them."""
        if matches_none(request.headers.get("if-none-match", ""), self._headers["ETag"]):
            return Response(status_code=304, headers={"ETag": self._headers["ETag"]})
        return Response(self._content, headers=self._headers)


def documentation(text: bytes) -> APIRouter:
    """The routes that serve this document, in JSON, and its page."""
    router = APIRouter(include_in_schema=False)
    described = StaticText(text, "application/json")
    ours, theirs = resources.files(__package__ or "gateway.documents") / "page", _swagger_ui()
    index = StaticText(
        (ours / "index.html").read_bytes(),
        "text/html; charset=utf-8",
        headers={"Content-Security-Policy": PAGE_POLICY},
    )
    assets = {name: StaticText((ours / name).read_bytes(), kind) for name, kind in OURS.items()}
    assets |= {name: StaticText((theirs / name).read_bytes(), kind) for name, kind in THEIRS.items()}

    @router.get("/openapi.json")
    async def show_document(request: Request) -> Response:
        return described.answer(request)

    @router.get("/docs")
    async def show_page(request: Request) -> Response:
        return index.answer(request)

    @router.get("/docs/{name}")
    async def show_asset(name: str, request: Request) -> Response:
        asset = assets.get(name)
        if asset is None:
            raise NotFound("There is nothing at this address.")
        return asset.answer(request)

    return router


def _swagger_ui() -> Traversable:
    return resources.files("fastapi_offline") / "static"
