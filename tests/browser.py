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
class Page:
    """One tab: `run` evaluates JavaScript, `until` waits for it to become true."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    session: str = ""
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
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
            elif said.get("method") == "Log.entryAdded":
                self.complaints.append(said["params"]["entry"]["text"])
            elif said.get("method") == "Network.requestWillBeSent":
                self.requests.append(said["params"]["request"]["url"])

    async def tell(self, method: str, **parameters: Any) -> Any:
        """One command of the protocol; raises RuntimeError when the browser refuses it."""
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.writer.write(json.dumps(message).encode() + b"\0")
        async with asyncio.timeout(120):
            said = await self._waiting[number]
        if "error" in said:
            raise RuntimeError(said["error"]["message"])
        return said["result"]

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
async def browser() -> AsyncIterator[Page]:
    """A fresh browser with one empty page."""
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
    page = Page(*await _streams(ours_in, ours_out))
    listening = asyncio.create_task(page.listen())
    try:
        target = await page.tell("Target.createTarget", url="about:blank")
        attached = await page.tell("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        page.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            await page.tell(f"{domain}.enable")
        yield page
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        page.writer.close()
        shutil.rmtree(profile, ignore_errors=True)


async def _streams(reading: int, writing: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=64 * 1024 * 1024)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", 0))
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(loop=loop), os.fdopen(writing, "wb", 0)
    )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)
