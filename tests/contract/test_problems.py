"""Whatever goes wrong, on whichever route: one form, `application/problem+json` (RFC 9457)."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from services.chassis.errors import PROBLEM_JSON
from tests.contract.callers import Callers
from tests.contract.knocking import NDJSON, faults_side_by_side, filled, knock, side_by_side
from tests.contract.operations import FOREIGN_PROTOCOLS, METHODS, Operation

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "trace_id"}
MEBIBYTE = 1024 * 1024
OCTETS, MESSAGE = "application/octet-stream", "message/rfc822"

Attempt = Callable[[Operation, Callers], Awaitable[httpx.Response | None]]


async def nobody_asks(operation: Operation, callers: Callers) -> httpx.Response | None:
    return None if operation.is_public else await knock(callers.stranger, operation)


async def asking_for_nothing(operation: Operation, callers: Callers) -> httpx.Response | None:
    """An id that never was; what takes a body may find fault with the example's own references first."""
    if not operation.path_parameters or "by-external-id" in operation.path or operation.is_foreign:
        return None
    answer = await knock(callers.owner, operation)
    return None if answer.status_code == 422 and operation.body else answer


async def too_long(operation: Operation, callers: Callers) -> httpx.Response | None:
    if not operation.body:
        return None
    limit = 10 * MEBIBYTE if operation.body.keys() & {NDJSON, OCTETS, MESSAGE} else MEBIBYTE
    return await knock(callers.owner, operation, content=b" " * (limit + 1))


async def in_another_tongue(operation: Operation, callers: Callers) -> httpx.Response | None:
    if not operation.body:
        return None
    return await knock(callers.owner, operation, headers={"Content-Type": "text/x-unknown"})


async def with_an_unknown_parameter(operation: Operation, callers: Callers) -> httpx.Response | None:
    return await knock(callers.owner, operation, params={"never_heard_of": "1"})


@pytest.mark.parametrize(
    ("status", "attempt"),
    [
        (401, nobody_asks),
        (404, asking_for_nothing),
        (413, too_long),
        (415, in_another_tongue),
        (422, with_an_unknown_parameter),
    ],
)
async def test_every_operation_fails_in_the_same_form(
    operations: list[Operation], callers: Callers, status: int, attempt: Attempt
) -> None:
    answers = await side_by_side(operations, lambda operation: attempt(operation, callers))
    tried = [
        (operation.name, answer) for operation, answer in zip(operations, answers, strict=True) if answer is not None
    ]
    assert tried
    assert [fault for name, answer in tried for fault in faults(name, answer, status)] == []


async def test_every_body_that_cannot_be_read(operations: list[Operation], callers: Callers) -> None:
    """A bulk request answers line by line, so that there the line is the problem; any octets are a piece of a file."""

    async def attempt(operation: Operation) -> list[str]:
        answer = await knock(callers.owner, operation, content=b'{"a": 1, "a": \xff}')
        if operation.path in FOREIGN_PROTOCOLS:
            return faults(operation.name, answer, 400)
        is_line_by_line = answer.status_code == 200 and '"status":422' in answer.text.replace(" ", "")
        return [] if is_line_by_line else faults(operation.name, answer, 422)

    readers = (each for each in operations if each.body and not each.is_foreign and OCTETS not in each.body)
    assert await faults_side_by_side(readers, attempt) == []


async def test_every_path_names_the_methods_it_takes(operations: list[Operation], callers: Callers) -> None:
    taken: dict[str, set[str]] = {}
    for operation in operations:
        taken.setdefault(operation.path, set()).add(operation.method)

    async def attempt(path: str) -> list[str]:
        wrong = []
        for method in {*METHODS, "trace"} - taken[path]:
            answer = await callers.owner.request(method.upper(), filled(path, {}))
            wrong += faults(f"{method.upper()} {path}", answer, 405)
            if {each.strip().lower() for each in answer.headers.get("allow", "").split(",")} - {"head"} != taken[path]:
                wrong.append(f"{method.upper()} {path}: Allow is {answer.headers.get('allow')!r}")
        return wrong

    assert await faults_side_by_side(taken, attempt) == []


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/v1/feedback/a/b/c", "/v2/feedback", "/v1/feedback/"])
async def test_unknown_addresses(callers: Callers, path: str) -> None:
    assert faults(path, await callers.owner.get(path), 404) == []


def faults(name: str, answer: httpx.Response, status: int) -> list[str]:
    """What is wrong with the form of a failure."""
    if answer.status_code != status:
        return [f"{name}: {answer.status_code} instead of {status}: {answer.text[:200]}"]
    if answer.headers.get("content-type") != PROBLEM_JSON:
        return [f"{name}: {status} as {answer.headers.get('content-type')}"]
    document = answer.json()
    if not document.keys() >= MEMBERS or document["status"] != status:
        return [f"{name}: {status} with {sorted(document)}"]
    return []


def test_foreign_protocols_are_those_that_are_named(operations: list[Operation]) -> None:
    """No other path may go by rules of its own, or take a key in another way."""
    spoken = {each.path: each.spec["x-foreign-protocol"] for each in operations if "x-foreign-protocol" in each.spec}
    assert spoken == FOREIGN_PROTOCOLS
    basic = {each.path for each in operations if each.spec.get("x-basic-authentication")}
    assert basic == {path for path, protocol in FOREIGN_PROTOCOLS.items() if protocol == "segment"}
