"""Nobody makes Fullcircle call itself or its neighbours: every vector, against a listener that counts."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from services.chassis.outbound.client import OutboundClient, outbound_client
from services.chassis.outbound.destination import Rules
from services.chassis.outbound.errors import AddressRefused, OutboundError, Unreachable
from tests.integration.outbound.trap import NameServer, Trap, Wire, answer, trap_set
from tests.integration.outbound.vectors import ADDRESSES, ANSWERS, CONFUSIONS, NAMES, REDIRECTS

PUBLIC = "93.184.215.14"


@pytest_asyncio.fixture
async def trap() -> AsyncIterator[Trap]:
    async with trap_set() as set_up:
        yield set_up


@pytest_asyncio.fixture(scope="module")
async def production() -> AsyncIterator[OutboundClient]:
    async with outbound_client(environment="production") as client:
        yield client


def test_there_are_more_than_sixty() -> None:
    vectors = [*ADDRESSES, *NAMES, *CONFUSIONS, *ANSWERS, *REDIRECTS]
    assert len(vectors) == len(set(vectors)) >= 60


@pytest.mark.parametrize("host", ADDRESSES)
async def test_an_address_that_is_not_public_is_not_called(trap: Trap, production: OutboundClient, host: str) -> None:
    with pytest.raises(AddressRefused):
        await production.post(f"https://{host}:{trap.port}/", content=b"{}")
    with pytest.raises(AddressRefused):
        production.check(f"https://{host}/")
    assert trap.connections == 0


@pytest.mark.parametrize("host", NAMES)
async def test_a_name_of_this_machine_is_not_called(trap: Trap, production: OutboundClient, host: str) -> None:
    """Some of these names no resolver knows: then there is nothing to refuse, and nothing to reach."""
    with pytest.raises((AddressRefused, Unreachable)):
        await production.get(f"https://{host}:{trap.port}/")
    assert trap.connections == 0


@pytest.mark.parametrize("url", CONFUSIONS)
async def test_what_parsers_disagree_about_is_not_called(trap: Trap, url: str) -> None:
    wire = Wire()
    async with OutboundClient(Rules(), resolve=NameServer([[PUBLIC]]), network=wire) as client:
        with pytest.raises(AddressRefused):
            await client.get(url.format(port=trap.port))
    assert (trap.connections, wire.dialled) == (0, [])


@pytest.mark.parametrize("answers", ANSWERS)
async def test_a_name_with_one_bad_address_is_not_called(trap: Trap, answers: Sequence[str]) -> None:
    wire = Wire()
    async with OutboundClient(Rules(), resolve=NameServer([answers]), network=wire) as client:
        with pytest.raises(AddressRefused) as refused:
            await client.get(f"https://harmless.example:{trap.port}/")
    assert (trap.connections, wire.dialled) == (0, [])
    assert not any(answer in str(refused.value) for answer in answers), "what a name stands for is nobody's business"


async def test_a_rebound_name_is_connected_to_where_it_was_checked(trap: Trap) -> None:
    """Public when asked first, this machine ever after: there is one question, and its answer is what is dialled."""
    names, wire = NameServer([[PUBLIC], ["127.0.0.1"]]), Wire()
    async with OutboundClient(Rules(), resolve=names, network=wire) as client:
        with pytest.raises(Unreachable):
            await client.get(f"https://rebound.example:{trap.port}/")
        assert (names.questions, wire.dialled) == (["rebound.example"], [PUBLIC])
        with pytest.raises(AddressRefused):
            await client.get(f"https://rebound.example:{trap.port}/")
    assert (trap.connections, wire.dialled) == (0, [PUBLIC])


@pytest.mark.parametrize("status", REDIRECTS)
async def test_a_redirect_is_not_followed(trap: Trap, status: int) -> None:
    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        location = f"http://127.0.0.1:{trap.port}/"
        head = f"HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
        await answer(reader, writer, head.encode())

    server = await asyncio.start_server(redirect, "127.0.0.1", 0)
    async with server, outbound_client(environment="development") as client:
        got = await client.post(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", content=b"{}")
    assert (got.status, got.is_success, trap.connections) == (status, False, 0)


async def test_the_environments_proxies_are_not_used(trap: Trap, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")
        monkeypatch.setenv(name.lower(), f"http://127.0.0.1:{trap.port}")
    async with OutboundClient(Rules(), resolve=NameServer([[PUBLIC]]), network=Wire()) as client:
        with pytest.raises(Unreachable):
            await client.get("https://harmless.example/")
    assert trap.connections == 0


@pytest.mark.parametrize("environment", ["production", "development"])
async def test_a_foreign_name_for_this_machine_is_refused_everywhere(trap: Trap, environment: str) -> None:
    """In development this machine may be called by its own names only: not by a name that somebody else controls."""
    rules = Rules(is_loopback_allowed=environment == "development")
    async with OutboundClient(rules, resolve=NameServer([["127.0.0.1"]])) as client:
        for scheme in ("http", "https"):
            with pytest.raises(OutboundError):
                await client.get(f"{scheme}://harmless.example:{trap.port}/")
    assert trap.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_the_trap_does_catch_what_is_allowed_through(trap: Trap, host: str) -> None:
    async with outbound_client(environment="development") as client:
        caught = await client.get(f"http://{host}:{trap.port}/")
    assert (caught.status, caught.body, trap.connections) == (200, b"caught", 1)


def test_many_vectors_are_no_straw_men() -> None:
    """The system's own resolver takes these odd forms for this machine: a client without a guard would call it."""
    understood = []
    for host in ADDRESSES[:19]:
        try:
            found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
        except OSError:
            continue
        understood += [host for entry in found if str(entry[4][0]).startswith(("127.", "0."))]
    assert len(set(understood)) >= 12
