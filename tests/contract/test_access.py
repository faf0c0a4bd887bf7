"""The access matrix, made from the merged document: every route, every kind of caller who may not."""

import json
from typing import Any

import httpx
import pytest

from services.chassis.identity import SCOPES, SCOPES_OF_ROLE, SUBMIT_SCOPES
from tests.contract.belongings import UUID_TEXT, Belongings
from tests.contract.callers import UNKNOWN_KEYS, Callers
from tests.contract.house import described, standing_services
from tests.contract.knocking import faults_side_by_side, is_uuid, knock, sent, side_by_side, written
from tests.contract.operations import Operation
from tests.e2e.stack import Stack, until

PUBLIC: frozenset[str] = frozenset(
    {
        "GET /v1/digest-unsubscribe",
        "GET /v1/shared/{share_token}",
        "GET /v1/shared/{share_token}/export",
        "GET /v1/unsubscribe",
        "POST /v1/digest-unsubscribe",
        "POST /v1/integrations/{integration_id}/webhook",
        "POST /v1/unsubscribe",
    }
)
"""Operations that need no caller, by name: a new one is a decision, to be made here."""

PROCESS_PATHS = {"/livez", "/readyz", "/version", "/metrics"}
CREATES_ITS_OWN = "by-external-id"


@pytest.mark.parametrize("service", [each for each in standing_services() if each != "gateway"])
def test_no_route_stands_outside_of_the_contract(service: str) -> None:
    """Also those that no document shows."""
    assert set(described()["bare_routes"][service]) == PROCESS_PATHS


async def test_only_what_was_decided_is_public(operations: list[Operation]) -> None:
    assert {operation.name for operation in operations if operation.is_public} == PUBLIC


async def test_what_is_internal_is_not_routed(callers: Callers) -> None:
    for path in ("/internal/feed", "/internal/snapshot", "/internal/trace", "/metrics"):
        for method in ("GET", "POST"):
            answer = await callers.owner.request(method, path)
            assert answer.status_code in {404, 405}, f"{method} {path}: {answer.status_code}"


async def test_nobody_enters_without_a_live_key(operations: list[Operation], callers: Callers) -> None:
    await until(lambda: _is_refused(callers.expired), what="the key expires")

    async def attempt(operation: Operation) -> list[str]:
        answers = [await knock(client, operation) for client in (callers.stranger, callers.revoked, callers.expired)]
        answers += [
            await knock(callers.stranger, operation, headers={"Authorization": header}) for header in UNKNOWN_KEYS
        ]
        return [_told(operation, answer) for answer in answers if answer.status_code != 401]

    assert await faults_side_by_side(_guarded(operations), attempt) == []


async def _is_refused(client: httpx.AsyncClient) -> bool:
    return (await client.get("/v1/me")).status_code == 401


async def test_a_key_without_the_scope_is_refused(operations: list[Operation], callers: Callers) -> None:

    async def attempt(operation: Operation) -> list[str]:
        answer = await knock(callers.without[str(operation.scope)], operation)
        is_refused = answer.status_code == 403 and answer.json().get("required_scope") == operation.scope
        return [] if is_refused else [_told(operation, answer)]

    scoped = [operation for operation in _guarded(operations) if operation.scope in SCOPES]
    assert await faults_side_by_side(scoped, attempt) == []


async def test_each_role_stays_within_its_rights(operations: list[Operation], stack: Stack) -> None:
    let_in = []
    for role, scopes in SCOPES_OF_ROLE.items():
        beyond = [operation for operation in _guarded(operations) if operation.scope in set(SCOPES) - scopes]
        _, key = await stack.key(role=role)
        async with stack.client(key) as client:
            answers = await side_by_side(beyond, lambda operation, client=client: knock(client, operation))
        told = [(_told(operation, answer), answer) for operation, answer in zip(beyond, answers, strict=True)]
        let_in += [f"{role}: {what}" for what, answer in told if answer.status_code != 403]
    assert let_in == []


@pytest.mark.parametrize("scope", sorted(SUBMIT_SCOPES))
async def test_a_key_that_everybody_can_read_submits_and_reads_nothing(
    operations: list[Operation], stack: Stack, scope: str
) -> None:
    _, key = await stack.key(scopes={scope})

    async def attempt(operation: Operation) -> list[str]:
        answer = await knock(client, operation)
        is_let_in = answer.status_code not in {401, 403}
        return [] if is_let_in == (operation.scope == scope) else [_told(operation, answer)]

    async with stack.client(key) as client:
        assert await faults_side_by_side(_guarded(operations), attempt) == []
    assert all(each.method == "post" for each in operations if each.scope == scope)


