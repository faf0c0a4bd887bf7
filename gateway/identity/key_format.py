"""What an API key looks like: `fc_live_`, `fc_test_` or `fc_pub_`, 30 random characters, 6 of CRC-32, all base62.

The prefix lets scanners find a leaked key, the checksum lets anyone tell a key from a typing error without asking the
database (the form that GitHub described in 2021, "Behind GitHub's new authentication token formats").
"""

import hmac
import re
import secrets
import string
import zlib
from typing import Literal

KeyPrefix = Literal["live", "test", "pub"]

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_LENGTH = 30
CHECKSUM_LENGTH = 6
HINT_LENGTH = 4
# Published for secret scanners; see docs/guides.
KEY_PATTERN = r"fc_(?:live|test|pub)_[0-9A-Za-z]{36}"
_KEY = re.compile(KEY_PATTERN.encode())


def make_key(kind: KeyPrefix) -> str:
    """A new key with 178 bits of randomness (30 characters of 62)."""
    body = f"fc_{kind}_" + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return body + checksum(body.encode("ascii"))


def checksum(body: bytes) -> str:
    """CRC-32 (ISO-HDLC, as in zlib) in base62, six characters, most significant first."""
    number = zlib.crc32(body)
    digits = []
    for _ in range(CHECKSUM_LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[rest])
    return "".join(reversed(digits))


def is_well_formed(key: bytes) -> bool:
    """Whether this can be a key at all."""
    return _KEY.fullmatch(key) is not None and checksum(key[:-CHECKSUM_LENGTH]).encode() == key[-CHECKSUM_LENGTH:]


def digest_of(key: bytes, *, pepper: bytes) -> bytes:
    """HMAC-SHA-256: what is stored. The key is random, so a slow hash would add nothing but time."""
    return hmac.digest(pepper, key, "sha256")
