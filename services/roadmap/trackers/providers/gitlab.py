"""GitLab: "Webhooks", the secret token, the signing token, and the issue events of "Webhook events"."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from services.roadmap.domain.tracking import IssueReport
from services.roadmap.trackers.providers.tracker import Headers, moment

ADDRESS = re.compile(r"^https?://([^/?#]+)/([^?#]+?)/(?:-/)?(?:issues|work_items)/(\d{1,18})/?(?:[?#].*)?$")
KINDS = frozenset({"issue", "work_item"})
# The signing token is a key of Standard Webhooks (https://www.standardwebhooks.com), which also gives the tolerance.
KEY_PREFIX = "whsec_"
FRESH = timedelta(minutes=5)


class GitLab:
    """Signed with the signing token, or `X-Gitlab-Token` is the secret itself; issues are opened or closed."""

    def identify(self, url: str) -> str | None:
        found = ADDRESS.match(url)
        return f"{found[1]}/{found[2]}/-/issues/{found[3]}".lower() if found else None

    def is_genuine(self, secret: str, *, headers: Headers, body: bytes, now: datetime) -> bool:
        if "webhook-signature" in headers:
            return _is_fresh(headers, now) and _is_signed(secret, headers, body)
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


def _is_fresh(headers: Headers, now: datetime) -> bool:
    try:
        sent = datetime.fromtimestamp(int(headers.get("webhook-timestamp", "")), UTC)
    except (ValueError, OverflowError, OSError):
        return False
    return abs(now - sent) <= FRESH


def _is_signed(secret: str, headers: Headers, body: bytes) -> bool:
    """Whether one of the signatures is `v1` of id, timestamp and body."""
    try:
        key = base64.b64decode(secret.removeprefix(KEY_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return False
    signed = f"{headers.get('webhook-id', '')}.{headers['webhook-timestamp']}.".encode("utf-8", "replace") + body
    made = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    shown = headers["webhook-signature"].encode("utf-8", "replace").split()
    return any(hmac.compare_digest(made, each) for each in shown)
