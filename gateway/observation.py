"""What an operator sees of requests at the edge: figures by route, a span, and a line in the log for failures."""

import structlog
from prometheus_client import Counter, Histogram

from gateway.proxy.headers import RequestHead
from services.chassis.telemetry import DURATION, REQUESTS
from services.chassis.tracing import SpanSource, Trace, continue_trace

SERVICE = "gateway"

log = structlog.get_logger("fullcircle.gateway")


class Observer:
    """Counts every request once; the children of the metrics are looked up once per route and status."""

    def __init__(self, *, spans: SpanSource | None, access_log: bool) -> None:
        self._spans = spans
        self._access_log = access_log
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._timers: dict[tuple[str, str], Histogram] = {}

    def begin(self, head: RequestHead, method: str) -> Trace | None:
        """Start a span below the caller's, if spans are exported; the services see it as theirs' parent."""
        if self._spans is None:
            return None
        trace = continue_trace(head.traceparent, spans=self._spans, name=method)
        head.traceparent = trace.traceparent.encode("ascii")
        return trace

    def end(
        self, trace: Trace | None, head: RequestHead, *, method: str, route: str, status: int, seconds: float
    ) -> None:
        """The answer has gone out; a status of 0 means that the caller left before there was one."""
        key = (method, route, status)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = REQUESTS.labels(SERVICE, method, route, str(status or 499))
        counter.inc()
        timer = self._timers.get(key[:2])
        if timer is None:
            timer = self._timers[key[:2]] = DURATION.labels(SERVICE, method, route)
        timer.observe(seconds)
        if trace is not None:
            trace.finish(name=f"{method} {route}", status=status)
        if status >= 500 or self._access_log:
            log.log(
                30 if status >= 500 else 20,
                "request",
                method=method,
                route=route,
                status=status,
                duration_ms=round(seconds * 1000, 1),
                request_id=head.request_id.decode("latin-1"),
                trace_id=head.trace_id,
            )
