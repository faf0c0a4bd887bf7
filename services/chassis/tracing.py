"""One trace through every process: W3C Trace Context, exported as OpenTelemetry spans where a collector is named."""

import os
import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

TRACEPARENT = re.compile(rb"^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")


@dataclass(frozen=True)
class Trace:
    """The position of this process in a trace."""

    trace_id: str
    span_id: str
    flags: str = "01"
    span: Any = field(default=None, compare=False, repr=False)

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"

    def finish(self, *, name: str, status: int) -> None:
        """Ends the exported span, if there is one."""
        if self.span is not None:
            self.span.update_name(name)
            self.span.set_attribute("http.response.status_code", status)
            self.span.end()


_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current_trace_or_none() -> Trace | None:
    return _trace.get()


def current_trace() -> Trace:
    """The trace of the current request or job; a new one outside of both."""
    return _trace.get() or Trace(secrets.token_hex(16), secrets.token_hex(8))


def current_trace_id() -> str:
    return current_trace().trace_id


class SpanSource:
    """Starts OpenTelemetry spans below a remote parent."""

    def __init__(self, tracer: Any) -> None:
        self._tracer = tracer

    def start(self, name: str, *, traceparent: str) -> Trace:
        from opentelemetry.trace import SpanKind  # noqa: PLC0415 -- only a traced process pays the import
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        parent = TraceContextTextMapPropagator().extract({"traceparent": traceparent})
        span = self._tracer.start_span(name, context=parent, kind=SpanKind.SERVER)
        position = span.get_span_context()
        return Trace(f"{position.trace_id:032x}", f"{position.span_id:016x}", f"{position.trace_flags:02x}", span)


def continue_trace(traceparent: bytes | str | None, *, spans: SpanSource | None = None, name: str = "") -> Trace:
    """A span below the caller's, or a new trace when the header is absent or malformed; it becomes the current one."""
    raw = traceparent.encode("latin-1", "replace") if isinstance(traceparent, str) else traceparent
    match = TRACEPARENT.match(raw) if raw else None
    if spans is not None:
        trace = spans.start(name, traceparent=match[0].decode() if match else "")
    elif match:
        trace = Trace(match[1].decode(), secrets.token_hex(8), match[3].decode())
    else:
        trace = Trace(secrets.token_hex(16), secrets.token_hex(8))
    _trace.set(trace)
    return trace


def configure_tracing(*, service: str, version: str) -> SpanSource | None:
    """Exports spans by OTLP over HTTP when `OTEL_EXPORTER_OTLP_ENDPOINT` is set; costs nothing otherwise."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 -- as above
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    resource = Resource.create({"service.name": f"fullcircle-{service}", "service.version": version})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return SpanSource(provider.get_tracer("fullcircle"))
