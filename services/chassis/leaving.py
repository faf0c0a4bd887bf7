"""The link by which the reader of a mail leaves (RFC 2369, 8058), and the page behind it."""

from dataclasses import dataclass
from html import escape
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import HTMLResponse

from services.chassis.context import ServiceContext
from services.chassis.errors import BadRequest, NotFound

FORM = "application/x-www-form-urlencoded"
PAGE: dict[str, Any] = {
    "responses": {"200": {"description": "A page.", "content": {"text/html": {"schema": {"type": "string"}}}}}
}
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
LeavingToken = Annotated[str, Query(min_length=1, max_length=500, description="From the link in the message.")]


@dataclass(frozen=True)
class LeavingLinks:
    """Links of one kind of mail, signed so that nobody can leave for another.

    `purpose` is what the token is for, `what` is the word for the mail, in the plural and small.
    """

    path: str
    purpose: str
    what: str

    def to_leave(self, context: ServiceContext, *, workspace_id: UUID, reader_id: UUID) -> str:
        """It does not expire, for people find old mail."""
        token = context.cursors.seal(self.purpose, [str(workspace_id), str(reader_id)])
        return f"{context.settings.gateway_url.rstrip('/')}{self.path}?token={token}"

    def opened(self, context: ServiceContext, token: str) -> tuple[UUID, UUID]:
        """Workspace and reader. Raises NotFound for a link that was not given out here."""
        try:
            workspace_id, reader_id = context.cursors.open(self.purpose, token)
        except BadRequest:
            raise NotFound("This link is not one that was given out here.") from None
        return UUID(workspace_id), UUID(reader_id)

    def question(self, token: str) -> HTMLResponse:
        """Asks whether somebody wants no more of it, and changes nothing by itself."""
        action = f"{self.path}?token={escape(token)}"
        form = f'<form method="post" action="{action}"><button>Yes, no more</button></form>'
        return self._page(f"<p>No more {self.what}?</p>{form}")

    def farewell(self) -> HTMLResponse:
        return self._page(f"<p>Done. You will get no more of these {self.what}.</p>")

    def _page(self, content: str) -> HTMLResponse:
        head = f'<meta charset="utf-8"><title>{self.what.capitalize()}</title>'
        return HTMLResponse(f'<!doctype html><html lang="en">{head}{content}</html>', headers=PAGE_HEADERS)


def headers_to_leave(link: str) -> dict[str, str]:
    """What lets a mail program offer the link as a button."""
    return {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
