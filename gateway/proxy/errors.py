"""What can go wrong between the gateway and a service, and how the caller is told.

UpstreamError
├── Unreachable 503        no connection could be made: nothing was sent
├── Saturated 503          every connection is busy and the queue is full
├── Broken 502             the connection broke, or the answer was no HTTP
│   └── Stale              a kept connection was closed before a byte of the answer came
└── TooSlow 504            the request's deadline passed
"""

from typing import ClassVar

from services.chassis.errors import BadGateway, GatewayTimeout, Problem, Unavailable


class UpstreamError(Exception):
    """The service gave no whole answer; `problem` is what the caller is told, without a hostname."""

    problem: ClassVar[type[Problem]] = BadGateway

    def __init__(self, service: str, reason: str) -> None:
        super().__init__(f"{service}: {reason}")
        self.service = service
        self.reason = reason

    def as_problem(self) -> Problem:
        return self.problem(f"The {self.service} service {self.reason}.")


class Unreachable(UpstreamError):
    problem = Unavailable


class Saturated(UpstreamError):
    problem = Unavailable


class Broken(UpstreamError):
    pass


class Stale(Broken):
    pass


class TooSlow(UpstreamError):
    problem = GatewayTimeout
