"""From a plan to what an audience sees of it: the one place where it is decided what is left out."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from hashlib import sha256

from services.roadmap.domain.horizons import column_of
from services.roadmap.domain.lenses import COMMITMENT_OF, FIRMEST_FIRST, Detail, Lens, Wording
from services.roadmap.domain.periods import Period, Precision, blurred
from services.roadmap.domain.plans import Effect, Goal, Load, Plan, PlannedFeature, Result
from services.roadmap.domain.views import (
    COLUMNS,
    EffectView,
    GoalView,
    ItemView,
    LoadView,
    MilestoneView,
    ResultView,
    View,
    WeekView,
)

TENTATIVE = "This shows how the plan could be. Nothing of it is decided."
KEY_LENGTH = 20


def project(plan: Plan, lens: Lens) -> View:
    """The plan through a lens. Also the order tells nothing more: it follows only from what is shown."""
    shown = [each for each in plan.features if _is_shown(each, lens)]
    keys = {each.id: key_of(each.id, lens) for each in shown}
    items = [_item(each, lens, plan.today, keys) for each in shown]
    return View(
        title=plan.title,
        description=plan.description if "summary" in lens.shows and plan.description else None,
        visions=_if("vision", lens.shows, plan.visions),
        audience=lens.name,
        kind=lens.kind,
        notice="\n".join(part for part in (TENTATIVE if plan.is_scenario else "", lens.notice) if part),
        as_of=plan.today,
        headings=dict(lens.headings),
        items=tuple(sorted(items, key=_place)),
        goals=tuple(_goal(each, lens) for each in plan.goals) if "objectives" in lens.shows else (),
        loads=tuple(_load(each) for each in plan.loads) if "capacity" in lens.shows else (),
    )


def key_of(feature_id: str, lens: Lens) -> str:
    """A name for the feature that stays the same for this audience and says nothing to any other."""
    return sha256(f"{lens.salt}:{feature_id}".encode()).hexdigest()[:KEY_LENGTH]


def _is_shown(feature: PlannedFeature, lens: Lens) -> bool:
    commitment = COMMITMENT_OF.get(feature.status)
    wording = lens.wordings.get(feature.id)
    if commitment is None or (wording is None and lens.is_worded_only) or (wording and wording.is_hidden):
        return False
    return FIRMEST_FIRST.index(commitment) <= FIRMEST_FIRST.index(lens.commitment)


def _item(feature: PlannedFeature, lens: Lens, today: date, keys: Mapping[str, str]) -> ItemView:
    shows = lens.shows
    wording = lens.wordings.get(feature.id, Wording())
    own = feature.description if "description" in shows else None
    is_shipped = feature.status == "shipped"
    return ItemView(
        key=keys[feature.id],
        feature_id=feature.id if "ids" in shows else None,
        title=wording.title or feature.title,
        description=(own if wording.description is None else wording.description) or None,
        column=column_of(feature.status, feature.horizon, feature.starts_on, today=today),
        commitment=COMMITMENT_OF[feature.status],
        status=feature.status if "status" in shows else None,
        is_pinned=feature.is_pinned if "pins" in shows else None,
        starts=_past(feature.starts_on, lens) if is_shipped else _ahead(feature.starts_on, lens, today),
        ends=None if is_shipped else _ahead(feature.ends_on, lens, today),
        shipped=_past(feature.shipped_on, lens) if is_shipped else None,
        done_by=_ahead(feature.done_by, lens, today) if "forecast" in shows and not is_shipped else None,
        effort_days=feature.effort_days if "effort" in shows else None,
        cost=feature.cost if "cost" in shows else None,
        value=feature.value if "value" in shows else None,
        teams=_if("teams", shows, feature.teams),
        needs=_if("dependencies", shows, tuple(keys[each] for each in feature.needs if each in keys)),
        objectives=_if("objectives", shows, feature.objectives),
        requirements=_if("requirements", shows, feature.requirements),
        effects=tuple(_effect(each, lens, today) for each in feature.effects if "expected_effects" in shows),
        results=tuple(_result(each, lens) for each in feature.results if "outcomes" in shows),
    )


def _if(detail: Detail, shows: Collection[Detail], values: tuple[str, ...]) -> tuple[str, ...]:
    return values if detail in shows else ()


def _ahead(day: date | None, lens: Lens, today: date) -> Period | None:
    """A day of the plan; beyond what the audience is told dates of, none."""
    period = blurred(day, lens.precision)
    if period is None or lens.dated_days is None:
        return period
    # The period decides and not the day: else whether it is told would tell on which side of the limit the day lies.
    return period if period.first <= today + timedelta(days=lens.dated_days) else None


def _past(day: date | None, lens: Lens) -> Period | None:
    """A day of what has happened: that is known to whoever uses it, so at least the quarter is told."""
    precision: Precision = "quarter" if lens.precision == "later" else lens.precision
    return blurred(day, precision)


def _effect(effect: Effect, lens: Lens, today: date) -> EffectView:
    due = _ahead(effect.due_on, lens, today)
    return EffectView(effect.kpi, effect.direction, effect.low, effect.likely, effect.high, due)


def _result(result: Result, lens: Lens) -> ResultView:
    return ResultView(result.kpi, result.verdict, result.effect, _past(result.measured_on, lens))


def _goal(goal: Goal, lens: Lens) -> GoalView:
    results = goal.key_results if "key_results" in lens.shows else ()
    return GoalView(
        title=goal.title,
        description=goal.description if "description" in lens.shows else "",
        status=goal.status,
        due=blurred(goal.due_on, lens.precision),
        progress=goal.progress,
        key_results=tuple(
            MilestoneView(each.title, each.kpi, each.start, each.current, each.target, each.progress)
            for each in results
        ),
    )


def _load(load: Load) -> LoadView:
    weeks = tuple(WeekView(each.monday, each.capacity_days, each.load_days) for each in load.weeks)
    return LoadView(load.team, load.skill, weeks)


def _place(item: ItemView) -> tuple[int, date, date, str, str]:
    if item.shipped:
        # What shipped last stands first.
        since = (date.max - item.shipped.first).days
        begin = end = date.min + timedelta(days=since)
    else:
        begin = item.starts.first if item.starts else date.max
        end = item.ends.first if item.ends else date.max
    return list(COLUMNS).index(item.column), begin, end, item.title, item.key
