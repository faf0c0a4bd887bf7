"""Whether the process lives, whether it can serve, what it is; and its figures for Prometheus."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from services.chassis.context import ServiceContext
from services.chassis.errors import Unavailable
from services.chassis.figures import look

router = APIRouter(include_in_schema=False)


def product_version() -> str:
    """The installed version; `0` from a bare checkout."""
    try:
        return version("fullcircle")
    except PackageNotFoundError:
        return "0"


@router.get("/livez")
async def live() -> Response:
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
async def ready(request: Request) -> Response:
    context: ServiceContext = request.app.state.context
    try:
        async with context.database.engine.connect() as connection:
            revision = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    except (SQLAlchemyError, OSError) as fault:
        raise Unavailable("The database cannot be reached.") from fault
    expected = context.migration_head
    if expected is not None and revision != expected:
        raise Unavailable(f"The database is at migration {revision}, this version needs {expected}.")
    return JSONResponse({"status": "ok", "migration": revision})


@router.get("/version")
async def show_version(request: Request) -> Any:
    context: ServiceContext = request.app.state.context
    return {"service": context.name, "version": product_version()}


@router.get("/metrics")
async def figures(request: Request) -> Response:
    await look(request.app.state.context)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
