"""What a caller meets at the gateway: keys, limits, routes, origins, problems."""

import asyncio
import json
import socket
import time
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import jwt
import pytest

from gateway.proxy import body
from services.chassis.identity import TokenVerifier
from tests.integration.gateway.conftest import SEED
from tests.integration.gateway.edge import talk
from tests.integration.gateway.faulty_service import FaultyService, answer, reset


@pytest.fixture
def service(shared_service: FaultyService) -> FaultyService:
    return shared_service


async def test_a_call_reaches_its_service_with_a_token_for_it_alone(gateway, service):
    got = await gateway.client().get("/v1/features?limit=1")
    assert got.status_code == 200
    token = service.heard[0].headers["authorization"].removeprefix("Bearer ")
    principal = TokenVerifier(SEED, audience="roadmap").verify(token)
    assert principal.workspace_id == gateway.workspace_id
    assert (principal.kind, principal.role) == ("key", "admin")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 60
    assert gateway.key not in str(service.heard[0])


@pytest.mark.parametrize(
    ("request_line", "key", "status", "code"),
    [
        ("GET /v1/features", None, 401, "unauthenticated"),
        ("GET /v1/features", "nonsense", 401, "unauthenticated"),
        ("GET /v1/features", "fc_live_" + "0" * 36, 401, "unauthenticated"),
        ("GET /v1/nothing", "good", 404, "not_found"),
        ("GET /", "good", 404, "not_found"),
        ("GET /internal/feed", "good", 404, "not_found"),
        ("POST /internal/trace", "good", 404, "not_found"),
        ("GET /metrics", "good", 404, "not_found"),
        ("GET /v1/features/", "good", 404, "not_found"),
        ("GET /v1/operations/unknown_1", "good", 404, "not_found"),
        ("DELETE /v1/features", "good", 405, "method_not_allowed"),
        ("HEAD /v1/features", "good", 405, None),
    ],
)
async def test_refusals_are_problem_documents(gateway, request_line, key, status, code):
    method, path = request_line.split()
    got = await gateway.client(gateway.key if key == "good" else key).request(method, path)
    assert got.status_code == status
    assert got.headers["content-type"] == "application/problem+json"
    assert got.headers["x-content-type-options"] == "nosniff"
    if code:
        problem = got.json()
        assert (problem["code"], problem["status"], problem["instance"]) == (code, status, path)
        assert got.headers["x-request-id"] == problem["trace_id"]
    if status == 405:
        assert got.headers["allow"] == "GET, POST"
    if status == 401:
        assert got.headers["www-authenticate"] == "Bearer"


async def test_an_operation_is_asked_of_the_service_in_its_id(gateway, service):
    await gateway.client().get("/v1/operations/metrics_0197")
    token = service.heard[0].headers["authorization"].removeprefix("Bearer ")
    assert jwt.decode(token, options={"verify_signature": False})["aud"] == "metrics"


async def test_problems_of_the_way_are_told_without_a_hostname(gateway, service):
    service.script = [reset]
    got = await gateway.client().post("/v1/features", json={})
    assert (got.status_code, got.json()["code"]) == (502, "bad_gateway")
    assert "127.0.0.1" not in got.text


async def test_a_problem_of_a_service_passes_as_it_is(gateway, service):
    service.script = [
        answer(b'{"code":"x"}', status=b"404 Not Found", head=b"Content-Type: application/problem+json\r\n")
    ]
    got = await gateway.client().get("/v1/features")
    assert (got.status_code, got.json()) == (404, {"code": "x"})
    assert got.headers["ratelimit-policy"]


async def test_a_large_body_with_a_wrong_key_still_gets_its_answer(gateway):
    got = await gateway.client(None).post("/v1/features/bulk", content=bytes(5_000_000))
    assert (got.status_code, got.json()["code"]) == (401, "unauthenticated")


