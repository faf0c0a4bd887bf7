"""Events as the four trackers publish them, with the members that their documentation shows, and their signatures.

GitHub: "Webhook events and payloads", `issues`. GitLab: "Webhook events", issue events. Jira Cloud: "Webhooks",
`jira:issue_updated`. Linear: "Webhooks", data change events.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

KEY = "It_is-a-Secret-to_Everybody"


@dataclass(frozen=True)
class Sent:
    """What arrives: headers and the very bytes that were signed."""

    headers: dict[str, str]
    body: bytes


def _signature(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def github(url: str, *, state: str, at: datetime, secret: str = KEY, reason: str | None = None) -> Sent:
    told = {
        "url": url.replace("https://github.com/", "https://api.github.com/repos/"),
        "html_url": url,
        "id": 444500041,
        "number": int(url.rpartition("/")[2]),
        "title": "Spelling error in the README file",
        "user": {"login": "Codertocat", "id": 21031067, "type": "User", "site_admin": False},
        "labels": [{"id": 1362934389, "name": "bug", "color": "d73a4a", "default": True}],
        "state": state,
        "state_reason": reason,
        "locked": False,
        "assignees": [],
        "comments": 0,
        "created_at": "2026-05-15T15:20:18Z",
        "updated_at": at.isoformat().replace("+00:00", "Z"),
        "closed_at": at.isoformat().replace("+00:00", "Z") if state == "closed" else None,
        "author_association": "OWNER",
        "body": "It looks like you accidently spelled 'commit' with two 't's.",
    }
    event = {
        "action": "closed" if state == "closed" else "opened",
        "issue": told,
        "repository": {"id": 186853002, "full_name": "octo-org/octo-repo", "private": False},
        "sender": {"login": "Codertocat", "id": 21031067},
    }
    body = json.dumps(event).encode()
    headers = {
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-GitHub-Event": "issues",
        "X-Hub-Signature-256": f"sha256={_signature(body, secret)}",
    }
    return Sent(headers, body)


def gitlab(url: str, *, state: str, at: datetime, secret: str = KEY) -> Sent:
    event = {
        "object_kind": "issue",
        "event_type": "issue",
        "user": {"id": 1, "name": "Administrator", "username": "root", "email": "admin@example.com"},
        "project": {"id": 1, "name": "Gitlab Test", "path_with_namespace": "gitlabhq/gitlab-test"},
        "object_attributes": {
            "id": 301,
            "title": "New API: create/update/delete file",
            "assignee_ids": [51],
            "iid": 23,
            "created_at": "2026-12-03T17:15:43Z",
            "updated_at": at.strftime("%Y-%m-%d %H:%M:%S UTC"),
            "description": "Create new API for manipulations with repository",
            "state_id": 2 if state == "closed" else 1,
            "state": state,
            "severity": "high",
            "url": url,
            "action": "close" if state == "closed" else "open",
        },
        "changes": {"state_id": {"previous": 1, "current": 2}},
    }
    headers = {"User-Agent": "GitLab/17.0.0", "X-Gitlab-Event": "Issue Hook", "X-Gitlab-Token": secret}
    return Sent(headers, json.dumps(event).encode())


def jira(key: str, *, status: str, category: str, at: datetime, secret: str = KEY, **fields: Any) -> Sent:
    event = {
        "timestamp": int(at.timestamp() * 1000),
        "webhookEvent": "jira:issue_updated",
        "issue_event_type_name": "issue_generic",
        "user": {"self": "https://your-domain.atlassian.net/rest/api/2/user?accountId=99:27935d01", "active": True},
        "issue": {
            "id": "99291",
            "self": "https://your-domain.atlassian.net/rest/api/2/issue/99291",
            "key": key,
            "fields": {
                "summary": "I feel the need for speed",
                "created": "2026-12-16T23:46:10.612-0600",
                "updated": at.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
                "resolutiondate": None,
                "priority": {"name": "Minor"},
                "status": {"id": "3", "name": status, "statusCategory": {"id": 4, "key": category, "name": status}},
                **fields,
            },
        },
        "changelog": {
            "id": "10124",
            "items": [{"field": "status", "fieldtype": "jira", "fromString": "To Do", "toString": status}],
        },
    }
    body = json.dumps(event).encode()
    return Sent({"X-Hub-Signature": f"sha256={_signature(body, secret)}"}, body)


def linear(url: str, *, state: str, kind: str, at: datetime, sent: datetime, secret: str = KEY, **data: Any) -> Sent:
    event = {
        "action": "update",
        "actor": {"id": "b5ea5f1f-8adc-4f52-b4bd-ab4e84cf51ba", "type": "user", "name": "Arthur Dent"},
        "createdAt": at.isoformat().replace("+00:00", "Z"),
        "data": {
            "id": "539068e2-ae88-4d09-bd75-22eb4a59612f",
            "createdAt": "2026-01-23T12:53:18.084Z",
            "updatedAt": at.isoformat().replace("+00:00", "Z"),
            "number": 123,
            "title": "Improve onboarding",
            "priority": 2,
            "teamId": "72b2a2dc-6f4f-4423-9d34-24b5bd10634a",
            "state": {"id": "f0c25d3f", "color": "#f2c94c", "name": state, "type": kind},
            **data,
        },
        "updatedFrom": {"updatedAt": "2026-01-23T12:53:18.084Z"},
        "url": url,
        "type": "Issue",
        "organizationId": "19b7b6d6-14e8-4e5b-9f1a-3d7c5b2a9e10",
        "webhookTimestamp": int(sent.timestamp() * 1000),
        "webhookId": "000042e3-d123-4980-b49f-8e140eef9329",
    }
    body = json.dumps(event).encode()
    headers = {
        "Linear-Delivery": "234d1a4e-b617-4388-90fe-adc3633d6b72",
        "Linear-Event": "Issue",
        "Linear-Signature": _signature(body, secret),
        "User-Agent": "Linear-Webhook",
    }
    return Sent(headers, body)
