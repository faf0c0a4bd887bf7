"""Makes one OpenAPI 3.1 document of several; what does not fit together is an error of the build, not of the reader."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from gateway.documents.jobs import in_order, job_of
from gateway.identity.key_format import KEY_PATTERN
from gateway.proxy.route_table import PUBLIC_PREFIXES

Document = Mapping[str, Any]

TITLE = "Fullcircle"
DESCRIPTION = """From the customer's words to the measured outcome, and back.

Collect feedback, see its themes, decide what to build, plan it under real limits, ship it, and measure what came of it;
`GET /v1/trace/{any_id}` shows the whole chain.

**Begin** with Authorize: paste an API key (`fc_live_...`). Every error is a problem document (RFC 9457); every POST
takes an `Idempotency-Key`; a single resource carries an `ETag`, and changing it needs `If-Match`; lists go on with
`cursor`, and tell changes since a `sync_token`. Long work answers 202 with an operation to follow.
"""
SECURITY_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "API key, or JWT of your OpenID Connect provider",
        "description": f"An API key, sent as `Authorization: Bearer fc_live_...`. Its form is `{KEY_PATTERN}`. "
        "A person sends the token of their OpenID Connect provider instead, and if they are a member of several "
        "workspaces `Fullcircle-Workspace` with the id of one.",
    }
}


class DocumentClash(Exception):
    """Two documents say different things under one name."""


def merge(documents: Mapping[str, Document], *, version: str) -> dict[str, Any]:
    """One document of all; raises DocumentClash when a path, a component or an operation id has two meanings."""
    paths: dict[str, Any] = {}
    components: dict[str, dict[str, Any]] = {}
    for service, document in documents.items():
        for path, item in _public(document):
            _put(paths, path, _shared(path, item), f"path {path} of {service}")
        for kind, group in document.get("components", {}).items():
            for name, component in group.items():
                if kind != "securitySchemes":
                    _put(components.setdefault(kind, {}), name, component, f"{kind} {name} of {service}")
    _check_operation_ids(paths)
    tags = in_order({tag for operation in _operations(paths) for tag in operation.get("tags", ())})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": version,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag, "description": job_of(tag)} for tag in tags],
        "x-tagGroups": _groups(tags),
        "paths": _by_tag(paths, tags),
        "components": {**components, "securitySchemes": SECURITY_SCHEMES},
        "security": [{"bearer": []}],
    }


def _public(document: Document) -> Iterator[tuple[str, Any]]:
    return ((path, item) for path, item in document.get("paths", {}).items() if path.startswith(PUBLIC_PREFIXES))


def _shared(path: str, item: Any) -> Any:
    """An operation is read with the scope of the service that runs it, so the path that they share names none."""
    if "{operation_id}" not in path:
        return item
    return {
        method: {name: value for name, value in operation.items() if name != "x-required-scope"}
        for method, operation in item.items()
    }


def _put(into: dict[str, Any], name: str, value: Any, where: str) -> None:
    if name in into and into[name] != value:
        raise DocumentClash(f"{where} differs from another of that name")
    into[name] = deepcopy(value)


def _operations(paths: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return (operation for item in paths.values() for operation in item.values() if isinstance(operation, dict))


def _check_operation_ids(paths: Mapping[str, Any]) -> None:
    seen: set[str] = set()
    for operation in _operations(paths):
        name = operation["operationId"]
        if name in seen:
            raise DocumentClash(f"two operations are named {name}")
        seen.add(name)


def _groups(tags: list[str]) -> list[dict[str, Any]]:
    groups: dict[str, list[str]] = {}
    for tag in tags:
        groups.setdefault(job_of(tag), []).append(tag)
    return [{"name": job, "tags": members} for job, members in groups.items()]


def _by_tag(paths: Mapping[str, Any], tags: list[str]) -> dict[str, Any]:
    def place(path: str) -> tuple[int, str]:
        first = next(_operations({path: paths[path]}), {})
        return (min((tags.index(tag) for tag in first.get("tags", ())), default=len(tags)), path)

    return {path: paths[path] for path in sorted(paths, key=place)}
