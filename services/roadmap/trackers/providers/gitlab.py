"""GitLab: "Webhooks", the secret token, the signing token, and the issue events of "Webhook events"."""

import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.chassis import standard_webhooks
from services.roadmap.domain.tracking import IssueReport
from services.roadmap.trackers.providers.tracker import Headers, moment

ADDRESS = re.compile(r"^https?://([^/?#]+)/([^?#]+?)/(?:-/)?(?:issues|work_items)/(\d{1,18})/?(?:[?#].*)?$")
KINDS = frozenset({"issue", "work_item"})


class GitLab:
    """Signed as Standard Webhooks has it, or `X-Gitlab-Token` is the secret itself; issues are opened or closed."""

    def identify(self, url: str) -> str | None:
        found = ADDRESS.match(url)
        return f"{found[1]}/{found[2]}/-/issues/{found[3]}".lower() if found else None

    def is_genuine(self, secret: str, *, headers: Headers, body: bytes, now: datetime) -> bool:
        if "webhook-signature" in headers:
            return standard_webhooks.is_genuine(secret, headers=headers, body=body, now=now)
        shown = headers.get("x-gitlab-token", "")
        return hmac.compare_digest(shown.encode("utf-8", "replace"), secret.encode())

    def read(self, headers: Headers, event: Mapping[str, Any]) -> IssueReport | None:
        del headers
        if event.get("object_kind") not in KINDS:
            return None
        told = event["object_attributes"]
        issue, at = self.identify(told["url"]), moment(told["updated_at"])
        if issue is None or at is None:
            return None
        if told["state"] != "closed":
            return IssueReport(issue, "opened", "open", at)
        # Not every version tells when it was closed; the event of the closing is of that moment.
        return IssueReport(issue, "closed", "done", at, done_at=moment(told.get("closed_at")) or at)
