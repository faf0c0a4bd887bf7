"""What metrics holds of a person: addresses, kept answers, the audit trail, what they did under a hash of their id."""

from uuid import UUID

from services.chassis.privacy.holdings import PersonalData
from services.chassis.privacy.infrastructure import IMPERSONAL, AuditPayloads, KeptAnswers
from services.metrics.digest_subscriptions.holdings import DigestReaders
from services.metrics.experiments.privacy import AssignmentsOfPerson
from services.metrics.usage_events.privacy import Pseudonym, UsageOfPerson

IMPERSONAL_TABLES = {
    **IMPERSONAL,
    **dict.fromkeys(("kpi", "kpi_version", "kpi_edge", "target"), "definitions, in the analysts' words"),
    **dict.fromkeys(
        ("measurement", "measurement_key", "measurement_revision", "rollup"),
        "numbers of a KPI; the key is the caller's own name for a value, a subject is a keyed hash",
    ),
    **dict.fromkeys(("dimension_rollup", "sketch"), "sums, and sketches of keyed hashes"),
    **dict.fromkeys(("outcome", "outcome_evaluation"), "numbers and verdicts"),
    "dashboard": "what the analysts look at together, in their words",
    "digest": "figures, verdicts and the names of KPIs",
    "digest_delivery": "when a digest was sent; the address stands with the subscription",
    **dict.fromkeys(
        (f"digest_subscription.{name}" for name in ("channel", "weekday", "time_zone")), "how and when a digest comes"
    ),
    **dict.fromkeys(("alert_rule", "alert"), "conditions in the analysts' words, and figures"),
    "measurement_source": "addresses and paths in the analysts' words; the credential is sealed",
    "measurement_file": "rows of figures, gone as soon as they have been read",
    "experiment": "definitions, in the analysts' words",
    "experiment_reading": "sums over the units of an arm, never a unit's own figure",
    **dict.fromkeys(
        (f"usage_event.{name}" for name in ("dedupe_key", "name", "origin")), "the caller's names of what happened"
    ),
}


def personal_data(pseudonym: Pseudonym) -> PersonalData:
    """All holdings; `pseudonym` makes the hash under which somebody is counted."""
    return PersonalData(
        holdings=(
            KeptAnswers(),
            AuditPayloads(),
            UsageOfPerson(pseudonym),
            AssignmentsOfPerson(pseudonym),
            DigestReaders(),
        ),
        impersonal=IMPERSONAL_TABLES,
    )


def _nobody(_name: str, _workspace_id: UUID) -> int:
    return 0


# What is held, for whoever wants to know without a process that holds it.
PERSONAL = personal_data(_nobody)
