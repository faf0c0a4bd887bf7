"""The OpenAPI documents: committed as they are generated, and every operation says what its caller needs."""

import json
from typing import Any

import pytest

from gateway.documents.jobs import OTHER
from tests.contract.house import DOCUMENTS, described
from tests.contract.operations import faults_of, operations_of


def committed(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DOCUMENTS / f"{name}.json").read_text())
    return document


def test_the_committed_documents_are_what_the_processes_generate() -> None:
    """When they are not: `make openapi`, and look at what changes for callers."""
    generated = described()["documents"]
    assert {path.stem for path in DOCUMENTS.glob("*.json")} == generated.keys()
    assert [name for name, document in generated.items() if document != committed(name)] == []


@pytest.mark.parametrize("name", sorted(path.stem for path in DOCUMENTS.glob("*.json")))
def test_every_operation_says_what_its_caller_needs(name: str) -> None:
    operations = operations_of(committed(name))
    faults = [f"{operation.name}: {fault}" for operation in operations for fault in faults_of(operation)]
    assert operations
    assert faults == []


def test_every_tag_belongs_to_a_job_that_somebody_wants_done() -> None:
    """A tag that is new here goes into gateway/documents/jobs.py, where a reader would look for it."""
    groups = {group["name"]: group["tags"] for group in committed("fullcircle")["x-tagGroups"]}
    assert groups.get(OTHER, []) == []


def test_what_an_operation_does_not_say_is_noticed() -> None:
    """Planted: a route without summary, scope, example and problem documents."""
    document = committed("gateway")
    operation = next(each for each in operations_of(document) if each.body and each.scope)
    for part in ("summary", "x-required-scope"):
        del operation.spec[part]
    operation.spec["responses"] = {"200": {"description": "Fine."}}
    for content in operation.body.values():
        content.clear()
    faults = list(faults_of(operation))
    assert {"no summary", "neither public nor a known scope: None", "no problem document for 415"} <= set(faults)
    assert any(fault.startswith("no example") for fault in faults)
