"""Secrets that must be read again, such as those that others sign with: sealed before they reach a database.

AES-256-GCM under a key of the installation; what a secret belongs to is authenticated with it, so that a sealed secret
cannot be moved to another row.
"""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
_PURPOSE = b"fullcircle sealed secret"


class Unsealable(Exception):
    """Sealed under another key, for another owner, or altered."""


class Sealer:
    """Seals and opens; `key` is a secret of the installation."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(hmac.digest(key, _PURPOSE, hashlib.sha256))

    def seal(self, secret: str, *, owner: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), owner)

    def open(self, sealed: bytes, *, owner: bytes) -> str:
        """Raises Unsealable."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner).decode()
        except InvalidTag as fault:
            raise Unsealable from fault
