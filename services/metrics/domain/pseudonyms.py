"""Numbers in place of names: enough to count people once each, and not to know who they are."""

import hashlib


def pseudonym(name: str, *, workspace: bytes, secret: bytes) -> int:
    """A signed 64-bit number that stands for `name` in this workspace only; without the secret nobody can guess it.

    BLAKE2b with a key (RFC 7693). Two of ten million names share a number with a probability of three in a million.
    """
    digest = hashlib.blake2b(name.encode(), digest_size=8, key=secret[:64], person=workspace).digest()
    return int.from_bytes(digest, "big", signed=True)
