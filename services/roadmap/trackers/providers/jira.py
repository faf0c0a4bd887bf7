"""Jira Cloud: "Webhooks" of its platform, signed as WebSub has it when the webhook was given a secret."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from services.roadmap.domain.tracking import IssueReport, Phase
from services.roadmap.trackers.providers.tracker import Headers, is_signed, moment

ADDRESS = re.compile(r"^https?://([^/?#]+)(?:/[^?#]*)?/browse/([A-Za-z][A-Za-z0-9_]*-\d{1,18})/?(?:[?#].*)?$")
EVENTS = frozenset({"jira:issue_created", "jira:issue_updated"})
# The categories that Jira puts every status of every workflow into.
CATEGORIES: Final[Mapping[str, Phase]] = {"new": "open", "indeterminate": "started", "done": "done"}


class Jira:
    """`X-Hub-Signature: sha256=...` over the body; a status has the team's own name, and one of three categories."""

    def identify(self, url: str) -> str | None:
        found = ADDRESS.match(url)
        return f"{found[1]}/browse/{found[2]}".lower() if found else None

    def is_genuine(self, secret: str, *, headers: Headers, body: bytes, now: datetime) -> bool:
        del now
        scheme, _, signature = headers.get("x-hub-signature", "").partition("=")
        return scheme == "sha256" and is_signed(secret, signature, body)

    def read(self, headers: Headers, event: Mapping[str, Any]) -> IssueReport | None:
        del headers
        if event.get("webhookEvent") not in EVENTS:
            return None
        told = event["issue"]
        fields = told["fields"]
        at = moment(event.get("timestamp")) or moment(fields.get("updated"))
        if at is None:
            return None
        status = fields["status"]
        phase = CATEGORIES.get(status["statusCategory"]["key"], "open")
        return IssueReport(
            issue=f"{urlsplit(told['self']).netloc}/browse/{told['key']}".lower(),
            state=status["name"],
            phase=phase,
            at=at,
            started_at=at if phase == "started" and _has_moved(event) else None,
            done_at=(moment(fields.get("resolutiondate")) or at) if phase == "done" else None,
        )


def _has_moved(event: Mapping[str, Any]) -> bool:
    """Whether this event is the change of the status, and not of something else while it stands there."""
    return any(item.get("field") == "status" for item in event.get("changelog", {}).get("items", ()))
