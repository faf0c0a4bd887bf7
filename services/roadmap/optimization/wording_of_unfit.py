"""Says in a sentence why a feature could not even be tried."""

UNFIT = {
    "not_estimated": "It has no work packages yet: say who has to do how much.",
    "no_team": "No team has people enough of a skill that it needs.",
    "needs_unfit": "It needs something that cannot be scheduled.",
    "no_history": "Nothing on this roadmap was shipped in the weeks that were looked at: there is no pace to go by.",
    "beyond_horizon": "At the pace of the past it is not done within ten years.",
    "excluded": "It was excluded, or is no longer open.",
}


def explain_unfit(reason: str) -> str:
    """Plain words for a reason's code."""
    return UNFIT[reason]
