"""One attempt: sign, send, and say what came of it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from services.chassis.health import product_version
from services.chassis.outbound.client import OutboundAnswer, OutboundClient
from services.chassis.outbound.errors import OutboundError

TIMEOUT_S = 15.0
MAX_ANSWER_BYTES = 4_096
EXCERPT_LENGTH = 500
GONE = 410
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
NOT_FOLLOWED = "Redirects are not followed: change the webhook's address."


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the receiver said, or why it said nothing."""

    duration_ms: int
    status: int | None = None
    error: str | None = None
    answer: str | None = None
    retry_after_s: float = 0.0

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == GONE


async def send(
    client: OutboundClient, url: str, *, body: bytes, signed: Mapping[str, str], traceparent: str, now: datetime
) -> Outcome:
    """Post the message; never raises for what the receiver does."""
    headers = {
        "Content-Type": CONTENT_TYPE,
        "User-Agent": f"Fullcircle-Webhooks/{product_version()}",
        "traceparent": traceparent,
        **signed,
    }
    started = time.perf_counter()
    try:
        answer = await client.post(url, content=body, headers=headers, timeout_s=TIMEOUT_S, max_bytes=MAX_ANSWER_BYTES)
    except OutboundError as fault:
        return Outcome(duration_ms=_since(started), error=f"{fault.code}: {fault}")
    return Outcome(
        duration_ms=_since(started),
        status=answer.status,
        error=NOT_FOLLOWED if 300 <= answer.status < 400 else None,
        answer=_excerpt(answer),
        retry_after_s=_retry_after_s(answer, now),
    )


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)


def _excerpt(answer: OutboundAnswer) -> str:
    return answer.body.decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")[:EXCERPT_LENGTH]


def _retry_after_s(answer: OutboundAnswer, now: datetime) -> float:
    """Seconds, or a date (RFC 9110, section 10.2.3); what cannot be read asks for nothing."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds()) if text else 0.0
    except (ValueError, TypeError):
        return 0.0
