"""The gateway's HTTP client against services that hang, reset, truncate and chatter."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from gateway.proxy.errors import Broken, Saturated, TooSlow, Unreachable
from gateway.proxy.exchange import Exchange
from gateway.proxy.upstream import Upstream, UpstreamLimits, UpstreamRequest
from tests.integration.gateway.faulty_service import FaultyService, Talk, answer, hang, raw, reset


@pytest.fixture
async def upstream(service: FaultyService) -> AsyncIterator[Upstream]:
    client = Upstream("roadmap", service.url, UpstreamLimits(queue_s=1, connect_s=1, stalled_body_s=1))
    yield client
    client.close()


def get(*, timeout_s: float = 5, **more) -> UpstreamRequest:
    return UpstreamRequest(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", timeout_s, is_repeatable=True, **more)


def post() -> UpstreamRequest:
    return UpstreamRequest(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}", 5)


async def whole(exchange: Exchange) -> bytes:
    parts = []
    while part := await exchange.read():
        parts.append(part)
    return b"".join(parts)


async def test_an_answer_comes_with_status_headers_and_body(service, upstream):
    service.script = [answer(b"hello", status=b"201 Created", head=b"X-Kind: a\r\nX-Kind: b\r\n")]
    exchange = await upstream.send(get())
    assert (exchange.status, await whole(exchange)) == (201, b"hello")
    assert exchange.headers == [(b"x-kind", b"a"), (b"x-kind", b"b"), (b"content-length", b"5")]


async def test_a_connection_is_used_again(service, upstream):
    for _ in range(3):
        await whole(await upstream.send(get()))
    assert (service.connections, len(service.heard)) == (1, 3)


async def test_connections_are_lent_last_in_first_out(service, upstream):
    await asyncio.gather(*(upstream.send(get()) for _ in range(4)))
    for _ in range(8):
        await whole(await upstream.send(get()))
    assert service.connections == 4
    assert upstream.open_connections == 4


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n"], b"abcde"),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n0\r\nTrail: er\r\n\r\n"], b"a"),
        (
            [
                b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n",
                b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            ],
            b"ok",
        ),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
        ([b"HTTP/1.1 304 Not Modified\r\nContent-Length: 512\r\n\r\n"], b""),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], b""),
        ([b"H", b"TTP/1.1 200 O", b"K\r\nContent-Le", b"ngth: 3\r\n\r", b"\nabc"], b"abc"),
    ],
    ids=["chunked", "chunk extensions and trailers", "interim answers", "204", "304 with a length", "empty", "slivers"],
)
async def test_every_framing_is_read_and_leaves_the_connection_usable(service, upstream, parts, body):
    async def in_parts(talk: Talk) -> None:
        for part in parts:
            await talk.say(part)
            await asyncio.sleep(0)

    service.script = [in_parts]
    exchange = await upstream.send(get())
    assert await whole(exchange) == body
    assert await whole(await upstream.send(get())) == b"{}"
    assert service.connections == 1


async def test_the_answer_to_head_has_no_body_whatever_length_it_names(service, upstream):
    service.script = [raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")]
    exchange = await upstream.send(get(is_head=True))
    assert (exchange.status, await whole(exchange)) == (200, b"")
    assert await whole(await upstream.send(get())) == b"{}"
    assert service.connections == 1


async def test_a_body_that_ends_with_the_connection_is_whole(service, upstream):
    service.script = [raw(b"HTTP/1.1 200 OK\r\n\r\nall there is", close=True)]
    assert await whole(await upstream.send(get())) == b"all there is"
    await whole(await upstream.send(get()))
    assert service.connections == 2


async def test_connection_close_is_obeyed(service, upstream):
    service.script = [answer(b"bye", head=b"Connection: close\r\n")]
    assert await whole(await upstream.send(get())) == b"bye"
    assert await whole(await upstream.send(get())) == b"{}"
    assert service.connections == 2


@pytest.mark.parametrize(
    "extra",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", b"garbage"],
    ids=["a second answer", "garbage"],
)
async def test_bytes_after_the_answer_never_become_the_next_answer(service, upstream, extra):
    service.script = [raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + extra)]
    assert await whole(await upstream.send(get())) == b"ok"
    assert await whole(await upstream.send(get())) == b"{}"
    assert service.connections == 2


async def test_a_late_second_answer_closes_the_idle_connection(service, upstream):
    async def chatter(talk: Talk) -> None:
        await answer(b"ok")(talk)
        await talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")

    service.script = [chatter]
    assert await whole(await upstream.send(get())) == b"ok"
    await service.until(lambda: service.open == 0)
    assert await whole(await upstream.send(get())) == b"{}"


@pytest.mark.parametrize(
    "nonsense",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["not http", "two lengths", "length and coding", "upgrade", "bad chunk"],
)
async def test_nonsense_is_a_broken_upstream(service, upstream, nonsense):
    service.script = [raw(nonsense, close=True)]
    with pytest.raises(Broken):
        await whole(await upstream.send(get()))


@pytest.mark.parametrize(
    "part",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ],
    ids=["length", "chunked"],
)
async def test_a_truncated_body_is_no_whole_body(service, upstream, part):
    service.script = [raw(part, close=True)]
    exchange = await upstream.send(get())
    with pytest.raises(Broken):
        await whole(exchange)


async def test_a_half_head_is_broken(service, upstream):
    service.script = [raw(b"HTTP/1.1 200 OK\r\nContent-", close=True)]
    with pytest.raises(Broken):
        await upstream.send(get())


async def test_a_safe_request_on_a_stale_connection_is_sent_again(service, upstream):
    await whole(await upstream.send(get()))
    service.script = [reset]
    assert await whole(await upstream.send(get())) == b"{}"
    assert (service.connections, len(service.heard)) == (2, 3)


async def test_an_unsafe_request_on_a_stale_connection_is_not_sent_again(service, upstream):
    await whole(await upstream.send(get()))
    service.script = [reset]
    with pytest.raises(Broken):
        await upstream.send(post())
    assert len(service.heard) == 2


async def test_a_reset_on_a_new_connection_is_not_repeated(service, upstream):
    service.script = [reset]
    with pytest.raises(Broken):
        await upstream.send(get())
    assert len(service.heard) == 1


async def test_a_service_that_is_not_there_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    upstream = Upstream("metrics", f"http://127.0.0.1:{port}")
    with pytest.raises(Unreachable):
        await upstream.send(get())
    upstream.close()


async def test_the_deadline_cuts_a_silent_service(service, upstream):
    service.script = [hang]
    with pytest.raises(TooSlow):
        await upstream.send(get(timeout_s=0.05))
    await service.until(lambda: service.open == 0)


async def test_a_stalled_body_is_cut(service, upstream):
    async def half_then_hang(talk: Talk) -> None:
        await talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        await hang(talk)

    upstream.stalled_body_s = 0.05
    service.script = [half_then_hang]
    exchange = await upstream.send(get())
    with pytest.raises(TooSlow):
        await whole(exchange)


async def test_a_body_is_streamed_up_with_back_pressure(service, upstream):
    async def parts() -> AsyncIterator[bytes]:
        for number in range(64):
            yield bytes([number]) * 65_536

    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % (64 * 65_536)
    await whole(await upstream.send(UpstreamRequest(head, 5, rest=parts())))
    assert service.heard[0].body == b"".join(bytes([number]) * 65_536 for number in range(64))
    await whole(await upstream.send(get()))
    assert service.connections == 1


async def test_an_answer_before_the_end_of_the_request_is_taken(service, upstream):
    service.reads_bodies = False
    service.script = [answer(b"enough", status=b"413 Content Too Large")]
    pumped = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"x" * 1000
        await pumped.wait()

    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n"
    exchange = await upstream.send(UpstreamRequest(head, 5, rest=endless()))
    assert (exchange.status, await whole(exchange)) == (413, b"enough")
    await service.until(lambda: service.open == 0)


async def test_a_fault_while_reading_the_body_reaches_the_caller_and_frees_the_service(service, upstream):
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 10
        raise ValueError("the caller sent nonsense")

    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n"
    with pytest.raises(ValueError, match="nonsense"):
        await upstream.send(UpstreamRequest(head, 5, rest=broken()))
    await service.until(lambda: service.open == 0)


async def test_a_reader_who_is_slow_slows_the_service(service, upstream):
    written = 0
    stuck = asyncio.Event()

    async def firehose(talk: Talk) -> None:
        nonlocal written
        await talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (64 * 1024 * 1024))
        for _ in range(64):
            talk.writer.write(bytes(1024 * 1024))
            asyncio.get_running_loop().call_later(0.2, stuck.set)
            await talk.writer.drain()
            written += 1

    upstream.stalled_body_s = 5
    service.script = [firehose]
    exchange = await upstream.send(get())
    await stuck.wait()
    assert written < 32, "everything was taken in although nobody read it"
    assert len(await whole(exchange)) == 64 * 1024 * 1024


async def test_the_pool_is_bounded_and_the_queue_is_served_in_order(service):
    upstream = Upstream("roadmap", service.url, UpstreamLimits(connections=2, queue_s=5))
    order: list[int] = []

    async def ask(number: int) -> None:
        await whole(await upstream.send(get()))
        order.append(number)

    await asyncio.gather(*(ask(number) for number in range(20)))
    assert service.connections == 2
    assert order == sorted(order)
    upstream.close()


async def test_beyond_the_queue_requests_are_refused_at_once(service):
    upstream = Upstream("roadmap", service.url, UpstreamLimits(connections=1, queue=1, queue_s=0.1))
    service.script = [hang]
    busy = asyncio.create_task(upstream.send(get()))
    await service.until(lambda: len(service.heard) == 1)
    queued = asyncio.create_task(upstream.send(get()))
    await asyncio.sleep(0)
    with pytest.raises(Saturated):
        await upstream.send(get())
    with pytest.raises(Saturated):
        await queued
    busy.cancel()
    with pytest.raises(asyncio.CancelledError):
        await busy
    assert await whole(await upstream.send(get())) == b"{}", "the cancelled request gave its place back"
    upstream.close()


async def test_idle_connections_are_closed_before_the_service_would(service):
    upstream = Upstream("roadmap", service.url, UpstreamLimits(idle_connection_s=0.05))
    await whole(await upstream.send(get()))
    await service.until(lambda: service.open == 0)
    assert upstream.open_connections == 0
    upstream.close()


@pytest.mark.parametrize("url", ["ftp://somewhere", "127.0.0.1:80", "http://"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValueError, match="not an http address"):
        Upstream("roadmap", url)
