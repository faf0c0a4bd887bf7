"""Route /.well-known/security.txt (RFC 9116): whom to tell of a weakness in this installation."""

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from services.chassis.context import ServiceContext
from services.chassis.errors import NotFound

SECURITY_TXT = "/.well-known/security.txt"
# The RFC wants the file to expire within a year, so that nobody trusts a forgotten one: this one is never old.
VALID = timedelta(days=180)


def security_contact(contact: str) -> APIRouter:
    """The route that names this contact, `mailto:` or `https:`; without one there is no such file."""
    router = APIRouter(include_in_schema=False)

    @router.get(SECURITY_TXT)
    async def show_security_contact(request: Request) -> Response:
        if not contact:
            raise NotFound("The operator of this installation has named no contact.")
        context: ServiceContext = request.app.state.context
        expires = (context.clock.now() + VALID).replace(hour=0, minute=0, second=0, microsecond=0)
        lines = (f"Contact: {contact}", f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: en")
        return PlainTextResponse("\r\n".join((*lines, "")))

    return router
