"""The one place where a failure becomes an answer: `application/problem+json` (RFC 9457)."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.chassis import errors
from services.chassis.errors import FieldError, InternalError, Problem
from services.chassis.strict_json import pointer_token
from services.chassis.tracing import current_trace_id

log = structlog.get_logger(__name__)

PLACES = {"query": "query", "path": "path", "header": "header", "cookie": "cookie"}


def render(problem: Problem, request: Request) -> Response:
    """The answer for a problem."""
    document = problem.document(instance=request.url.path, trace_id=current_trace_id())
    body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, problem.status, problem.headers, media_type=errors.PROBLEM_JSON)


def problem_of(fault: BaseException) -> Problem:
    """The problem that a failure amounts to; what nobody foresaw is logged and answered as 500."""
    if isinstance(fault, Problem):
        return fault
    for kind, translate in TRANSLATIONS:
        if isinstance(fault, kind):
            return translate(fault)
    if is_unencodable(fault):
        return errors.Invalid("A value lies outside of what can be kept.")
    if is_database_outage(fault):
        log.warning("database_unavailable", error=type(fault).__name__)
        return errors.Unavailable("The database cannot answer just now.")
    log.error("unexpected_failure", exc_info=fault)
    return InternalError()


def is_database_outage(fault: BaseException) -> bool:
    """Whether the database, rather than the request, is at fault: gone, restarting, full, overloaded, deadlocked."""
    if is_unencodable(fault):
        return False
    if isinstance(fault, PoolTimeout | InterfaceError | ConnectionError | asyncpg.PostgresConnectionError):
        return True
    if isinstance(fault, DBAPIError):
        state = sqlstate(fault) or ""
        return fault.connection_invalidated or state[:2] in {"08", "53", "57", "40", "25", "58"}
    return isinstance(fault, asyncpg.InterfaceError | OSError | TimeoutError | asyncio.TimeoutError)


def is_unencodable(fault: BaseException) -> bool:
    """Whether the driver could not put a value into its column's type, such as an integer that is out of range."""
    causes = (fault, getattr(fault, "orig", None), getattr(getattr(fault, "orig", None), "__cause__", None))
    return any(isinstance(each, asyncpg.DataError) for each in causes)


def sqlstate(fault: DBAPIError) -> str | None:
    """The five characters of the SQL standard that PostgreSQL names the error by."""
    return getattr(fault.orig, "sqlstate", None) or getattr(fault.orig, "pgcode", None)


def install_problem_handlers(app: FastAPI) -> None:
    """Renders what is raised outside a contract route: unknown paths, wrong methods."""

    async def handle(request: Request, fault: Exception) -> Response:
        return render(problem_of(fault), request)

    for kind in (Problem, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, handle)


def _validation_problem(fault: RequestValidationError) -> Problem:
    return errors.Invalid(errors=[_field_error(each) for each in fault.errors()])


def _stale_problem(_fault: StaleDataError) -> Problem:
    return errors.PreconditionFailed("Someone else changed the resource at the same time.")


def _integrity_problem(fault: IntegrityError) -> Problem:
    state = sqlstate(fault)
    if state == "23505":
        return errors.AlreadyExists()
    if state == "23001":  # what PostgreSQL 18 says of ON DELETE RESTRICT; before, it said 23503
        return errors.StillReferenced()
    if state == "23503":
        still = "is still referenced" in str(fault.orig)
        return errors.StillReferenced() if still else errors.UnknownReference()
    if state in {"23514", "23502", "22003"}:
        return errors.Invalid("A value lies outside of what is allowed.")
    log.error("integrity_failure", sqlstate=state, exc_info=fault)
    return InternalError()


def _http_problem(fault: HTTPException) -> Problem:
    known = errors.problem_types().get(fault.status_code)
    if known is None:
        log.error("unknown_http_status", status=fault.status_code)
        return InternalError()
    problem = known()
    problem.headers |= dict(fault.headers or {})
    return problem


def _field_error(error: dict[str, Any]) -> FieldError:
    location: Sequence[Any] = error["loc"]
    place, rest = location[0], location[1:]
    pointer = "".join(f"/{pointer_token(token)}" for token in rest)
    detail = error["msg"].removeprefix("Value error, ")
    return FieldError(pointer if place == "body" else f"{PLACES[place]}{pointer}", detail, error["type"])


TRANSLATIONS: tuple[tuple[type[BaseException], Callable[[Any], Problem]], ...] = (
    (RequestValidationError, _validation_problem),
    (HTTPException, _http_problem),
    (StaleDataError, _stale_problem),
    (IntegrityError, _integrity_problem),
)
