"""What stands in the house: services, models, settings and applications, found and not listed."""

import functools
import importlib
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.chassis.settings import SECRET_NAMES, ServiceSettings
from services.chassis.tables import TENANT_TABLES
from services.launcher.bootstrap import SERVICES
from tests.shared import once

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT / "docs" / "openapi"

UNREACHED_ADDRESS = "postgresql://app:secret@127.0.0.1:1/none"
SAMPLE_SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


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


# Routes are looked at before the documents are generated, for that makes them.
DESCRIBE = """
import json, sys
from importlib import import_module
apps = {{service: import_module(package + '.app').create_app() for service, package in {packages}.items()}}
loaded = sorted({{name.partition('.')[0] for name in sys.modules}})
from fastapi.routing import iter_route_contexts
from services.chassis.contract_route import CONTRACT, ContractRoute
from services.chassis.route_index import routes_of
routes = {{service: routes_of(app) for service, app in apps.items() if service != 'gateway'}}
made = {{
    service: [each.path for each in found if isinstance(each, ContractRoute) and each.is_made]
    for service, found in routes.items()
}}
bare = {{
    service: [each.path for each in iter_route_contexts(found) if not hasattr(each.endpoint, CONTRACT)]
    for service, found in routes.items()
}}
from services.launcher.openapi import generated_documents
print(json.dumps({{
    'loaded': loaded, 'bare_routes': bare, 'made_routes': made, 'documents': generated_documents()
}}))
"""


@functools.cache
def described() -> dict[str, Any]:
    """What a fresh interpreter holds in which all four stand.

    `loaded` packages, by service `bare_routes` without contract and `made_routes`, and the `documents` that
    `fullcircle openapi` would write now, by name.
    """
    packages = {service: package_of(service) for service in standing_services()}
    found: dict[str, Any] = once("described", lambda: json.loads(run_python(DESCRIBE.format(packages=packages))))
    return found


def run_python(program: str) -> str:
    """What a fresh interpreter prints; in its environment a service can be put together, and reaches no database."""
    kinds = ("DATABASE", "MIGRATION", "DIRECT")
    urls = {f"FULLCIRCLE_{name.upper()}_{kind}_URL": UNREACHED_ADDRESS for name in SERVICES for kind in kinds}
    secrets = {f"FULLCIRCLE_{name.upper()}": SAMPLE_SECRET for name in SECRET_NAMES}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, **urls, **secrets},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
