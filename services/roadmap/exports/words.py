"""What a view says, in half sentences that every kind of page can use."""

from services.chassis.drawings.legible import number
from services.roadmap.domain.plans import Cost
from services.roadmap.domain.views import GoalView, ItemView, MilestoneView, ResultView

# ISO 4217: currencies whose minor unit is not a hundredth.
WITHOUT_MINOR = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
)
THOUSANDTHS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))


def facts_of(item: ItemView) -> list[str]:
    """When, how sure, who, how much: as far as this is told."""
    facts = [
        item.when,
        f"done by {item.done_by.label} in 85 of 100 forecasts" if item.done_by else "",
        item.commitment if item.column != "shipped" else "",
        ", ".join(item.teams),
        f"{number(item.effort_days)} person-days" if item.effort_days is not None else "",
        money(item.cost) if item.cost else "",
    ]
    return [fact for fact in facts if fact]


def standing(goal: GoalView) -> str:
    """Where an objective stands."""
    done = "" if goal.progress is None else f", {goal.progress:.0%} done"
    return f"{goal.status}{done}{f', due {goal.due.label}' if goal.due else ''}"


def way(milestone: MilestoneView) -> str:
    """From where to where a key result goes, and where it is."""
    now = "" if milestone.current is None else f", now {number(milestone.current)}"
    return f"{milestone.title}: {number(milestone.start)} to {number(milestone.target)}{now}"


def outcome(result: ResultView) -> str:
    """What metrics found of one KPI."""
    moved = "" if result.effect is None else f" ({'+' if result.effect > 0 else ''}{number(result.effect)})"
    return f"{result.kpi}: {result.verdict.replace('_', ' ')}{moved}"


def expectations(item: ItemView) -> list[str]:
    """What a feature should move, and how far."""
    return [f"{each.kpi}: {each.direction} by {number(each.likely)}" for each in item.effects]


def money(cost: Cost) -> str:
    """`9,600.00 EUR`"""
    digits = 0 if cost.currency in WITHOUT_MINOR else 3 if cost.currency in THOUSANDTHS else 2
    return f"{cost.amount_minor / 10**digits:,.{digits}f} {cost.currency}"
