"""A service's OpenAPI 3.1 document: what FastAPI writes, with what the contract adds to every operation."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from services.chassis.errors import PROBLEM_JSON
from services.chassis.route_index import routes_of

PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "Why a request was not answered as hoped, as RFC 9457 has it.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code", "trace_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:fullcircle:problem:not_found"]},
        "title": {"type": "string", "examples": ["There is no such thing"]},
        "status": {"type": "integer", "minimum": 400, "maximum": 599, "examples": [404]},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The path that was asked."},
        "code": {"type": "string", "description": "A stable name for programs.", "examples": ["not_found"]},
        "trace_id": {"type": "string", "description": "Name it when you ask for help."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail", "code"],
                "properties": {
                    "pointer": {"type": "string", "description": "A JSON Pointer into the body, or query/NAME."},
                    "detail": {"type": "string"},
                    "code": {"type": "string"},
                },
            },
        },
    },
}
UNUSED_SCHEMAS = ("HTTPValidationError", "ValidationError")
MERGE_PATCH = "application/merge-patch+json"


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The document; raises ValueError when two operations share an id."""
    document = get_openapi(
        title=app.title, version="1", openapi_version="3.1.0", description=app.description, routes=routes_of(app)
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM_SCHEMA
    for name in UNUSED_SCHEMAS:
        schemas.pop(name, None)
    document["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    seen: set[str] = set()
    for operation in operations_of(document):
        _complete(operation)
        _name_bodies(operation, schemas)
        if operation["operationId"] in seen:
            raise ValueError(f"two operations are named {operation['operationId']}")
        seen.add(operation["operationId"])
    return document


def operations_of(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from item.values()


def _complete(operation: dict[str, Any]) -> None:
    content = operation.get("requestBody", {}).get("content", {})
    if MERGE_PATCH in content or "application/json" in content:
        _share_patch_schema(content)
    for status, answer in operation["responses"].items():
        if status == "422" and PROBLEM_JSON not in answer.get("content", {}):
            answer["content"] = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        if status.startswith("2"):
            _drop_placeholder(answer.get("content", {}))
            _add_headers(status, answer)


def _drop_placeholder(content: dict[str, Any]) -> None:
    """Where a route answers with bytes of its own, the framework adds JSON of no schema: nothing ever answers that."""
    if len(content) > 1 and content.get("application/json") == {"schema": {}}:
        del content["application/json"]


def _name_bodies(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """A body that a route describes by itself becomes a component, so that clients get a type for it."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = content.get("schema", {})
        name = schema.get("title")
        if "properties" in schema and name and schemas.setdefault(name, schema) == schema:
            content["schema"] = {"$ref": f"#/components/schemas/{name}"}


def _share_patch_schema(content: dict[str, Any]) -> None:
    """A patch is documented under both media types that are taken."""
    if MERGE_PATCH in content:
        plain = content.setdefault("application/json", {})
        merged = plain | content[MERGE_PATCH]
        content["application/json"] = merged
        content[MERGE_PATCH] = merged


def _add_headers(status: str, answer: dict[str, Any]) -> None:
    headers = answer.setdefault("headers", {})
    if status in {"201", "202"}:
        headers["Location"] = {"description": "Where the new thing is.", "schema": {"type": "string"}}
