"""What the feed tells of a feature: ids, numbers and dates; never a text that somebody wrote."""

from typing import Any

from services.roadmap.models import Feature


def feature_facts(feature: Feature) -> dict[str, Any]:
    """The same for every event of a feature and for its snapshot, so that one reader understands both."""
    return {
        "status": feature.status,
        "requirement_ids": feature.requirement_ids,
        "objective_ids": feature.objective_ids,
        "product_id": feature.product_id,
        "depends_on": feature.depends_on,
        "dependencies": [
            {"feature_id": each.needs_feature_id, "link": each.link, "lag_days": each.lag_days}
            for each in feature.needs
        ],
        "team_ids": sorted({each.team_id for each in feature.work_packages if each.team_id}),
        "effort_days": feature.effort_days,
        "value": feature.value,
        "prioritization_id": feature.prioritization_id,
        "started_at": feature.started_at,
        "shipped_at": feature.shipped_at,
        "retired_at": feature.retired_at,
        "expected_effects": [
            {
                "kpi_id": effect.kpi_id,
                "direction": effect.direction,
                "low": effect.low,
                "likely": effect.likely,
                "high": effect.high,
                "due_on": effect.due_on,
                "estimated_by": effect.estimated_by,
            }
            for effect in feature.expected_effects
        ],
        "outcomes": [
            {"outcome_id": outcome.id, "kpi_id": outcome.kpi_id, "verdict": outcome.verdict}
            for outcome in feature.outcomes
        ],
    }
