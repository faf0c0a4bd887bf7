"""The trackers that are understood, by name."""

from collections.abc import Mapping
from typing import Final, Literal

from services.roadmap.trackers.providers.github import GitHub
from services.roadmap.trackers.providers.gitlab import GitLab
from services.roadmap.trackers.providers.jira import Jira
from services.roadmap.trackers.providers.linear import Linear
from services.roadmap.trackers.providers.tracker import Tracker

Provider = Literal["github", "gitlab", "jira", "linear"]

TRACKERS: Final[Mapping[Provider, Tracker]] = {
    "linear": Linear(),
    "jira": Jira(),
    # Either writes `/issues/7`; what GitLab writes without its `/-/` cannot be told from GitHub, so GitHub comes first.
    "github": GitHub(),
    "gitlab": GitLab(),
}


def whose(url: str) -> tuple[Provider, str] | None:
    """The tracker of an issue's address, and the issue's name there."""
    for provider, tracker in TRACKERS.items():
        issue = tracker.identify(url)
        if issue is not None:
            return provider, issue
    return None
