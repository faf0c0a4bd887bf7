"""What the feed tells of an objective: ids, numbers and dates; never a text that somebody wrote."""

from typing import Any

from services.roadmap.models import Objective


def objective_facts(objective: Objective) -> dict[str, Any]:
    """The same for every event of an objective and for its snapshot."""
    return {
        "status": objective.status,
        "starts_on": objective.starts_on,
        "due_on": objective.due_on,
        "progress": objective.progress,
        "key_results": [
            {
                "key_result_id": each.id,
                "kpi_id": each.kpi_id,
                "start_value": each.start_value,
                "target_value": each.target_value,
                "current_value": each.current_value,
            }
            for each in objective.key_results
        ],
    }
