"""The secrets of webhooks: derived from the pepper whenever one is needed.

No database, audit trail or log holds any: there is no column that they could be read from.
"""

import hashlib
import hmac
from uuid import UUID

_PURPOSE = b"fullcircle webhook secret\0"


def secret_key(pepper: bytes, webhook_id: UUID, number: int) -> bytes:
    """The key of a webhook's `number`-th secret: HMAC-SHA256 under the pepper, which RFC 5869 calls expanding."""
    return hmac.digest(pepper, _PURPOSE + webhook_id.bytes + number.to_bytes(4, "big"), hashlib.sha256)
