"""What metrics holds of a person: nothing but kept answers and the audit trail, and why."""

from services.chassis.privacy.holdings import PersonalData
from services.chassis.privacy.infrastructure import IMPERSONAL, AuditPayloads, KeptAnswers

PERSONAL = PersonalData(
    holdings=(KeptAnswers(), AuditPayloads()),
    impersonal={
        **IMPERSONAL,
        **dict.fromkeys(("kpi", "kpi_version", "kpi_edge", "target"), "definitions, in the analysts' words"),
        **dict.fromkeys(
            ("measurement", "measurement_key", "measurement_revision", "rollup"),
            "numbers of a KPI; the key is the caller's own name for a value, a subject is a keyed hash",
        ),
        **dict.fromkeys(("dimension_rollup", "sketch"), "sums, and sketches of keyed hashes"),
        **dict.fromkeys(("outcome", "outcome_evaluation"), "numbers and verdicts"),
        **dict.fromkeys(("alert_rule", "alert"), "conditions in the analysts' words, and figures"),
        "experiment": "definitions, in the analysts' words",
        "experiment_reading": "sums over the units of an arm, never a unit's own figure",
    },
)
