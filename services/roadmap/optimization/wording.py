"""Says in a sentence why a feature was left out, and what would change that."""

from collections.abc import Mapping

from services.roadmap.domain.selection.explanation import WhyNot

NAMES = {"effort_days": "person-days", "cost": "of cost, in minor units"}


def explain(
    why: WhyNot, *, shortfall: Mapping[str, float], value_added: float | None, value_given_up: float | None
) -> str:
    """Plain words for a person; programs read the fields beside them."""
    match why.reason:
        case "pinned_out":
            sentence = "It was excluded, or is no longer open."
        case "needs_pinned_out":
            sentence = "It needs something that was excluded or dropped."
        case "excluded":
            sentence = "It excludes something that was chosen, or what it needs excludes one another."
        case "over_budget":
            more = " and ".join(f"{amount:g} {NAMES[name]}" for name, amount in shortfall.items())
            sentence = (
                f"The budget does not reach: {more} more would let it in{_company(why)}, for {value_added:g} points."
            )
        case "adds_no_value":
            sentence = "It fits, but adds no value to this plan."
        case "search_ended":
            sentence = "The time ran out before it was tried."
    return f"{sentence} {_price(why, value_given_up)}".strip()


def _company(why: WhyNot) -> str:
    return f" with {len(why.brings)} others" if len(why.brings) > 1 else " with one other" if why.brings else ""


def _price(why: WhyNot, value_given_up: float | None) -> str:
    if why.reason == "pinned_out":
        return ""
    if why.is_possible is False:
        return "No plan under these rules contains it."
    if value_given_up is None:
        return ""
    if value_given_up == 0:
        return "An equally valuable plan contains it."
    return f"Forced in under the same budgets, it costs {value_given_up:g} points."
