"""Says in a sentence why a feature is not in a schedule, and what would change that."""

from collections.abc import Mapping

from services.roadmap.domain.scheduling.explanation import WhyUnplanned


def explain_schedule(why: WhyUnplanned, *, shortfall: Mapping[str, float], person_weeks: float) -> str:
    """Plain words for a person; programs read the fields beside them."""
    match why.reason:
        case "excluded":
            return "It excludes something that is planned."
        case "needs_unplanned":
            return "It needs something that is not planned."
        case "too_late":
            return "Its deadline, or the end of the plan, comes before it could be finished."
        case "over_budget":
            return (
                f"The budget does not reach: {' and '.join(f'{v:g} {k}' for k, v in shortfall.items())} more is needed."
            )
        case "over_capacity":
            return f"The teams are busy: {person_weeks:g} person-weeks more would let it in where fewest are missing."
        case "outweighed":
            return "It would fit, but the plan is worth no more with it."
