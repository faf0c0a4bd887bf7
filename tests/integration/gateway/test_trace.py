"""A chain composed of what three services know."""

import json
from uuid import UUID

import jwt
import pytest

from tests.integration.gateway.faulty_service import FaultyService, Talk, answer, reset

QUOTE, THEME, REQUIREMENT, FEATURE, OUTCOME, OTHER = (str(UUID(int=number)) for number in range(1, 7))
KNOWN = {
    "requirements": {QUOTE: "feedback", THEME: "theme", REQUIREMENT: "requirement"},
    "roadmap": {FEATURE: "feature", OTHER: "feature"},
    "metrics": {OUTCOME: "outcome"},
}
EDGES = {
    "requirements": [(QUOTE, THEME), (THEME, REQUIREMENT)],
    "roadmap": [(REQUIREMENT, FEATURE)],
    "metrics": [(FEATURE, OUTCOME)],
}


async def tell(talk: Talk) -> None:
    """Each service's part, chosen by whom the token is for."""
    token = talk.heard.headers["authorization"].removeprefix("Bearer ")
    name = jwt.decode(token, options={"verify_signature": False})["aud"]
    ids = json.loads(talk.heard.body)["ids"]
    nodes = [
        {"id": each, "type": kind, "label": f"A {kind}", "facts": {"weight": 1}, "at": "2026-01-31T09:00:00Z"}
        for each, kind in KNOWN[name].items()
        if each in ids
    ]
    edges = [
        {"from": first, "to": second, "kind": "leads_to"}
        for first, second in EDGES[name]
        if first in ids or second in ids
    ]
    fragment = json.dumps({"nodes": nodes, "edges": edges}).encode()
    await answer(fragment, head=b"Content-Type: application/json\r\n")(talk)


@pytest.fixture
def service(shared_service: FaultyService, gateway) -> FaultyService:
    shared_service.usually = tell
    return shared_service


@pytest.mark.parametrize("start", [QUOTE, THEME, REQUIREMENT, FEATURE, OUTCOME])
async def test_the_chain_is_the_same_from_every_link(gateway, service, start):
    got = await gateway.client().get(f"/v1/trace/{start}")
    assert got.status_code == 200, got.text
    chain = got.json()
    assert [node["type"] for node in chain["nodes"]] == ["feedback", "theme", "requirement", "feature", "outcome"]
    assert [node["service"] for node in chain["nodes"]] == ["requirements"] * 3 + ["roadmap", "metrics"]
    assert [(link["from"], link["to"]) for link in chain["links"]] == [
        (QUOTE, THEME),
        (THEME, REQUIREMENT),
        (REQUIREMENT, FEATURE),
        (FEATURE, OUTCOME),
    ]
    assert [node["id"] for node in chain["nodes"] if node["direction"] == "self"] == [start]
    assert (chain["is_truncated"], chain["unavailable"]) == (False, [])


async def test_an_id_that_nobody_knows_is_not_found(gateway, service):
    got = await gateway.client().get(f"/v1/trace/{UUID(int=99)}")
    assert (got.status_code, got.json()["code"]) == (404, "not_found")


async def test_a_service_that_is_down_is_named(gateway, service):
    async def without_metrics(talk: Talk) -> None:
        token = talk.heard.headers["authorization"].removeprefix("Bearer ")
        is_metrics = jwt.decode(token, options={"verify_signature": False})["aud"] == "metrics"
        await (reset if is_metrics else tell)(talk)

    service.usually = without_metrics
    chain = (await gateway.client().get(f"/v1/trace/{QUOTE}")).json()
    assert [node["type"] for node in chain["nodes"]] == ["feedback", "theme", "requirement", "feature"]
    assert chain["unavailable"] == ["metrics"]
    assert (await gateway.client().get(f"/v1/trace/{OUTCOME}")).status_code == 503, "metrics may well know it"


async def test_only_what_the_scopes_allow_is_asked(gateway, service, keys):
    narrow = await keys.create("x", scopes=["roadmap:read"], workspace_id=gateway.workspace_id)
    chain = (await gateway.client(narrow.key).get(f"/v1/trace/{FEATURE}")).json()
    assert [node["type"] for node in chain["nodes"]] == ["feature"]
    writer = await keys.create("x", scopes=["feedback:write"], workspace_id=gateway.workspace_id)
    assert (await gateway.client(writer.key).get(f"/v1/trace/{FEATURE}")).status_code == 403
