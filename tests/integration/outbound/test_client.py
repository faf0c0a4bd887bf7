"""The guarded client against real servers: names and certificates, time, size, and answers that are none."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.chassis.outbound.client import OutboundClient, outbound_client
from services.chassis.outbound.destination import Rules
from services.chassis.outbound.errors import BrokenAnswer, TooSlow, Unreachable
from tests.integration.outbound.certificates import NAME, server_context
from tests.integration.outbound.trap import NameServer, Wire, answer

PUBLIC = "93.184.215.14"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[object]]


@asynccontextmanager
async def served(serve: Serve, **more: ssl.SSLContext) -> AsyncIterator[int]:
    """A server whose connections end when the test does."""
    tasks: list[asyncio.Task[object]] = []

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def one() -> None:
            try:
                await serve(reader, writer)
            finally:
                writer.close()

        tasks.append(asyncio.create_task(one()))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, **more)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def test_the_name_stays_on_top_of_the_address(tmp_path: Path) -> None:
    """Connected to the address that was checked; SNI, certificate and Host are those of the name."""
    server_side, client_side = server_context(tmp_path)
    requests, names = [], []
    server_side.sni_callback = lambda _socket, name, _context: names.append(name)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await answer(reader, writer, OK))

    async with served(serve, ssl=server_side) as port:
        wire = Wire(leads_to=port)
        client = OutboundClient(Rules(), resolve=NameServer([[PUBLIC]]), network=wire, ssl_context=client_side)
        async with client:
            got = await client.post(f"https://{NAME}/hooks?x=1", content=b'{"a":1}', headers={"X-Test": "yes"})
    assert (got.status, got.json(), wire.dialled, names) == (200, {}, [PUBLIC], [NAME])
    head, _, body = requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hooks?x=1 HTTP/1.1\r\n")
    assert b"\r\nHost: hooks.example\r\n" in head
    assert b"\r\nX-Test: yes\r\n" in head
    assert body == b'{"a":1}'


async def test_a_certificate_for_another_name_is_not_trusted(tmp_path: Path) -> None:
    server_side, client_side = server_context(tmp_path)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(reader, writer, OK)

    async with served(serve, ssl=server_side) as port:
        client = OutboundClient(
            Rules(), resolve=NameServer([[PUBLIC]]), network=Wire(leads_to=port), ssl_context=client_side
        )
        async with client:
            with pytest.raises(Unreachable, match="certificate"):
                await client.get("https://other.example/")


async def test_an_address_that_is_dead_does_not_keep_from_the_next(tmp_path: Path) -> None:
    server_side, client_side = server_context(tmp_path)
    second = "93.184.215.15"

    class OneDead(Wire):
        async def connect_tcp(self, host: str, *arguments: object, **more: object) -> object:  # type: ignore[override]
            self.leads_to = port if host == second else None
            return await super().connect_tcp(host, *arguments, **more)  # type: ignore[arg-type]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(reader, writer, OK)

    async with served(serve, ssl=server_side) as port:
        wire = OneDead()
        client = OutboundClient(Rules(), resolve=NameServer([[PUBLIC, second]]), network=wire, ssl_context=client_side)
        async with client:
            assert (await client.get(f"https://{NAME}/")).status == 200
    assert wire.dialled == [PUBLIC, second]


async def test_an_endless_answer_is_cut() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
            await writer.drain()

    async with served(serve) as port, outbound_client(environment="development") as client:
        got = await client.get(f"http://127.0.0.1:{port}/", max_bytes=5_000)
    assert (len(got.body), got.is_cut) == (5_000, True)
    with pytest.raises(BrokenAnswer):
        got.json()


async def test_a_compressed_answer_is_not_unpacked() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(
            reader, writer, b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"
        )

    async with served(serve) as port, outbound_client(environment="development") as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).body == b"\x1f\x8b\x08\x00"


async def test_the_time_is_for_all_of_it() -> None:
    """A byte now and then keeps nobody waiting for ever."""

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 10_000:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.02)

    async with served(trickle) as port, outbound_client(environment="development") as client:
        with pytest.raises(TooSlow):
            await client.get(f"http://127.0.0.1:{port}/", timeout_s=0.3)


async def test_a_name_server_that_is_silent_is_not_waited_for() -> None:
    released = asyncio.Event()
    loop = asyncio.get_running_loop()

    def silent(_host: str, _port: int) -> list[str]:
        asyncio.run_coroutine_threadsafe(released.wait(), loop).result()
        return [PUBLIC]

    async with OutboundClient(Rules(), resolve=silent, network=Wire()) as client:
        with pytest.raises(TooSlow):
            await client.get("https://slow.example/", timeout_s=0.2)
        released.set()


@pytest.mark.parametrize(
    "nonsense",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000,
    ],
)
async def test_what_is_not_http_is_no_answer(nonsense: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(reader, writer, nonsense)

    async with served(serve) as port, outbound_client(environment="development") as client:
        with pytest.raises(BrokenAnswer):
            await client.get(f"http://127.0.0.1:{port}/", timeout_s=5)


async def test_nobody_there_is_said_so() -> None:
    async with served(lambda _reader, _writer: asyncio.sleep(0)) as port:
        pass
    async with outbound_client(environment="development") as client:
        with pytest.raises(Unreachable):
            await client.get(f"http://127.0.0.1:{port}/")


async def test_an_international_name_is_wanted_in_ascii() -> None:
    async with OutboundClient(Rules(), resolve=NameServer([[PUBLIC]]), network=Wire()) as client:
        client.check("https://xn--bcher-kva.example/hooks")
