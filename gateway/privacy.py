"""What the gateway holds of the persons whose words its workspaces collect, and of its own members."""

from services.chassis.privacy.holdings import PersonalData
from services.chassis.privacy.infrastructure import IMPERSONAL, AuditPayloads, KeptAnswers

PERSONAL = PersonalData(
    holdings=(KeptAnswers(), AuditPayloads()),
    impersonal={
        **IMPERSONAL,
        "workspace": "the tenant's name and settings",
        "member": "a member's own identity, which goes with the membership",
        "api_key": "names of programs, and hashes",
    },
)
