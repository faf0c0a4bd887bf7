"""Reads the documents as they were committed: the API is described even while services are down.

A start must not pay for them: what routes need is read past everything else, and the text for readers is never parsed.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import structlog

PROCESSES = ("requirements", "roadmap", "metrics", "gateway")
MERGED = "fullcircle"
# In a checkout and in the container; an installed wheel carries a copy beside this module.
PLACES = (Path(__file__).parents[2] / "docs" / "openapi", Path(__file__).parent / "openapi")
REMEDY = "run `fullcircle openapi`"
# A line break in JSON is never part of a string, where it would be written `\n`.
LINE_BREAK = re.compile(rb"\n *")

log = structlog.get_logger(__name__)


class Operation(msgspec.Struct, omit_defaults=True, rename={"takes_basic": "x-basic-authentication"}):
    """What the edge must know of an operation before it forwards a request."""

    security: list[dict[str, list[str]]] | None = None
    takes_basic: bool = False


class Routes(msgspec.Struct):
    """A document without what only readers need."""

    paths: dict[str, dict[str, Operation]]


def committed_routes(places: tuple[Path, ...] = PLACES) -> dict[str, Mapping[str, Any]]:
    """The document of each process, its routes alone; one that is missing is named in the log, its paths answer 404."""
    documents: dict[str, Mapping[str, Any]] = {}
    for process in PROCESSES:
        text = _committed(process, places)
        if text is not None:
            documents[process] = msgspec.to_builtins(msgspec.json.decode(text, type=Routes))
    return documents


def committed_text(places: tuple[Path, ...] = PLACES) -> bytes:
    """The document made of all four, without the line breaks that a diff wants."""
    return LINE_BREAK.sub(b"", _committed(MERGED, places) or b"{}")


def _committed(name: str, places: tuple[Path, ...]) -> bytes | None:
    found = next((place / f"{name}.json" for place in places if (place / f"{name}.json").is_file()), None)
    if found is None:
        log.error("document_missing", document=name, remedy=REMEDY)
        return None
    return found.read_bytes()