async def test_another_workspaces_ids_do_not_exist(
    operations: list[Operation], callers: Callers, belongings: Belongings
) -> None:
    """Reads are 404; every other operation answers as it does for an id that never was."""

    async def attempt(operation: Operation) -> list[str]:
        values = await belongings.by_path(operation.path)
        if values is None:
            return [f"{operation.name}: the story leaves no such thing behind: let it make one"]
        theirs = await knock(callers.elsewhere, operation, values)
        nobodys = await knock(callers.elsewhere, operation)
        expected = {401} if operation.is_foreign else {404} if operation.method == "get" else {404, 422}
        if theirs.status_code in expected and _kind(theirs) == _kind(nobodys):
            return []
        return [f"{_told(operation, theirs)} (for an id that never was: {_kind(nobodys)})"]

    with_ids = [each for each in _guarded(operations) if each.path_parameters and CREATES_ITS_OWN not in each.path]
    assert await faults_side_by_side(with_ids, attempt) == []


async def test_reads_of_ones_own_ids_do_exist(
    operations: list[Operation], callers: Callers, belongings: Belongings
) -> None:
    """Otherwise the test above would prove nothing."""

    async def attempt(operation: Operation) -> list[str]:
        answer = await knock(callers.owner, operation, await belongings.by_path(operation.path))
        return [] if answer.status_code == 200 else [_told(operation, answer)]

    reads = [operation for operation in operations if operation.method == "get" and operation.path_parameters]
    assert await faults_side_by_side(reads, attempt) == []


async def test_references_to_another_workspace_are_refused(
    operations: list[Operation], callers: Callers, belongings: Belongings
) -> None:
    """The same example, once with every id replaced by one that exists elsewhere."""

    async def attempt(operation: Operation) -> list[str]:
        media_type = next(iter(operation.body))
        example = operation.example(media_type)
        stolen = _with_ids(example, sorted(belongings.ids))
        if stolen == example:
            return []
        answer = await knock(callers.elsewhere, operation, content=written(stolen, media_type))
        is_refused = 400 <= answer.status_code < 500 or _is_line_by_line(answer)
        return [] if is_refused else [_told(operation, answer)]

    with_bodies = [operation for operation in operations if operation.body and not operation.path_parameters]
    assert await faults_side_by_side(with_bodies, attempt) == []


async def test_lists_show_nothing_of_another_workspace(
    operations: list[Operation], callers: Callers, belongings: Belongings
) -> None:
    """Neither by itself, nor by id, nor by filter, nor with a cursor or sync token from there."""
    elsewhere = callers.elsewhere

    async def attempt(operation: Operation) -> list[str]:
        leaks = []
        for parameters in await _attempts(operation, callers.owner, belongings):
            answer = await sent(elsewhere, elsewhere.build_request("GET", operation.path, params=parameters))
            is_foreign = "cursor" in parameters or "sync_token" in parameters
            seen = set(UUID_TEXT.findall(answer.text)) & belongings.ids - set(parameters.values())
            if seen or (is_foreign and answer.status_code != 400):
                leaks.append(f"{_told(operation, answer)} with {list(parameters)}: {sorted(seen)[:3]}")
        return leaks

    lists = [operation for operation in operations if operation.method == "get" and not operation.path_parameters]
    assert await faults_side_by_side(lists, attempt) == []


async def _attempts(operation: Operation, owner: httpx.AsyncClient, belongings: Belongings) -> list[dict[str, str]]:
    names = {each["name"] for each in operation.spec.get("parameters", []) if each["in"] == "query"}
    some_id = min(belongings.ids)
    attempts: list[dict[str, str]] = [{}]
    attempts += [{name: some_id} for name in names if name.endswith("_id") or name == "ids"]
    if "cursor" in names:
        page = (await owner.get(operation.path, params={"limit": 1})).json()
        tokens = {"cursor": page.get("next_cursor"), "sync_token": page.get("sync_token")}
        attempts += [{name: token} for name, token in tokens.items() if token]
    return attempts


def _guarded(operations: list[Operation]) -> list[Operation]:
    return [operation for operation in operations if not operation.is_public]


def _kind(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json().get("code") if answer.content else None


def _told(operation: Operation, answer: httpx.Response) -> str:
    return f"{operation.name}: {answer.status_code} {answer.text[:200]}"


def _with_ids(example: Any, ids: list[str]) -> Any:
    """The example with every id replaced."""
    if isinstance(example, dict):
        return {key: _with_ids(value, ids) for key, value in example.items()}
    if isinstance(example, list):
        return [_with_ids(value, ids) for value in example]
    return ids[0] if is_uuid(example) else example


def _is_line_by_line(answer: httpx.Response) -> bool:
    """Whether a bulk answer refused every line."""
    if "ndjson" not in answer.headers.get("content-type", ""):
        return False
    return all(json.loads(line)["status"] >= 400 for line in answer.text.splitlines())
