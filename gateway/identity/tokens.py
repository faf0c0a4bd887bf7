"""The internal token that a service is shown, ready as a header line."""

import time
from collections.abc import Callable

from gateway.identity.caller import Caller
from services.chassis.identity import TOKEN_LIFETIME_S, TokenSigner

# A token goes out with at least this much of its minute left.
LEAST_REMAINING_S = 20


class TokenDesk:
    """Signs one token per caller and audience and hands it out until it is about to expire."""

    def __init__(self, signer: TokenSigner, *, now: Callable[[], float] = time.monotonic) -> None:
        self._signer = signer
        self._now = now

    def header_value(self, caller: Caller, audience: str) -> bytes:
        """`Bearer ...`, for this one service."""
        known = caller.tokens.get(audience)
        if known is not None and known[1] > self._now():
            return known[0]
        value = b"Bearer " + self._signer.sign(caller.principal, audience=audience).encode("ascii")
        caller.tokens[audience] = (value, self._now() + TOKEN_LIFETIME_S - LEAST_REMAINING_S)
        return value
