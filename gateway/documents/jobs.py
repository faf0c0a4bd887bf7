"""The tags of the API, grouped by the job that a caller wants to get done."""

JOBS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Collect feedback",
        (
            "Feedback",
            "Imports",
            "Forms",
            "Surveys",
            "Customers",
            "Contacts",
            "Companies",
            "Segments",
            "Studies",
            "Follow-ups",
            "Votes",
        ),
    ),
    (
        "Understand what people need",
        ("Understanding", "Themes", "Suggestions", "Search", "Requirements", "Custom fields"),
    ),
    ("Decide what to build", ("Prioritization", "Decide what to build", "Strategy", "Decisions")),
    (
        "Plan and deliver",
        (
            *(
                "Features",
                "Trackers",
                "Roadmaps",
                "Optimisation",
                "Budgets",
                "Teams",
                "Coordination",
                "Forecasts",
                "Scenarios",
            ),
            *("Audiences", "Share links", "Releases", "Updates"),
        ),
    ),
    (
        "Measure what came of it",
        (
            *("KPIs", "KPI tree", "Targets", "Measurements", "Usage events"),
            *("Measurement sources", "Segment", "OpenTelemetry", "Adapters", "Dashboards", "Analysis"),
            *("Outcomes", "Experiments", "Alerts", "Reports"),
        ),
    ),
    ("Follow the whole circle", ("Trace", "Follow what happens", "Follow long work")),
    ("Administer", ("Workspace", "Members", "API keys", "Webhooks", "Privacy", "Audit")),
)
OTHER = "More"


def job_of(tag: str) -> str:
    """The job that a tag belongs to."""
    return next((job for job, tags in JOBS if tag in tags), OTHER)


def in_order(tags: set[str]) -> list[str]:
    """Tags by job, as the page shows them; those of no job come last, by name."""
    known = [tag for _, group in JOBS for tag in group]
    return sorted(tags, key=lambda tag: (known.index(tag) if tag in known else len(known), tag))
