"""What of a message's head travels on, and what ends here (RFC 9110 section 7.6.1, RFC 9112 section 6)."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.errors import NotImplementedHere
from gateway.proxy.exchange import Headers
from services.chassis.errors import BadRequest
from services.chassis.tracing import TRACEPARENT

# Meant for this connection only.
HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_REBUILT_PREFIXES = (b"x-forwarded-", b"x-fullcircle-")
_DROPPED_FROM_ANSWERS = HOP_BY_HOP | {b"server", b"date", b"x-request-id", b"alt-svc"}

_REQUEST_ID = re.compile(rb"[\x21-\x7e]{1,128}")
_BAD_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_DOT_SEGMENT = re.compile(r"(?:^|/)\.\.?(?:/|;|$)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")


@dataclass(slots=True)
class RequestHead:
    """The caller's head after inspection: `lines` go on as they are, the rest is for the gateway to decide on."""

    lines: list[bytes] = field(default_factory=list)
    host: bytes = b""
    authorization: bytes = b""
    workspace: bytes = b""
    content_type: bytes = b""
    origin: bytes = b""
    content_length: int | None = None
    is_chunked: bool = False
    idempotency_key: bytes = b""
    expects_continue: bool = False
    request_id: bytes = b""
    traceparent: bytes = b""
    named_by_connection: set[bytes] = field(default_factory=set)

    @property
    def has_body(self) -> bool:
        return self.is_chunked or bool(self.content_length)

    @property
    def trace_id(self) -> str:
        return self.traceparent[3:35].decode("ascii")


def inspect_head(headers: Headers, *, http_version: str = "1.1") -> RequestHead:
    """Take a request's head apart; raises BadRequest for what two parties could read in two ways."""
    head = RequestHead()
    for name, value in headers:
        reader = _READERS.get(name)
        goes_on = reader(head, name, value) if reader is not None else not name.startswith(_REBUILT_PREFIXES)
        if _BAD_VALUE.search(value):
            raise BadRequest(f"The header {name.decode('latin-1')} carries a control character.")
        if goes_on:
            head.lines.append(b"%s: %s\r\n" % (name, value))
    if head.is_chunked and head.content_length is not None:
        raise BadRequest("Content-Length and Transfer-Encoding exclude each other.")
    if not head.host and http_version == "1.1":
        raise BadRequest("The header Host is missing.")
    if head.named_by_connection:
        head.lines = [line for line in head.lines if line.partition(b":")[0] not in head.named_by_connection]
    identify(head)
    return head


def _read_single(head: RequestHead, name: bytes, value: bytes) -> bool:
    attribute = _SINGLE[name]
    if getattr(head, attribute):
        raise BadRequest(f"The header {name.decode('latin-1')} may be sent only once.")
    setattr(head, attribute, value)
    return name in {b"content-type", b"origin", b"idempotency-key"}


def _read_connection(head: RequestHead, _name: bytes, value: bytes) -> bool:
    head.named_by_connection.update(token.strip().lower() for token in value.split(b","))
    return False


def _read_coding(head: RequestHead, _name: bytes, value: bytes) -> bool:
    if head.is_chunked or value.strip().lower() != b"chunked":
        raise NotImplementedHere("The only transfer coding understood here is chunked.")
    head.is_chunked = True
    return False


def _read_length(head: RequestHead, _name: bytes, value: bytes) -> bool:
    if head.content_length is not None or not value.isdigit() or len(value) > 15:
        raise BadRequest("Content-Length is not one whole number.")
    head.content_length = int(value)
    return False


def _read_expectation(head: RequestHead, _name: bytes, value: bytes) -> bool:
    head.expects_continue = value.lower() == b"100-continue"
    return False


def _drop(_head: RequestHead, _name: bytes, _value: bytes) -> bool:
    return False


_SINGLE = {
    b"host": "host",
    b"authorization": "authorization",
    b"fullcircle-workspace": "workspace",
    b"content-type": "content_type",
    b"origin": "origin",
    b"idempotency-key": "idempotency_key",
    b"x-request-id": "request_id",
    b"traceparent": "traceparent",
}
_SAID_BY_EDGE = frozenset({b"authorization", b"x-request-id", b"traceparent"})
# The gateway says these itself; from outside they would be lies, or are nobody's business behind it.
_UNTRUSTED = frozenset({b"cookie", b"forwarded", b"http2-settings", b"x-real-ip"})
_READERS: dict[bytes, Callable[[RequestHead, bytes, bytes], bool]] = {
    **dict.fromkeys(HOP_BY_HOP | _UNTRUSTED, _drop),
    **dict.fromkeys(_SINGLE, _read_single),
    b"connection": _read_connection,
    b"transfer-encoding": _read_coding,
    b"content-length": _read_length,
    b"expect": _read_expectation,
}


def identify(head: RequestHead) -> None:
    """Every request has an id and a trace from here on, its own where the caller sent usable ones."""
    if not TRACEPARENT.match(head.traceparent):
        fresh = secrets.token_hex(24).encode("ascii")
        head.traceparent = b"00-%s-%s-01" % (fresh[:32], fresh[32:])
        head.lines = [line for line in head.lines if not line.startswith(b"tracestate:")]
    if not _REQUEST_ID.fullmatch(head.request_id):
        head.request_id = head.traceparent[3:35]


def refuse_ambiguous_path(path: str) -> None:
    """Raises BadRequest for dot segments, backslashes and control characters, also when they came percent-encoded.

    The gateway decides by the path where a request goes; no service may see another path in the same bytes.
    """
    if _DOT_SEGMENT.search(path) or _CONTROL.search(path):
        raise BadRequest("The path may not hold dot segments, backslashes or control characters.")


def headers_within(headers: Headers, head: RequestHead, *, client: str) -> Headers:
    """The caller's headers as the gateway's own application may see them; who asks is for the edge to say."""
    kept = [(name, value) for name, value in headers if name not in _SAID_BY_EDGE and _is_believed(name)]
    kept += [(b"x-request-id", head.request_id), (b"traceparent", head.traceparent)]
    return [*kept, (b"x-forwarded-for", client.encode("ascii", "replace"))]


def _is_believed(name: bytes) -> bool:
    return name not in _UNTRUSTED and not name.startswith(_REBUILT_PREFIXES)


def onward_headers(headers: Headers, *, status: int) -> Headers:
    """What of a service's answer goes to the caller."""
    onward: Headers = []
    named_by_connection: set[bytes] = set()
    for pair in headers:
        name = pair[0]
        if name in _DROPPED_FROM_ANSWERS:
            if name == b"connection":
                named_by_connection.update(token.strip().lower() for token in pair[1].split(b","))
        elif name == b"content-length" and status in {204, 304}:
            # RFC 9110 lets a 304 carry the length of the representation; a server that counts would miss those bytes.
            continue
        elif not name.startswith(b"x-fullcircle-"):
            onward.append(pair)
    if len(named_by_connection - {b"close", b"keep-alive"}):
        return [pair for pair in onward if pair[0] not in named_by_connection]
    return onward
