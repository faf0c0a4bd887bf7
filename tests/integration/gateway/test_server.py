"""Callers who are slow, and callers who speak no HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from gateway.server import EdgeProtocol
from tests.integration.gateway.edge import Stage, served, talk


class Hasty(EdgeProtocol):
    head_s = 0.2
    unread_s = 0.2


async def hello(scope, receive, send):
    if scope["path"] == "/endless":
        await endless(send)
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


ended = asyncio.Event()


async def endless(send):
    """Writes until the caller is gone; uvicorn takes what nobody will read, so the end shows in the pace."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    written = 0
    while written < 200_000_000:
        await send({"type": "http.response.body", "body": bytes(1_000_000), "more_body": True})
        written += 1_000_000
    ended.set()


@pytest_asyncio.fixture(scope="module")
async def hasty() -> AsyncIterator[Stage]:
    async with served(hello, http=Hasty) as stage:
        yield stage


@pytest.mark.parametrize(
    "part", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "], ids=["nothing", "line", "head"]
)
async def test_a_head_that_does_not_come_is_cut(hasty, part):
    got = await talk(hasty.port, part)
    assert got.startswith(b"HTTP/1.1 408")
    assert json.loads(got.partition(b"\r\n\r\n")[2])["code"] == "request_timeout"


async def test_a_head_that_drips_is_cut_though_each_drop_is_in_time(hasty):
    reader, writer = await asyncio.open_connection("127.0.0.1", hasty.port)
    answer = asyncio.ensure_future(reader.read())
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
    async with asyncio.timeout(5):
        while not answer.done():
            writer.write(b"X-A: b\r\n")
            await asyncio.wait({answer}, timeout=0.05)
    writer.close()
    assert (await answer).startswith(b"HTTP/1.1 408")


async def test_a_head_in_pieces_and_a_quiet_connection_are_fine(hasty):
    reader, writer = await asyncio.open_connection("127.0.0.1", hasty.port)
    async with asyncio.timeout(5):
        for part in (b"GET / HTT", b"P/1.1\r\nHost: x\r\n", b"\r\n"):
            writer.write(part)
            await writer.drain()
        assert b"200 OK" in await reader.readuntil(b"ok")
        await asyncio.sleep(2 * Hasty.head_s)  # nothing may happen meanwhile, and there is nothing else to wait for
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in await reader.readuntil(b"ok")
    writer.close()


async def test_what_is_no_http_is_told_as_a_problem(hasty):
    got = await talk(hasty.port, b"\x16\x03\x01\x00\r\n\r\n")
    head, _, body = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert b"content-type: application/problem+json" in head
    assert json.loads(body)["code"] == "bad_request"


async def test_an_answer_that_nobody_reads_is_given_up(hasty):
    ended.clear()
    _, writer = await asyncio.open_connection("127.0.0.1", hasty.port)
    writer.transport.pause_reading()
    writer.write(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(5):
        await ended.wait()
    writer.close()
