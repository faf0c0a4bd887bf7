"""Opaque, signed tokens that a caller hands back: page cursors and sync tokens."""

import base64
import hashlib
import hmac
import json
from typing import Any

from services.chassis.errors import BadRequest

TAG_BYTES = 16


class CursorSigner:
    """Seals a small JSON value so that a caller can neither read meaning into it nor change it."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, purpose: str, value: Any) -> str:
        payload = json.dumps(value, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._tag(purpose, payload) + payload).decode().rstrip("=")

    def open(self, purpose: str, token: str) -> Any:
        """Raises BadRequest for a token that was not sealed here for this purpose."""
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            raw = b""
        tag, payload = raw[:TAG_BYTES], raw[TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(purpose, payload)):
            raise BadRequest(f"This {purpose} is not one that this list gave out.")
        return json.loads(payload)

    def open_bound(self, purpose: str, token: str, *, binding: str) -> Any:
        """The value of a token that was sealed as `[binding, value]`; raises BadRequest for another list's."""
        bound_to, value = self.open(purpose, token)
        if bound_to != binding:
            raise BadRequest(f"This {purpose} belongs to another list, filter or order.")
        return value

    def _tag(self, purpose: str, payload: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + payload, hashlib.sha256)[:TAG_BYTES]


def binding_of(*parts: Any) -> str:
    """What a list, its filters and its order come to: a token is good only where this is the same."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]
