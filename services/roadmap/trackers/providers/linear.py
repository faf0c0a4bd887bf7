"""Linear: "Webhooks" of its API documentation."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from services.roadmap.domain.tracking import IssueReport, Phase
from services.roadmap.trackers.providers.tracker import Headers, is_signed, moment

ADDRESS = re.compile(r"^https?://([^/?#]+)/([\w-]+)/issue/([A-Za-z][A-Za-z0-9]*-\d{1,18})(?:/[^?#]*)?(?:[?#].*)?$")
# Linear's advice against replays: refuse what is older than a minute.
FRESH = timedelta(minutes=1)
TYPES: Final[Mapping[str, Phase]] = {
    "triage": "open",
    "backlog": "open",
    "unstarted": "open",
    "started": "started",
    "completed": "done",
    "canceled": "cancelled",
    "duplicate": "cancelled",
}


class Linear:
    """`Linear-Signature` over the body, which tells when it was sent; a state has a name and a type."""

    def identify(self, url: str) -> str | None:
        found = ADDRESS.match(url)
        return f"{found[1]}/{found[2]}/issue/{found[3]}".lower() if found else None

    def is_genuine(self, secret: str, *, headers: Headers, body: bytes, now: datetime) -> bool:
        return is_signed(secret, headers.get("linear-signature", ""), body) and _is_fresh(body, now)

    def read(self, headers: Headers, event: Mapping[str, Any]) -> IssueReport | None:
        del headers
        if event.get("type") != "Issue" or event.get("action") == "remove":
            return None
        told, issue = event["data"], self.identify(event["url"])
        at = moment(told.get("updatedAt")) or moment(event["createdAt"])
        if issue is None or at is None:
            return None
        return IssueReport(
            issue=issue,
            state=told["state"]["name"],
            phase=TYPES.get(told["state"]["type"], "open"),
            at=at,
            started_at=moment(told.get("startedAt")),
            done_at=moment(told.get("completedAt")),
        )


def _is_fresh(body: bytes, now: datetime) -> bool:
    try:
        sent = moment(json.loads(body)["webhookTimestamp"])
    except (ValueError, KeyError, TypeError, OverflowError):
        return False
    return sent is not None and abs(now - sent) <= FRESH
