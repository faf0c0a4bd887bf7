"""Metadata is patched as RFC 7396 has it, on every route that takes it: null deletes, what is absent stays."""

import json
from typing import Any

from tests.contract.belongings import Belongings
from tests.contract.callers import Callers
from tests.contract.knocking import faults_side_by_side, knock
from tests.contract.operations import Operation

CHANGES = ({"walk": "1", "stays": "yes"}, {"walk": None, "new": "2"})


def schema_of(operation: Operation, document: dict[str, Any]) -> dict[str, Any]:
    """The schema of the operation's body, looked up where it is a reference."""
    schema: dict[str, Any] = next(iter(operation.body.values()))["schema"]
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


async def test_metadata_is_merged(
    operations: list[Operation], callers: Callers, belongings: Belongings, document: dict[str, Any]
) -> None:
    schemas = {each.name: schema_of(each, document) for each in operations if each.method == "patch"}
    takers = [each for each in operations if "metadata" in schemas.get(each.name, {}).get("properties", {})]
    assert {"PATCH /v1/feedback/{feedback_id}", "PATCH /v1/features/{feature_id}"} <= {each.name for each in takers}

    async def attempt(operation: Operation) -> list[str]:
        values = await belongings.by_path(operation.path)
        before: dict[str, str] = (await _read(operation, callers, values))["metadata"]
        reason = {"reason": "Merged."} if "reason" in schemas[operation.name].get("required", ()) else {}
        for change in CHANGES:
            content = json.dumps({"metadata": change, **reason})
            answer = await knock(callers.owner, operation, values, content=content)
            if answer.status_code != 200:
                return [f"{operation.name}: {answer.status_code} {answer.text}"]
        after = (await _read(operation, callers, values))["metadata"]
        wanted = before | {"stays": "yes", "new": "2"}
        return [] if after == wanted else [f"{operation.name}: {after} instead of {wanted}"]

    assert await faults_side_by_side(takers, attempt) == []


async def _read(operation: Operation, callers: Callers, values: dict[str, str] | None) -> dict[str, Any]:
    reading = Operation("get", operation.path, {})
    answer: dict[str, Any] = (await knock(callers.owner, reading, values)).json()
    return answer
