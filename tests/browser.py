"""A headless Chromium, driven by the DevTools protocol over a pipe; it can reach this machine and nothing else."""

import asyncio
import base64
import itertools
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--window-size=1200,1000",
)
REDIRECT = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)


@dataclass
class Browser:
    """A running browser; what it says goes to whoever asked, and to the page that it is about."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    _pages: dict[str, "Page"] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _waiting: dict[int, "asyncio.Future[Any]"] = field(default_factory=dict)

    async def listen(self) -> None:
        """Take in what the browser says, until it ends."""
        while True:
            try:
                message = await self.reader.readuntil(b"\0")
            except asyncio.IncompleteReadError:
                return
            said = json.loads(message[:-1])
            if waiting := self._waiting.pop(said.get("id", 0), None):
                waiting.set_result(said)
            elif page := self._pages.get(said.get("sessionId", "")):
                page.hear(said)

    async def tell(self, method: str, *, session: str = "", **parameters: Any) -> Any:
        """One command of the protocol; raises RuntimeError when the browser refuses it."""
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self.writer.write(json.dumps(message).encode() + b"\0")
        async with asyncio.timeout(120):
            said = await self._waiting[number]
        if "error" in said:
            raise RuntimeError(said["error"]["message"])
        return said["result"]

    @asynccontextmanager
    async def page(self) -> AsyncIterator["Page"]:
        """An empty page that shares nothing with another: neither what is kept nor how it looks."""
        context = await self.tell("Target.createBrowserContext")
        target = await self.tell("Target.createTarget", url="about:blank", **context)
        attached = await self.tell("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        page = self._pages[attached["sessionId"]] = Page(self, attached["sessionId"])
        try:
            for domain in ("Page", "Runtime", "Log", "Network"):
                await page.tell(f"{domain}.enable")
            yield page
        finally:
            del self._pages[page.session]
            await self.tell("Target.disposeBrowserContext", **context)


@dataclass
class Page:
    """One tab: `run` evaluates JavaScript, `until` waits for it to become true."""

    browser: Browser
    session: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def hear(self, said: dict[str, Any]) -> None:
        if said["method"] == "Log.entryAdded":
            self.complaints.append(said["params"]["entry"]["text"])
        elif said["method"] == "Network.requestWillBeSent":
            self.requests.append(said["params"]["request"]["url"])

    async def tell(self, method: str, **parameters: Any) -> Any:
        """As `Browser.tell`, of this page."""
        return await self.browser.tell(method, session=self.session, **parameters)

    async def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        result = await self.tell("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"]["description"])
        return result["result"].get("value")

    async def until(self, script: str, *, seconds: float = 120) -> Any:
        """Wait for an expression to become true, and answer it."""
        async with asyncio.timeout(seconds):
            while not (value := await self.run(script)):
                await asyncio.sleep(0.05)
        return value

    async def picture(self) -> bytes:
        """What a person would see now, as PNG."""
        shot = await self.tell("Page.captureScreenshot", format="png")
        return base64.b64decode(shot["data"])

    async def click(self, selector: str) -> None:
        await self.until(f"!!document.querySelector({selector!r})")
        await self.run(f"document.querySelector({selector!r}).click()")

    async def type(self, selector: str, text: str) -> None:
        """Put text into a field the way a person does, so that the page notices."""
        await self.until(f"!!document.querySelector({selector!r})")
        await self.run(f"document.querySelector({selector!r}).focus()")
        await self.tell("Input.insertText", text=text)


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """A fresh browser."""
    to_browser, ours_out = os.pipe()
    ours_in, from_browser = os.pipe()
    profile = tempfile.mkdtemp(prefix="fullcircle-browser-")
    # Chromium reads commands from descriptor 3 and writes to descriptor 4.
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", REDIRECT, str(to_browser), str(from_browser)),
        *(str(CHROMIUM), *ARGUMENTS, f"--user-data-dir={profile}", "about:blank"),
        pass_fds=(to_browser, from_browser),
        stderr=asyncio.subprocess.DEVNULL,
    )
    os.close(to_browser)
    os.close(from_browser)
    running = Browser(*await _streams(ours_in, ours_out))
    listening = asyncio.create_task(running.listen())
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        running.writer.close()
        shutil.rmtree(profile, ignore_errors=True)


async def _streams(reading: int, writing: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=64 * 1024 * 1024)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", 0))
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(loop=loop), os.fdopen(writing, "wb", 0)
    )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The session's browser."""
    async with browser() as running:
        yield running


@pytest_asyncio.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """The test's page."""
    async with chromium.page() as opened:
        yield opened
