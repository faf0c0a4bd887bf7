"""The access matrix, made from the merged document: every route, every kind of caller who may not."""

import json
from typing import Any

import httpx
import pytest

from services.chassis.identity import SCOPES, SCOPES_OF_ROLE
from tests.contract.belongings import UUID_TEXT, Belongings
from tests.contract.callers import UNKNOWN_KEYS, Callers
from tests.contract.house import described, standing_services
from tests.contract.knocking import is_uuid, knock, sent, written
from tests.contract.operations import Operation
from tests.e2e.stack import Stack, until

PUBLIC: frozenset[str] = frozenset()
"""Operations that need no caller, by name: a new one is a decision, to be made here."""

PROCESS_PATHS = {"/livez", "/readyz", "/version", "/metrics"}
CREATES_ITS_OWN = "by-external-id"


@pytest.mark.parametrize("service", [each for each in standing_services() if each != "gateway"])
def test_no_route_stands_outside_of_the_contract(service: str) -> None:
    """Also those that no document shows."""
    assert set(described(service)["bare_routes"]) == PROCESS_PATHS


async def test_only_what_was_decided_is_public(operations: list[Operation]) -> None:
    assert {operation.name for operation in operations if operation.is_public} == PUBLIC


async def test_what_is_internal_is_not_routed(callers: Callers) -> None:
    for path in ("/internal/feed", "/internal/snapshot", "/internal/trace", "/metrics"):
        for method in ("GET", "POST"):
            answer = await callers.owner.request(method, path)
            assert answer.status_code in {404, 405}, f"{method} {path}: {answer.status_code}"


async def test_nobody_enters_without_a_live_key(operations: list[Operation], callers: Callers) -> None:
    await until(lambda: _is_refused(callers.expired), what="the key expires")
    let_in = []
    for operation in _guarded(operations):
        answers = [await knock(client, operation) for client in (callers.stranger, callers.revoked, callers.expired)]
        answers += [
            await knock(callers.stranger, operation, headers={"Authorization": header}) for header in UNKNOWN_KEYS
        ]
        let_in += [_told(operation, answer) for answer in answers if answer.status_code != 401]
    assert let_in == []


async def _is_refused(client: httpx.AsyncClient) -> bool:
    return (await client.get("/v1/me")).status_code == 401


async def test_a_key_without_the_scope_is_refused(operations: list[Operation], callers: Callers) -> None:
    let_in = []
    for operation in _guarded(operations):
        if operation.scope in SCOPES:
            answer = await knock(callers.without[operation.scope], operation)
            if answer.status_code != 403 or answer.json().get("required_scope") != operation.scope:
                let_in.append(_told(operation, answer))
    assert let_in == []


async def test_each_role_stays_within_its_rights(operations: list[Operation], stack: Stack) -> None:
    let_in = []
    for role, scopes in SCOPES_OF_ROLE.items():
        _, key = await stack.key(role=role)
        async with stack.client(key) as client:
            for operation in _guarded(operations):
                if operation.scope in SCOPES and operation.scope not in scopes:
                    answer = await knock(client, operation)
                    let_in += [] if answer.status_code == 403 else [f"{role}: {_told(operation, answer)}"]
    assert let_in == []


async def test_another_workspaces_ids_do_not_exist(
    operations: list[Operation], callers: Callers, belongings: Belongings
) -> None:
    """Reads are 404; every other operation answers as it does for an id that never was."""
    leaks, unknown = [], []
    for operation in operations:
        if not operation.path_parameters or CREATES_ITS_OWN in operation.path:
            continue
        values = await belongings.by_path(operation.path)
        if values is None:
            unknown.append(operation.name)
            continue
        theirs = await knock(callers.elsewhere, operation, values)
        nobodys = await knock(callers.elsewhere, operation)
        expected = {404} if operation.method == "get" else {404, 422}
        if theirs.status_code not in expected or _kind(theirs) != _kind(nobodys):
            leaks.append(f"{_told(operation, theirs)} (for an id that never was: {_kind(nobodys)})")
    assert leaks == []
    assert unknown == [], "the story leaves no such thing behind: let it make one"


async def test_reads_of_ones_own_ids_do_exist(
    operations: list[Operation], callers: Callers, belongings: Belongings
) -> None:
    """Otherwise the test above would prove nothing."""
    missing = []
    for operation in operations:
        if operation.method == "get" and operation.path_parameters:
            answer = await knock(callers.owner, operation, await belongings.by_path(operation.path))
            missing += [] if answer.status_code == 200 else [_told(operation, answer)]
    assert missing == []


async def test_references_to_another_workspace_are_refused(
    operations: list[Operation], callers: Callers, belongings: Belongings
) -> None:
    """The same example, once with every id replaced by one that exists elsewhere."""
    taken = []
    for operation in operations:
        for media_type in list(operation.body)[:1]:
            example = operation.example(media_type)
            stolen = _with_ids(example, sorted(belongings.ids))
            if stolen == example or operation.path_parameters:
                continue
            answer = await knock(callers.elsewhere, operation, content=written(stolen, media_type))
            if not 400 <= answer.status_code < 500 and not _is_line_by_line(answer):
                taken.append(_told(operation, answer))
    assert taken == []


async def test_lists_show_nothing_of_another_workspace(
    operations: list[Operation], callers: Callers, belongings: Belongings
) -> None:
    """Neither by itself, nor by id, nor by filter, nor with a cursor or sync token from there."""
    leaks = []
    for operation in operations:
        if operation.method != "get" or operation.path_parameters:
            continue
        for parameters in await _attempts(operation, callers.owner, belongings):
            elsewhere = callers.elsewhere
            answer = await sent(elsewhere, elsewhere.build_request("GET", operation.path, params=parameters))
            is_foreign = "cursor" in parameters or "sync_token" in parameters
            seen = set(UUID_TEXT.findall(answer.text)) & belongings.ids - set(parameters.values())
            if seen or (is_foreign and answer.status_code != 400):
                leaks.append(f"{_told(operation, answer)} with {list(parameters)}: {sorted(seen)[:3]}")
    assert leaks == []


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
