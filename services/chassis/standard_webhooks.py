"""Standard Webhooks 1.0: secrets as `whsec_` and base64; HMAC-SHA256 over id, timestamp and body, made and checked.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

PREFIX = "whsec_"
TOLERANCE = timedelta(minutes=5)


def shown(key: bytes) -> str:
    """The secret as it is given to people: `whsec_` and base64."""
    return PREFIX + base64.b64encode(key).decode("ascii")


def signed_headers(message_id: UUID, at: datetime, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """`webhook-id`, `webhook-timestamp` and `webhook-signature`; one signature per key while a secret is rotated."""
    timestamp = str(int(at.timestamp()))
    content = _content(str(message_id), timestamp, body)
    return {
        "webhook-id": str(message_id),
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(key, content) for key in keys),
    }


def is_genuine(secret: str, *, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether one of the signatures was made with this secret, at most five minutes from now; names in lower case."""
    key, timestamp = _key_of(secret), headers.get("webhook-timestamp", "")
    if key is None or not _is_fresh(timestamp, now):
        return False
    made = _signature(key, _content(headers.get("webhook-id", ""), timestamp, body)).encode()
    given = headers.get("webhook-signature", "").encode("utf-8", "replace").split()
    return any(hmac.compare_digest(made, each) for each in given)


def _key_of(secret: str) -> bytes | None:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None


def _is_fresh(timestamp: str, now: datetime) -> bool:
    try:
        sent = datetime.fromtimestamp(int(timestamp), UTC)
    except (ValueError, OverflowError, OSError):
        return False
    return abs(now - sent) <= TOLERANCE


def _content(message_id: str, timestamp: str, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode("utf-8", "replace") + body


def _signature(key: bytes, content: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode("ascii")
