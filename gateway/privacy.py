"""What the gateway holds of the persons whose words its workspaces collect, and of its own members."""

from gateway.events.webhooks.privacy import ReceiversAnswers
from services.chassis.privacy.holdings import PersonalData
from services.chassis.privacy.infrastructure import IMPERSONAL, AuditPayloads, KeptAnswers

PERSONAL = PersonalData(
    holdings=(KeptAnswers(), AuditPayloads(), ReceiversAnswers()),
    impersonal={
        **IMPERSONAL,
        "workspace": "the tenant's name and settings",
        "member": "a member's own identity, which goes with the membership; the audit trail keeps whom an admin let in",
        "api_key": "names of programs, and hashes",
        "event_log_head": "positions",
        "logged_event": "ids and facts, by rule never people's words",
        "webhook": "the addresses of programs, and what they are for",
        "webhook_delivery": "ids of events, and the documents of tests",
        "webhook_attempt.error": "of a fixed set",
    },
)
