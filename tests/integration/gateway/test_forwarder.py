"""What a caller sees of a service through the gateway's proxy, and what the service sees of the caller."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest

from gateway.proxy.body import RequestBody
from gateway.proxy.forwarder import BODY_LIMIT, BULK_BODY_LIMIT, Errand, body_limit, forward
from gateway.proxy.headers import inspect_head, refuse_ambiguous_path
from gateway.proxy.upstream import Upstream, UpstreamLimits
from services.chassis.errors import Problem
from tests.integration.gateway.edge import Stage, talk
from tests.integration.gateway.faulty_service import FaultyService, Talk, answer, hang, raw, reset
from tests.plain import NO_TLS


@dataclass
class Proxy:
    """The forwarder with nothing around it: a problem becomes its status and code."""

    upstream: Upstream
    timeout_s: float = 5
    failures: list[Problem] = field(default_factory=list)

    async def __call__(self, scope, receive, send):
        errand = Errand(self.upstream, self.timeout_s, b"authorization: Bearer inner\r\n", [(b"x-edge", b"yes")])
        try:
            refuse_ambiguous_path(scope["path"])
            head = inspect_head(scope["headers"], http_version=scope["http_version"])
            body = RequestBody(receive, head, limit=body_limit(scope["path"], head))
            await forward(scope, send, head, body, errand)
        except Problem as problem:
            self.failures.append(problem)
            if problem.status in {413, 502, 504}:
                await body.linger()
            headers = [(b"connection", b"close"), (b"content-length", b"%d" % len(problem.code))]
            await send({"type": "http.response.start", "status": problem.status, "headers": headers})
            await send({"type": "http.response.body", "body": problem.code.encode()})


@pytest.fixture
async def proxy(service: FaultyService) -> AsyncIterator[Proxy]:
    upstream = Upstream("roadmap", service.url, UpstreamLimits(connect_s=1))
    yield Proxy(upstream)
    upstream.close()


@pytest.fixture
def port(stage: Stage, proxy: Proxy) -> int:
    stage.app = proxy
    return stage.port


@pytest.fixture
async def client(port: int) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=NO_TLS, base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        yield client


async def test_a_request_goes_through_with_its_query_and_body(service, client):
    service.script = [answer(b'{"id":1}', status=b"201 Created", head=b'ETag: "1"\r\nLocation: /v1/things/1\r\n')]
    got = await client.post("/v1/things?a=1&b=%20x", json={"title": "x"})
    assert (got.status_code, got.json(), got.headers["etag"]) == (201, {"id": 1}, '"1"')
    assert got.headers["x-edge"] == "yes"
    heard = service.heard[0]
    assert (heard.line, heard.body) == ("POST /v1/things?a=1&b=%20x HTTP/1.1", b'{"title":"x"}')


async def test_the_service_hears_who_asks_from_the_gateway_alone(service, client, port):
    lies = {
        "Authorization": "Bearer outer",
        "Cookie": "a=b",
        "Forwarded": "for=1.2.3.4",
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-Host": "evil",
        "X-Fullcircle-Deadline-Ms": "999999",
        "X-Real-Ip": "1.2.3.4",
        "X-Hop": "secret",
        "Connection": "X-Hop",
        "Proxy-Authorization": "Basic x",
        "Te": "trailers",
        "Accept": "application/json",
    }
    await client.get("/v1/things", headers=lies)
    headers = service.heard[0].headers
    assert headers["authorization"] == "Bearer inner"
    assert headers["accept"] == "application/json"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-host"] == f"127.0.0.1:{port}"
    assert headers["host"] == service.url.removeprefix("http://")
    assert headers["x-fullcircle-deadline-ms"] == "5000"
    assert {"cookie", "forwarded", "x-hop", "proxy-authorization", "te", "x-real-ip", "connection"}.isdisjoint(headers)


async def test_request_id_and_trace_are_kept_or_made(service, client):
    trace = "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"
    await client.get("/", headers={"X-Request-Id": "mine-1", "traceparent": trace, "tracestate": "a=b"})
    await client.get("/", headers={"X-Request-Id": "no good", "traceparent": "nonsense", "tracestate": "a=b"})
    kept, made = (each.headers for each in service.heard)
    assert (kept["x-request-id"], kept["traceparent"], kept["tracestate"]) == ("mine-1", trace, "a=b")
    assert made["x-request-id"] == made["traceparent"].split("-")[1]
    assert "tracestate" not in made


async def test_hop_headers_of_an_answer_end_at_the_gateway(service, port):
    service.script = [
        answer(b"ok", head=b"Connection: keep-alive, X-Inner\r\nX-Inner: 1\r\nKeep-Alive: timeout=5\r\nServer: s\r\n"
               b"X-Fullcircle-Secret: 1\r\nX-Outer: 1\r\n")
    ]  # fmt: skip
    got = (await talk(port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).lower()
    assert b"x-outer: 1" in got
    for gone in (b"x-inner", b"keep-alive", b"server:", b"x-fullcircle"):
        assert gone not in got


async def test_no_content_and_not_modified_pass(service, client):
    service.script = [raw(b"HTTP/1.1 204 No Content\r\n\r\n"),
                      raw(b'HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: "1"\r\n\r\n')]  # fmt: skip
    assert (await client.delete("/")).status_code == 204
    got = await client.get("/")
    assert (got.status_code, got.headers["etag"], got.content) == (304, '"1"', b"")
    assert (await client.get("/")).json() == {}


async def test_head_passes_with_its_length(service, client):
    service.script = [raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")]
    got = await client.head("/")
    assert (got.status_code, got.headers["content-length"], got.content) == (200, "1000", b"")
    assert service.heard[0].line == "HEAD / HTTP/1.1"


async def test_compressed_bytes_are_not_touched(service, client):
    packed = gzip.compress(b"hello" * 1000)
    service.script = [answer(packed, head=b"Content-Encoding: gzip\r\n")]
    assert (await client.get("/")).text == "hello" * 1000


async def test_a_stream_is_passed_on_piece_by_piece(service, client):
    go_on = asyncio.Event()

    async def events(talk: Talk) -> None:
        await talk.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        await go_on.wait()
        await talk.say(b"3\r\ntwo\r\n0\r\n\r\n")

    service.script = [events]
    async with client.stream("GET", "/") as got:
        pieces = got.aiter_raw()
        assert await anext(pieces) == b"one"
        go_on.set()
        assert await anext(pieces) == b"two"


@pytest.mark.parametrize("is_chunked", [True, False])
async def test_a_large_body_is_streamed_up(service, client, is_chunked):
    body = bytes(range(256)) * 3000

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 50_000):
            yield body[start : start + 50_000]

    headers = {} if is_chunked else {"Content-Length": str(len(body))}
    await client.post("/", content=parts(), headers=headers)
    assert service.heard[0].body == body
    assert ("transfer-encoding" in service.heard[0].headers) is is_chunked


async def test_a_post_without_a_body_says_so(service, client):
    await client.post("/v1/things/1/transitions")
    assert service.heard[0].headers["content-length"] == "0"


@pytest.mark.parametrize(
    ("content_type", "limit"),
    [("application/json", BODY_LIMIT), ("application/x-ndjson", BULK_BODY_LIMIT)],
)
@pytest.mark.parametrize("is_chunked", [True, False])
async def test_a_body_over_the_limit_is_refused_and_one_at_the_limit_is_not(
    service, client, content_type, limit, is_chunked
):
    async def parts(size: int) -> AsyncIterator[bytes]:
        for start in range(0, size, 65_536):
            yield bytes(min(65_536, size - start))

    async def post(size: int) -> httpx.Response:
        headers = {"Content-Type": content_type} | ({} if is_chunked else {"Content-Length": str(size)})
        return await client.post("/v1/things", content=parts(size), headers=headers)

    assert (await post(limit)).status_code == 200
    got = await post(limit + 1)
    assert (got.status_code, got.text) == (413, "content_too_large")
    assert sum(len(each.body) == limit for each in service.heard) == 1


async def test_an_endless_body_is_cut(service, port):
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    try:
        async with asyncio.timeout(10):
            while True:
                writer.write(b"10000\r\n" + bytes(65_536) + b"\r\n")
                await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def test_a_caller_who_expects_continue_is_spared_the_body(port):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"
    got = await talk(port, head)
    assert got.startswith(b"HTTP/1.1 413")
    got = await talk(port, head.replace(b"99999999", b"2"), until_closed=False)
    assert got.startswith(b"HTTP/1.1 100")


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        (reset, 502),
        (raw(b"nonsense", close=True), 502),
        (raw(b"HTTP/1.1 200 OK\r\nConte", close=True), 502),
        (hang, 504),
    ],
    ids=["reset", "nonsense", "half a head", "silence"],
)
async def test_a_broken_service_is_told_as_a_problem(service, proxy, client, behaviour, status):
    proxy.timeout_s = 0.1
    service.script = [behaviour]
    assert (await client.post("/", json={})).status_code == status
    assert (await client.post("/", json={})).status_code == 200, "and the gateway is well afterwards"
    assert "127.0.0.1" not in proxy.failures[0].detail


async def test_a_service_that_is_down_is_unavailable(client, proxy):
    proxy.upstream = Upstream("roadmap", "http://127.0.0.1:1")
    assert (await client.get("/")).status_code == 503
    assert proxy.failures[0].headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    "part",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ],
    ids=["length", "chunked"],
)
async def test_a_truncated_answer_is_seen_as_truncated(service, client, part):
    service.script = [raw(part, close=True)]
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get("/")


async def test_a_caller_who_hangs_up_frees_the_service(service, port):
    service.script = [hang]
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await service.until(lambda: len(service.heard) == 1)
    writer.close()
    await service.until(lambda: service.open == 0)


async def test_a_caller_who_leaves_a_stream_frees_the_service(service, client):
    async def endless(talk: Talk) -> None:
        await talk.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        await hang(talk)

    service.script = [endless]
    async with client.stream("GET", "/") as got:
        assert await anext(got.aiter_raw()) == b"one"
    await service.until(lambda: service.open == 0)


async def test_a_caller_who_leaves_in_the_middle_of_a_body_frees_the_service(service, port):
    service.reads_bodies = False
    service.script = [hang]
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf")
    await service.until(lambda: len(service.heard) == 1)
    writer.close()
    await service.until(lambda: service.open == 0)


SMUGGLED = b"GET /internal/feed HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED,
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n" + SMUGGLED,
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n" + SMUGGLED,
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\nab\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\rX-B: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX A: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n",
        b"GET /v1/../internal/feed HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1/%2e%2e/internal/feed HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1/a%2F..%2F..%2Finternal HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1/a%0d%0aX-B:%20b HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
async def test_what_can_be_read_in_two_ways_is_refused(service, port, request_bytes):
    got = await talk(port, request_bytes)
    assert got.split(b" ")[1] in {b"400", b"501"}, got
    assert got.count(b"HTTP/1.1 ") == 1
    assert service.heard == []


async def test_an_absolute_target_does_not_choose_the_service(service, port):
    await talk(port, b"GET http://evil.example/v1/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert service.heard[0].line == "GET /v1/x HTTP/1.1"
    assert service.heard[0].headers["host"] == service.url.removeprefix("http://")
