"""What can become of a call to the outside, when it does not become an answer.

OutboundError
├── AddressRefused   it may not be called at all; nothing was sent
├── Unreachable      no name, no connection, no trusted certificate
├── TooSlow          not done within the time given
└── BrokenAnswer     what came back is not HTTP, or is cut off

The messages are shown to whoever gave the address: they never say what a name resolved to.
"""


class OutboundError(Exception):
    """A call that brought no answer."""

    code = "outbound_error"


class AddressRefused(OutboundError):
    """The address is not one that may be called."""

    code = "address_refused"


class Unreachable(OutboundError):
    """Nobody answers there, or not with a certificate that can be trusted."""

    code = "unreachable"


class TooSlow(OutboundError):
    """The time was over before the answer was whole."""

    code = "too_slow"


class BrokenAnswer(OutboundError):
    """What answered does not speak HTTP properly."""

    code = "broken_answer"
