"""Finds the documents that the services committed, so that the API is described even while they are down."""

import json
from pathlib import Path
from typing import Any

import structlog

SERVICES = ("requirements", "roadmap", "metrics")
# In a checkout and in the container; an installed wheel carries a copy beside this module.
PLACES = (Path(__file__).parents[2] / "docs" / "openapi", Path(__file__).parent / "openapi")

log = structlog.get_logger(__name__)


def committed_documents(places: tuple[Path, ...] = PLACES) -> dict[str, dict[str, Any]]:
    """The document of each service; one that is missing is named in the log, and its paths answer 404."""
    documents = {}
    for service in SERVICES:
        found = next((place / f"{service}.json" for place in places if (place / f"{service}.json").is_file()), None)
        if found is None:
            log.error("document_missing", service=service, remedy="run `fullcircle openapi`")
            continue
        documents[service] = json.loads(found.read_text(encoding="utf-8"))
    return documents
