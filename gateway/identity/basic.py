"""HTTP Basic for protocols that know nothing else (RFC 7617): the API key is the user name, the password is empty."""

import base64
import binascii


def bearer_of(authorization: bytes) -> bytes:
    """The same credential as a bearer token; what is not Basic stays as it is."""
    scheme, _, credential = authorization.partition(b" ")
    if scheme.lower() != b"basic":
        return authorization
    try:
        key, _, _ = base64.b64decode(credential.strip(), validate=True).partition(b":")
    except binascii.Error:
        return authorization
    return b"Bearer " + key
