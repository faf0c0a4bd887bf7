"""A real SMTP server for tests, and what arrived there."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, cast

import pytest_asyncio
from aiosmtpd.smtp import SMTP


@dataclass
class Inbox:
    """What the server took over; an address in `refused` is answered with its reply instead."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        """How a service finds this server."""
        return {
            "smtp_host": "127.0.0.1",
            "smtp_port": self.port,
            "smtp_security": "none",
            "mail_from": "po@example.com",
        }

    def to(self, address: str) -> list[EmailMessage]:
        return [each for each in self.messages if each["To"] == address]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.messages.append(cast("EmailMessage", message))
        return "250 taken over"


@pytest_asyncio.fixture
async def inbox() -> AsyncIterator[Inbox]:
    """A server of the test's own, on the test's own loop."""
    box = Inbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="localhost", loop=loop), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()
    await server.wait_closed()
