"""The frameworks by which product teams sort their KPIs, with a template for each of their boxes."""

from typing import Any, Literal

from services.chassis.types import Reading

FrameworkTag = Literal[
    "north_star",
    "aarrr.acquisition",
    "aarrr.activation",
    "aarrr.retention",
    "aarrr.referral",
    "aarrr.revenue",
    "heart.happiness",
    "heart.engagement",
    "heart.adoption",
    "heart.retention",
    "heart.task_success",
    "okr.key_result",
]


class KpiTemplateRead(Reading):
    """A KPI that many teams need, ready to be posted."""

    framework_tag: FrameworkTag
    question: str
    source: str
    kpi: dict[str, Any]


class KpiTemplatesRead(Reading):
    """Templates, framework by framework."""

    templates: list[KpiTemplateRead]


SOURCES = {
    "north_star": "Ellis & Brown, Hacking Growth, 2017",
    "aarrr": "McClure, Startup Metrics for Pirates, 2007",
    "heart": "Rodden, Hutchinson & Fu, Measuring the User Experience on a Large Scale, CHI 2010",
    "okr": "Doerr, Measure What Matters, 2018",
}

# Tag, question, and what the KPI differs in from a daily one that should go up.
BOXES: tuple[tuple[FrameworkTag, str, dict[str, Any]], ...] = (
    (
        "north_star",
        "How often does a customer get what they came for?",
        {"name": "Weekly valuable actions", "unit": "actions", "aggregation": "sum", "cadence": "week"},
    ),
    ("aarrr.acquisition", "How many find us?", {"name": "New sign-ups", "unit": "accounts", "aggregation": "sum"}),
    (
        "aarrr.activation",
        "How many of them have a first success?",
        {"name": "Activation rate", "unit": "%", "aggregation": "ratio"},
    ),
    (
        "aarrr.retention",
        "How many come back?",
        {"name": "Accounts retained after 30 days", "unit": "%", "aggregation": "ratio", "cadence": "week"},
    ),
    (
        "aarrr.referral",
        "How many bring others?",
        {"name": "Invitations accepted", "unit": "invitations", "aggregation": "sum"},
    ),
    (
        "aarrr.revenue",
        "What do they pay?",
        {
            "name": "Monthly recurring revenue",
            "unit": "EUR",
            "currency": "EUR",
            "aggregation": "last",
            "empty": "carry",
            "cadence": "month",
        },
    ),
    (
        "heart.happiness",
        "What do people say of it?",
        {"name": "Satisfaction", "unit": "points", "aggregation": "average", "cadence": "week"},
    ),
    (
        "heart.engagement",
        "How much do they use it?",
        {"name": "Sessions per day", "unit": "sessions", "aggregation": "sum", "empty": "zero"},
    ),
    (
        "heart.adoption",
        "How many have begun to use it?",
        {"name": "First uses of the feature", "unit": "accounts", "aggregation": "sum", "empty": "zero"},
    ),
    (
        "heart.retention",
        "How many still use it?",
        {"name": "Users still active after a month", "unit": "%", "aggregation": "ratio", "cadence": "month"},
    ),
    (
        "heart.task_success",
        "Do they get done what they began?",
        {"name": "Tasks finished", "unit": "%", "aggregation": "ratio"},
    ),
    (
        "okr.key_result",
        "Which number says that the objective was reached?",
        {"name": "Tickets per account", "unit": "tickets", "aggregation": "ratio", "direction": "down"},
    ),
)


def templates() -> KpiTemplatesRead:
    """Every template, in the order of the frameworks."""
    return KpiTemplatesRead(
        templates=[
            KpiTemplateRead(
                framework_tag=tag,
                question=question,
                source=SOURCES[tag.partition(".")[0]],
                kpi={"direction": "up", "cadence": "day", "framework_tags": [tag]} | differing,
            )
            for tag, question, differing in BOXES
        ]
    )
