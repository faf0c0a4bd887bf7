"""What an operator sees: one trace id through every process, structured logs, Prometheus figures."""

import logging
import re
import time
from collections.abc import Callable
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.tracing import SpanSource, Trace, continue_trace, current_trace_or_none

REQUEST_ID = re.compile(rb"^[\x21-\x7e]{1,128}$")

REQUESTS = Counter("fullcircle_http_requests_total", "Requests answered.", ["service", "method", "route", "status"])
DURATION = Histogram(
    "fullcircle_http_request_duration_seconds",
    "Time to the end of the answer.",
    ["service", "method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


class TelemetryMiddleware:
    """Gives every request its trace and request id, counts it, and logs what failed."""

    def __init__(
        self, app: ASGIApp, *, service: str, spans: SpanSource | None = None, access_log: bool = False
    ) -> None:
        self.app = app
        self.spans = spans
        self.service = service
        self.access_log = access_log
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.log = structlog.get_logger(f"fullcircle.{service}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        headers: dict[bytes, bytes] = dict(scope["headers"])
        trace = continue_trace(headers.get(b"traceparent"), spans=self.spans, name=scope["method"])
        sent_id = headers.get(b"x-request-id", b"")
        request_id = sent_id if REQUEST_ID.match(sent_id) else trace.trace_id.encode()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id)]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            self._observe(scope, status, time.perf_counter() - started, request_id, trace)

    def _observe(self, scope: Scope, status: int, seconds: float, request_id: bytes, trace: Trace) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        trace.finish(name=f"{scope['method']} {route}", status=status)
        method = scope["method"]
        requests, duration = self._series_of(method, route, status)
        requests.inc()
        duration.observe(seconds)
        if status >= 500 or self.access_log:
            self.log.log(
                logging.WARNING if status >= 500 else logging.INFO,
                "request",
                method=method,
                route=route,
                status=status,
                duration_ms=round(seconds * 1000, 1),
                request_id=request_id.decode("latin-1"),
                trace_id=trace.trace_id,
            )

    def _series_of(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        """Looked up once: there are as many as routes and the statuses that they answer."""
        key = (method, route, status)
        if key not in self._series:
            self._series[key] = (
                REQUESTS.labels(self.service, method, route, str(status)),
                DURATION.labels(self.service, method, route),
            )
        return self._series[key]


def _add_trace(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    trace = current_trace_or_none()
    if trace is not None:
        event.setdefault("trace_id", trace.trace_id)
    return event


def configure_logging(*, service: str, level: str, log_format: str) -> None:
    """One line per record on standard error, JSON unless a person reads along; the standard library's logs join in."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
        _add_service(service),
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if log_format == "console" else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)


def _add_service(service: str) -> Callable[..., structlog.typing.EventDict]:
    def add(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event["service"] = service
        return event

    return add
