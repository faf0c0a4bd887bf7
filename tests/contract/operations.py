"""The operations of an OpenAPI document, and what the contract wants each of them to say."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.chassis.errors import PROBLEM_JSON
from services.chassis.identity import SCOPES

# Ways in for others' libraries: what these paths answer, and how they know a caller, is those protocols' own matter.
FOREIGN_PROTOCOLS = {
    **dict.fromkeys(
        (f"/v1/{call}" for call in ("batch", "track", "identify", "page", "screen", "group", "alias")), "segment"
    ),
    "/otlp/v1/metrics": "otlp",
}
METHODS = ("get", "post", "put", "patch", "delete")
CLEAN_NAME = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")
FOREIGN = frozenset({"POST /v1/integrations/{integration_id}/webhook"})
"""Foreign protocols, by name: status codes, authentication and unknown fields are those of whoever speaks them."""
PARAMETER_IN_PATH = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    spec: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def path_parameters(self) -> list[str]:
        return PARAMETER_IN_PATH.findall(self.path)

    @property
    def scope(self) -> str | None:
        """The scope it needs; `any` also where the id of an operation says whose scope it is."""
        scope: str | None = self.spec.get("x-required-scope")
        return scope or ("any" if "operation_id" in self.path_parameters else None)

    @property
    def is_foreign(self) -> bool:
        return self.name in FOREIGN

    @property
    def is_public(self) -> bool:
        return self.spec.get("security") == []

    @property
    def body(self) -> dict[str, Any]:
        """The body's content by media type; empty without a body."""
        content: dict[str, Any] = self.spec.get("requestBody", {}).get("content", {})
        return content

    def example(self, media_type: str) -> Any:
        """The documented example of the body, or None."""
        content = self.body[media_type]
        if "example" in content:
            return content["example"]
        return next((each.get("value") for each in content.get("examples", {}).values()), None)


def operations_of(document: dict[str, Any]) -> list[Operation]:
    """Every operation, in the order of the document."""
    return [
        Operation(method, path, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


def faults_of(operation: Operation) -> Iterator[str]:
    """What a reader of the document would miss."""
    spec = operation.spec
    for part in ("summary", "tags", "operationId", "responses"):
        if not spec.get(part):
            yield f"no {part}"
    if not CLEAN_NAME.match(spec.get("operationId", "")):
        yield f"operationId {spec.get('operationId')!r} is not a clean name"
    if not operation.is_public and operation.scope not in {*SCOPES, "any"}:
        yield f"neither public nor a known scope: {operation.scope}"
    yield from (f"path parameter {name!r} names no noun" for name in operation.path_parameters if name in {"id", "key"})
    for parameter in spec.get("parameters", []):
        if parameter["in"] == "query" and not parameter.get("description"):
            yield f"query parameter {parameter['name']} has no description"
    yield from (f"no example for {each}" for each in operation.body if operation.example(each) is None)
    yield from (f"no problem document for {each}" for each in expected_problems(operation) - documented_problems(spec))


def expected_problems(operation: Operation) -> set[str]:
    """The failures that every operation of its kind can answer with."""
    expected = {"422", "500", "503"}
    if not operation.is_public:
        expected |= {"401", "429"}
    if operation.scope in SCOPES:
        expected |= {"403"}
    if operation.path_parameters:
        expected |= {"404"}
    if operation.body:
        expected |= {"408", "413", "415"}
    return expected


def documented_problems(spec: dict[str, Any]) -> set[str]:
    return {status for status, answer in spec["responses"].items() if PROBLEM_JSON in answer.get("content", {})}
