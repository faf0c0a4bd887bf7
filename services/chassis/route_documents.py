"""What a route's declaration says in the OpenAPI document."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from services.chassis.contract_route import RouteContract
from services.chassis.errors import PROBLEM_JSON, problem_types
from services.chassis.preferences import PREFER

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A key of your own for this request (1 to 255 visible ASCII characters). "
    "Sending the request again with the same key within 24 hours has no second effect and gets the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that you hold: 304 when it is still current.",
    "schema": {"type": "string"},
}
ALWAYS = (400, 401, 403, 422, 429, 500, 502, 503, 504)


def describe(
    contract: RouteContract,
    handler: Callable[..., Any],
    *,
    example: Any,
    answers: Sequence[int],
    extra: dict[str, Any] | None,
) -> dict[str, Any]:
    """Keyword arguments for FastAPI: summary, description, problem answers, headers and the example."""
    summary, _, description = inspect.cleandoc(handler.__doc__ or "").partition("\n")
    operation: dict[str, Any] = {}
    parameters = []
    if contract.is_idempotent_by_key:
        parameters.append(IDEMPOTENCY_KEY)
    if contract.shape.status == 202:
        parameters.append(PREFER)
    if contract.method == "GET" and "{" in contract.path:
        parameters.append(IF_NONE_MATCH)
    if parameters:
        operation["parameters"] = parameters
    if example is not None:
        operation["requestBody"] = {"content": {contract.accepts[0]: {"example": example}}}
    if contract.scope is not None:
        operation["security"] = [{"bearer": []}]
        operation["x-required-scope"] = contract.scope
    else:
        operation["security"] = []
    return {
        "summary": summary.rstrip("."),
        "description": description.strip(),
        "responses": {status: problem_answer(status) for status in statuses_of(contract, answers)}
        | ({304: {"description": "Not changed since the ETag that you hold."}} if "{" in contract.path else {}),
        "openapi_extra": _merged(operation, extra or {}),
    }


def statuses_of(contract: RouteContract, more: Sequence[int]) -> list[int]:
    """Every problem status that the contract lets this route answer with."""
    statuses = {*ALWAYS, *more}
    if "{" in contract.path:
        statuses.add(404)
    if contract.method in {"POST", "PUT", "PATCH"}:
        statuses |= {404, 408, 409, 413, 415}
    if contract.method in {"PUT", "PATCH", "DELETE"}:
        statuses |= {409, 412, 428}
    if contract.method == "GET":
        statuses.add(410)
    return sorted(statuses)


def problem_answer(status: int) -> dict[str, Any]:
    return {
        "description": problem_types()[status].title,
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _merged(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merged(merged[key], value)
        elif isinstance(value, list) and isinstance(merged.get(key), list):
            merged[key] = merged[key] + value
        else:
            merged[key] = value
    return merged
