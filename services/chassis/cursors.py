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

    def _tag(self, purpose: str, payload: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + payload, hashlib.sha256)[:TAG_BYTES]
