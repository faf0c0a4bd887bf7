"""`fullcircle openapi`: writes what each process says of itself, and the document made of all four."""

import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any

from services.launcher.bootstrap import SERVICES
from services.launcher.secrets import SECRET_NAMES
from services.launcher.serve import factory_of
from services.launcher.version import ROOT, version

DOCUMENTS = ROOT / "docs" / "openapi"
MERGED = "fullcircle"
# Enough to put an application together; nothing is connected to, and nothing is signed.
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
NO_SECRET = "A" * 43


def write_documents(directory: Path = DOCUMENTS) -> list[Path]:
    """Write one document per process and the merged one; answers the files that changed."""
    documents = generated_documents()
    directory.mkdir(parents=True, exist_ok=True)
    texts = {
        directory / f"{name}.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        for name, document in documents.items()
    }
    changed = [path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in changed:
        path.write_text(texts[path], encoding="utf-8")
    return changed


def generated_documents() -> dict[str, dict[str, Any]]:
    """By process, and all together under `fullcircle`; raises what the merge says does not fit together."""
    _set_environment()
    chassis, gateway = import_module("services.chassis.documents"), import_module("gateway.app")
    documents = {
        service: chassis.openapi_document(_application(service)) for service in SERVICES if service != "gateway"
    }
    documents["gateway"] = gateway.own_document()
    merge = import_module("gateway.documents.merge").merge
    return {**documents, MERGED: merge(documents, version=version())}


def _application(service: str) -> Any:
    module, _, factory = factory_of(service).partition(":")
    return getattr(import_module(module), factory)()


def _set_environment() -> None:
    for service in SERVICES:
        for kind in ("DATABASE", "MIGRATION", "DIRECT"):
            os.environ.setdefault(f"FULLCIRCLE_{service.upper()}_{kind}_URL", NOWHERE)
    for name in SECRET_NAMES:
        os.environ.setdefault(f"FULLCIRCLE_{name.upper()}", NO_SECRET)
