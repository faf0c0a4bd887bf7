"""GitHub: "Validating webhook deliveries" and the event `issues` of its webhook reference."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.roadmap.domain.tracking import IssueReport, Phase
from services.roadmap.trackers.providers.tracker import Headers, is_signed, moment

ADDRESS = re.compile(r"^https?://([^/?#]+)/([\w.-]+/[\w.-]+)/issues/(\d{1,18})/?(?:[?#].*)?$")


class GitHub:
    """`X-Hub-Signature-256: sha256=...` over the body; issues are open or closed, and closed for a reason."""

    def identify(self, url: str) -> str | None:
        found = ADDRESS.match(url)
        return f"{found[1]}/{found[2]}/issues/{found[3]}".lower() if found else None

    def is_genuine(self, secret: str, *, headers: Headers, body: bytes, now: datetime) -> bool:
        del now
        scheme, _, signature = headers.get("x-hub-signature-256", "").partition("=")
        return scheme == "sha256" and is_signed(secret, signature, body)

    def read(self, headers: Headers, event: Mapping[str, Any]) -> IssueReport | None:
        if headers.get("x-github-event") != "issues" or event["action"] in {"deleted", "transferred"}:
            return None
        told = event["issue"]
        issue, at = self.identify(told["html_url"]), moment(told["updated_at"])
        if issue is None or at is None:
            return None
        state, phase = _state(told)
        return IssueReport(issue, state, phase, at, done_at=moment(told.get("closed_at")) if phase == "done" else None)


def _state(told: Mapping[str, Any]) -> tuple[str, Phase]:
    """`closed` alone, as GitHub wrote before it had reasons, means completed."""
    if told["state"] == "open":
        return "open", "open"
    reason = told.get("state_reason") or "completed"
    return reason, "done" if reason == "completed" else "cancelled"
