"""Who may be told of an event: whoever may read what it is about."""

from collections.abc import Collection

from services.chassis.identity import SCOPES

READS_ALL = frozenset(scope for scope in SCOPES if scope.endswith(":read"))

_SCOPE_OF_SOURCE = {
    "/requirements": "requirements:read",
    "/roadmap": "roadmap:read",
    "/metrics": "metrics:read",
    "/gateway": "admin:read",
}
# What people said, and who they are, needs a scope of its own to be read.
_FEEDBACK = frozenset({"feedback", "contact", "company", "segment", "study"})


def scope_of(source: str, subject_type: str) -> str:
    """The scope without which the event stays hidden; what is not known is for admins."""
    if source == "/requirements" and subject_type in _FEEDBACK:
        return "feedback:read"
    return _SCOPE_OF_SOURCE.get(source, "admin:read")


def visible(scopes: Collection[str]) -> list[str]:
    """The scopes of the events that a caller with `scopes` is told of."""
    return sorted(READS_ALL & set(scopes))
