"""The server's side of the edge: what uvicorn leaves open towards callers who are slow or speak no HTTP."""

import asyncio
import json
import secrets
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.chassis.errors import PROBLEM_JSON, BadRequest, Problem, RequestTimeout

HEAD_S = 10.0
# So long a caller may leave an answer unread before the connection is cut, and what waits behind it is let go.
UNREAD_S = 60.0
_REASONS = {400: b"Bad Request", 408: b"Request Timeout"}


class EdgeProtocol(HttpToolsProtocol):
    """uvicorn's own protocol, that also cuts heads which do not come and callers who do not read."""

    head_s = HEAD_S
    unread_s = UNREAD_S

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._is_head_awaited = True
        self._head_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_head_awaited = False
        self._watch_head()
        self._watch_reading(is_stuck=False)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_head_awaited or self._head_timer is not None:
            self._watch_head()

    def on_message_begin(self) -> None:
        self._is_head_awaited = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_head_awaited = False
        super().on_headers_complete()

    def pause_writing(self) -> None:
        self._watch_reading(is_stuck=True)
        super().pause_writing()

    def resume_writing(self) -> None:
        self._watch_reading(is_stuck=False)
        super().resume_writing()

    def _watch_reading(self, *, is_stuck: bool) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
        self._unread_timer = self.loop.call_later(self.unread_s, self.transport.abort) if is_stuck else None

    def _watch_head(self) -> None:
        """Only a head that did not come in one piece gets a timer of its own."""
        if self._is_head_awaited and self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_s, self._give_up)
        elif not self._is_head_awaited and self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self._refuse(RequestTimeout(f"The head of the request did not come within {self.head_s:.0f} seconds."))

    def send_400_response(self, msg: str) -> None:
        self._refuse(BadRequest(msg))

    def _refuse(self, problem: Problem) -> None:
        body = json.dumps(problem.document(instance="", trace_id=secrets.token_hex(16))).encode()
        self.transport.write(
            b"HTTP/1.1 %d %s\r\ncontent-type: %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"
            % (problem.status, _REASONS[problem.status], PROBLEM_JSON.encode(), len(body), body)
        )
        self.transport.close()
