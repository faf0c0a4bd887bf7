"""What stands in the house: services, models, settings and applications, found and not listed."""

import importlib
import inspect
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.chassis.settings import ServiceSettings
from services.chassis.tables import TENANT_TABLES
from services.launcher.bootstrap import SERVICES

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT / "docs" / "openapi"


def package_of(service: str) -> str:
    return "gateway" if service == "gateway" else f"services.{service}"


def standing_services() -> list[str]:
    """The four, each once its application stands."""
    return [service for service in SERVICES if importlib.util.find_spec(f"{package_of(service)}.app")]


def settings_of(service: str) -> type[ServiceSettings]:
    """The one class of settings that a service adds to those of the chassis."""
    module = importlib.import_module(f"{package_of(service)}.settings")
    return next(
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, ServiceSettings) and kind.__module__ == module.__name__
    )


def business_tables(service: str) -> dict[str, sa.Table]:
    """Every table that the service's models declare, and what it keeps per workspace beside them."""
    module: Any = importlib.import_module(f"{package_of(service)}.models")
    own = {table.name: table for table in module.Base.metadata.tables.values()}
    return own | {table.name: table for table in TENANT_TABLES}
