"""Keeps what sources are asked with from whoever only sees the database (AES-256-GCM, RFC 5116)."""

import hashlib
import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
PURPOSE = b"fullcircle measurement source"


def seal(credential: str, *, secret: bytes, source_id: UUID) -> bytes:
    """The credential as a row keeps it: for this source only."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher(secret).encrypt(nonce, credential.encode(), source_id.bytes)


def unseal(sealed: bytes, *, secret: bytes, source_id: UUID) -> str | None:
    """The credential; None when it was sealed with another secret, or for another source."""
    try:
        return _cipher(secret).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], source_id.bytes).decode()
    except InvalidTag:
        return None


def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(hashlib.blake2b(PURPOSE, key=secret[:64], digest_size=32).digest())