async def test_a_head_that_cannot_be_read_has_a_trace_all_the_same(gateway):
    got = await talk(gateway.port, b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n")
    head, _, body = got.partition(b"\r\n\r\n")
    assert b"400 Bad Request" in head
    assert json.loads(body)["trace_id"] in head.decode()


async def test_malformed_requests_are_problems_too(gateway):
    got = await talk(gateway.port, b"GET /v1/../internal HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"400 Bad Request" in got
    assert b"application/problem+json" in got


class TestKeys:
    async def test_a_key_is_made_shown_once_and_works(self, gateway, database):
        admin = gateway.client()
        made = await admin.post(
            "/v1/api-keys",
            json={"name": "Widget", "role": "contributor", "scopes": ["feedback:write"]},
            headers={"Idempotency-Key": "one"},
        )
        assert made.status_code == 201, made.text
        key = made.json()["key"]
        assert made.headers["location"] == f"/v1/api-keys/{made.json()['id']}"
        me = (await gateway.client(key).get("/v1/me")).json()
        assert (me["role"], me["scopes"], me["kind"]) == ("contributor", ["feedback:write"], "key")
        assert me["workspace"] == {"id": str(gateway.workspace_id), "name": "Acme", "kind": "live"}
        assert "key" not in (await admin.get(made.headers["location"])).json()
        again = await admin.post(
            "/v1/api-keys",
            json={"name": "Widget", "role": "contributor", "scopes": ["feedback:write"]},
            headers={"Idempotency-Key": "one"},
        )
        assert (again.status_code, again.json()["id"], again.json()["key"]) == (201, made.json()["id"], None)
        assert len((await admin.get("/v1/api-keys")).json()["items"]) == 2
        await assert_nowhere(database, key)

    async def test_the_audit_trail_knows_who_and_from_where_but_no_secret(self, gateway, database):
        body = {"name": "Audited", "role": "viewer"}
        lies = {"X-Forwarded-For": "9.9.9.9", "X-Fullcircle-Deadline-Ms": "1"}
        made = await gateway.client().post("/v1/api-keys", json=body, headers=lies)
        assert made.status_code == 201
        connection = await asyncpg.connect(database.superuser_url)
        entry = await connection.fetchrow(
            "SELECT * FROM audit_entry WHERE workspace_id = $1 ORDER BY position DESC LIMIT 1", gateway.workspace_id
        )
        await connection.close()
        assert (entry["action"], entry["source"]) == ("api_key.created", "127.0.0.1")
        assert "Audited" in entry["after"]
        assert "digest" not in entry["after"]

    async def test_a_revoked_key_is_refused_within_a_second(self, gateway):
        made = (await gateway.client().post("/v1/api-keys", json={"name": "x", "role": "viewer"})).json()
        client = gateway.client(made["key"])
        assert (await client.get("/v1/features")).status_code == 200
        revoked = await gateway.client().post(f"/v1/api-keys/{made['id']}/revoke")
        assert revoked.json()["revoked_at"] is not None
        began = time.monotonic()
        while (await client.get("/v1/features")).status_code != 401:
            assert time.monotonic() - began < 1
        assert (await gateway.client().post(f"/v1/api-keys/{made['id']}/rotate", json={})).status_code == 409

    async def test_a_key_revoked_by_another_process_is_refused_within_a_second(self, gateway, keys):
        issued = await keys.create("x", role="viewer", workspace_id=gateway.workspace_id)
        client = gateway.client(issued.key)
        assert (await client.get("/v1/features")).status_code == 200
        await keys.revoke(issued.key_id)
        began = time.monotonic()
        while (await client.get("/v1/features")).status_code != 401:
            assert time.monotonic() - began < 1

    async def test_without_news_of_changes_no_key_is_remembered(self, gateway, keys, database):
        issued = await keys.create("x", role="viewer", workspace_id=gateway.workspace_id)
        client = gateway.client(issued.key)
        assert (await client.get("/v1/features")).status_code == 200
        changes = gateway.edge.house.authenticator.changes
        owner = await asyncpg.connect(database.superuser_url)
        await owner.execute("ALTER ROLE fullcircle_gateway_app CONNECTION LIMIT 0")
        try:
            await owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%wakeup' "
                "AND datname = current_database()"
            )
            async with asyncio.timeout(5):
                while changes.is_connected:
                    await client.get("/livez")
            await keys.revoke(issued.key_id)
            assert (await client.get("/v1/features")).status_code == 401
        finally:
            await owner.execute("ALTER ROLE fullcircle_gateway_app CONNECTION LIMIT -1")
            await owner.close()

    async def test_rotation_overlaps_and_keeps_the_rights(self, gateway):
        admin = gateway.client()
        old = (await admin.post("/v1/api-keys", json={"name": "x", "role": "viewer"})).json()
        new = (await admin.post(f"/v1/api-keys/{old['id']}/rotate", json={"overlap_hours": 1})).json()
        assert (new["name"], new["role"]) == ("x", "viewer")
        for key in (old["key"], new["key"]):
            assert (await gateway.client(key).get("/v1/me")).status_code == 200
        shown = (await admin.get(f"/v1/api-keys/{old['id']}")).json()
        assert shown["rotated_to"] == new["id"]
        assert datetime.fromisoformat(shown["expires_at"]) < datetime.now(UTC) + timedelta(hours=1)
        await admin.post(f"/v1/api-keys/{new['id']}/rotate", json={"overlap_hours": 0})
        assert (await gateway.client(new["key"]).get("/v1/me")).status_code == 401

    async def test_an_expired_key_is_refused(self, gateway, keys):
        issued = await keys.create(
            "x", workspace_id=gateway.workspace_id, expires_at=datetime.now(UTC) - timedelta(seconds=1)
        )
        assert (await gateway.client(issued.key).get("/v1/me")).status_code == 401

    async def test_nobody_gives_away_what_they_do_not_have(self, gateway, keys):
        home = gateway.workspace_id
        narrow = await keys.create("x", role="admin", scopes=["admin:*"], workspace_id=home)
        got = await gateway.client(narrow.key).post("/v1/api-keys", json={"name": "y", "role": "admin"})
        assert (got.status_code, got.json()["code"]) == (403, "forbidden")
        got = await gateway.client((await keys.create("z", role="planner", workspace_id=home)).key).get("/v1/api-keys")
        assert got.status_code == 403

    async def test_another_workspaces_keys_do_not_exist(self, gateway, keys):
        other = await keys.create_workspace("Other", kind="test")
        issued = await keys.create("x", workspace_id=other)
        assert issued.key.startswith("fc_test_")
        stranger = gateway.client(issued.key)
        assert [each["id"] for each in (await stranger.get("/v1/api-keys")).json()["items"]] == [str(issued.key_id)]
        mine = (await gateway.client().get("/v1/api-keys")).json()["items"][0]["id"]
        assert (await stranger.get(f"/v1/api-keys/{mine}")).status_code == 404
        assert (await stranger.post(f"/v1/api-keys/{mine}/revoke")).status_code == 404

    async def test_last_use_is_written_in_batches(self, gateway):
        admin = gateway.client()
        listed = (await admin.get("/v1/api-keys")).json()["items"][0]
        assert listed["last_used_at"] is None
        await gateway.edge.house.last_used.flush()
        used = (await admin.get(f"/v1/api-keys/{listed['id']}")).json()
        assert used["last_used_at"] is not None
        assert used["etag"] == listed["etag"], "being used is no change of the key"

    @pytest.mark.parametrize("options", [{"failed_keys_per_minute": 5}])
    async def test_guessing_is_slowed_down_and_good_keys_are_not(self, gateway):
        from gateway.identity.key_format import make_key

        good = gateway.client()
        async with asyncio.timeout(5):
            while gateway.edge.house.authenticator.recall(f"Bearer {gateway.key}".encode()) is None:
                assert (await good.get("/v1/me")).status_code == 200
        answers = [(await gateway.client(make_key("live")).get("/v1/me")).status_code for _ in range(7)]
        assert answers == [401] * 5 + [429] * 2
        assert (await good.get("/v1/me")).status_code == 200


class TestLimits:
    @pytest.mark.parametrize("options", [{"rate_limit_requests": 3, "rate_limit_window_s": 3000}])
    async def test_beyond_the_limit_429_says_when_to_come_back(self, gateway, service):
        client = gateway.client()
        answers = [await client.get("/v1/features") for _ in range(4)]
        assert [each.status_code for each in answers] == [200, 200, 200, 429]
        assert [each.headers["ratelimit"].split(";")[1] for each in answers] == ["r=2", "r=1", "r=0", "r=0"]
        assert answers[0].headers["ratelimit-policy"] == '"default";q=3;w=3000'
        assert 0 < int(answers[3].headers["retry-after"]) <= 1000
        assert answers[3].json()["code"] == "rate_limited"
        assert len(service.heard) == 3

    @pytest.mark.parametrize("options", [{"rate_limit_requests": 1, "rate_limit_window_s": 3000}])
    async def test_a_preflight_costs_nothing(self, gateway):
        for _ in range(3):
            got = await gateway.client(None).options(
                "/v1/features", headers={"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
            )
            assert got.status_code == 204
        assert (await gateway.client().get("/v1/features")).status_code == 200


class TestStrangers:
    @pytest.mark.parametrize("options", [{"strangers_per_minute": 2}])
    async def test_what_is_public_needs_no_key_and_is_counted_by_place(self, gateway, service):
        client = gateway.client(None)
        signed = {"X-Hub-Signature-256": "sha256=00", "X-Fullcircle-Workspace": "forged"}
        for key in (None, gateway.key):
            assert (await gateway.client(key).get("/v1/open/1", headers=signed)).status_code == 200
        for heard in service.heard:
            assert "authorization" not in heard.headers, "nobody vouches for the caller, not even for one with a key"
            assert heard.headers["x-hub-signature-256"] == "sha256=00"
            assert "x-fullcircle-workspace" not in heard.headers
        refused = await client.get("/v1/open/1")
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert int(refused.headers["retry-after"]) > 0
        assert (await client.put("/v1/open/1")).status_code == 401, "another method of the address needs its key"


class TestOrigins:
    async def test_pages_of_an_allowed_origin_may_call(self, gateway):
        admin = gateway.client()
        workspace = await admin.get("/v1/workspace")
        changed = await admin.patch(
            "/v1/workspace",
            json={"allowed_origins": ["https://app.example"]},
            headers={"If-Match": workspace.headers["etag"]},
        )
        assert changed.status_code == 200, changed.text
        asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
        preflight = await gateway.client(None).options("/v1/features", headers=asked)
        assert preflight.headers["access-control-allow-origin"] == "https://app.example"
        assert "idempotency-key" in preflight.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in preflight.headers
        began = time.monotonic()
        while "access-control-allow-origin" not in (got := await admin.get("/v1/features", headers=asked)).headers:
            assert time.monotonic() - began < 1
        assert got.headers["vary"] == "Origin"
        refused = await gateway.client("fc_live_" + "0" * 36).get("/v1/features", headers=asked)
        assert refused.headers["access-control-allow-origin"] == "https://app.example"

    async def test_pages_of_another_origin_may_not(self, gateway):
        asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        for client in (gateway.client(), gateway.client(None)):
            for method in ("GET", "OPTIONS"):
                got = await client.request(method, "/v1/features", headers=asked)
                assert "access-control-allow-origin" not in got.headers

    async def test_a_keys_own_origins_are_for_that_key(self, gateway):
        admin = gateway.client()
        body = {"name": "x", "role": "viewer", "allowed_origins": ["https://widget.example"]}
        made = (await admin.post("/v1/api-keys", json=body)).json()
        asked = {"Origin": "https://widget.example"}
        got = await gateway.client(made["key"]).get("/v1/features", headers=asked)
        assert got.headers["access-control-allow-origin"] == "https://widget.example"
        assert "access-control-allow-origin" not in (await admin.get("/v1/features", headers=asked)).headers


class TestSlowBodies:
    @pytest.mark.parametrize("path", ["/v1/features", "/v1/api-keys", "/docs"])
    async def test_a_body_that_stalls_is_cut_whoever_answers(self, gateway, monkeypatch, path):
        monkeypatch.setattr(body, "STALL_S", 0.2)
        monkeypatch.setattr(body, "LINGER_S", 0.2)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.key}\r\n"
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
        got = await talk(gateway.port, head.encode())
        assert got.startswith((b"HTTP/1.1 408", b"HTTP/1.1 405")), got
        assert b"\r\nconnection: close\r\n" in got.lower()


class TestOverload:
    @pytest.mark.parametrize("options", [{"concurrent_requests": 2}])
    async def test_beyond_its_room_the_gateway_says_when_to_come_back(self, gateway, service):
        """Whoever is inside is answered all the same, and the gateway still says that it lives."""
        release = asyncio.Event()

        async def when_released(talk):
            await release.wait()
            await answer()(talk)

        service.script = [when_released, when_released]
        client = gateway.client()
        inside = [asyncio.ensure_future(client.get("/v1/features")) for _ in range(2)]
        await service.until(lambda: len(service.heard) == 2)
        refused = [await client.get("/v1/features"), await client.post("/v1/features", content=b"x" * 500_000)]
        assert [(got.status_code, got.json()["code"]) for got in refused] == [(503, "unavailable")] * 2
        assert all(got.headers["retry-after"] == "1" for got in refused)
        assert (await client.get("/livez")).status_code == 200
        release.set()
        assert [(await each).status_code for each in inside] == [200, 200]
        assert (await client.get("/v1/features")).status_code == 200


class TestSecurityContact:
    @pytest.mark.parametrize("options", [{"security_contact": "mailto:security@example.org"}])
    async def test_the_operators_contact_is_named_until_a_day_within_a_year(self, gateway):
        got = await gateway.client(None).get("/.well-known/security.txt")
        assert got.headers["content-type"] == "text/plain; charset=utf-8"
        fields = dict(line.split(": ", 1) for line in got.text.splitlines())
        assert fields["Contact"] == "mailto:security@example.org"
        expires = datetime.fromisoformat(fields["Expires"])
        assert timedelta(days=30) < expires - datetime.now(UTC) < timedelta(days=365)

    async def test_without_a_contact_there_is_no_such_file(self, gateway):
        got = await gateway.client(None).get("/.well-known/security.txt")
        assert (got.status_code, got.json()["code"]) == (404, "not_found")


class TestHealth:
    async def test_health_needs_no_key(self, gateway):
        client = gateway.client(None)
        for path in ("/livez", "/readyz", "/version"):
            got = await client.get(path)
            assert got.status_code == 200, got.text
        assert got.json()["service"] == "gateway"

    async def test_figures_are_kept_by_route(self, gateway):
        from prometheus_client import generate_latest

        await gateway.client().get("/v1/features/0197")
        assert 'route="/v1/features/{feature_id}",service="gateway",status="200"' in generate_latest().decode()


class TestFigures:
    async def test_they_are_told_on_a_port_of_their_own(self, edges, gateway):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        await edges({"figures_listen": f"127.0.0.1:{port}"})
        async with httpx.AsyncClient() as client:
            told = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
        assert "fullcircle_http_requests_total{" in told
        assert (await gateway.client().get("/metrics")).status_code == 404


async def assert_nowhere(database, key: str) -> None:
    """The key's text is in no row of the database."""
    connection = await asyncpg.connect(database.superuser_url)
    try:
        for (table,) in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            rows = await connection.fetch(f'SELECT t::text AS row FROM "{table}" t')
            for row in rows:
                assert key not in row["row"]
                assert key.encode().hex() not in row["row"]
    finally:
        await connection.close()
