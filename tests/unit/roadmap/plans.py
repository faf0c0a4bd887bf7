"""Plans in which every value can be recognised, wherever it turns up."""

from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import strategies as st

from services.roadmap.domain.lenses import DETAILS, Lens, Wording
from services.roadmap.domain.plans import (
    Cost,
    Effect,
    Goal,
    Load,
    Milestone,
    Plan,
    PlannedFeature,
    Result,
    WeekOfLoad,
)

TODAY = date(2027, 2, 10)
STATUSES = st.sampled_from(["proposed", "planned", "in_progress", "on_hold", "shipped", "dropped", "retired"])
DAYS = st.integers(-400, 800).map(lambda days: TODAY + timedelta(days=days))


def marked_feature(name: str, **more: object) -> PlannedFeature:
    """A feature whose every text says which of whose fields it is, and whose numbers are found nowhere else."""
    number = int(name[1:]) + 1
    fields: dict[str, object] = {
        "id": f"{name}idz",
        "title": f"{name}titlez",
        "description": f"{name}descriptionz",
        "effort_days": 770_010.5 + number,
        "cost": Cost(88_000_100 + number, "XTS"),
        "value": 660_010.5 + number,
        "teams": (f"{name}teamz",),
        "objectives": (f"{name}objectivez",),
        "requirements": (f"{name}requirementz",),
        "effects": (Effect(f"{name}effectz", "increase", 1, 2, 3, TODAY + timedelta(days=90)),),
        "results": (Result(f"{name}resultz", "confirmed", 3.0, TODAY - timedelta(days=9)),),
    }
    return PlannedFeature(**{**fields, **more})  # type: ignore[arg-type]


@st.composite
def plans(draw: Callable[..., object]) -> Plan:
    count = draw(st.integers(0, 5))
    features = []
    for index in range(count):  # type: ignore[call-overload]
        begin, end = sorted((draw(DAYS), draw(DAYS)))  # type: ignore[type-var]
        features.append(
            marked_feature(
                f"f{index}",
                status=draw(STATUSES),
                horizon=draw(st.sampled_from([None, "now", "next", "later"])),
                starts_on=begin if draw(st.booleans()) else None,
                ends_on=end if draw(st.booleans()) else None,
                shipped_on=draw(DAYS.filter(lambda day: day <= TODAY)),
                done_by=draw(DAYS),
                needs=tuple(f"f{other}idz" for other in range(index) if draw(st.booleans())),
            )
        )
    goal = Goal(
        "goaltitlez", "goaldescriptionz", "active", TODAY, 0.4, (Milestone("resulttitlez", "reskpiz", 1, 2, 3, 0.5),)
    )
    load = Load("loadteamz", "loadskillz", (WeekOfLoad(date(2027, 2, 8), 10, 12),))
    return Plan(
        title="Roadmap",
        description="plandescriptionz",
        visions=("visionz",),
        today=TODAY,
        features=tuple(features),
        goals=(goal,),
        loads=(load,),
    )


def lenses() -> st.SearchStrategy[Lens]:
    names = st.sampled_from([f"f{index}idz" for index in range(5)])
    wordings = st.builds(
        Wording, st.sampled_from([None, "Worded title"]), st.sampled_from([None, "Worded text"]), st.booleans()
    )
    return st.builds(
        Lens,
        name=st.just("Readers"),
        kind=st.sampled_from(["team", "executive", "customer", "investor"]),
        shows=st.frozensets(st.sampled_from(sorted(DETAILS))),
        precision=st.sampled_from(["day", "month", "quarter", "later"]),
        dated_days=st.sampled_from([None, 0, 90, 400]),
        commitment=st.sampled_from(["committed", "planned", "exploring"]),
        is_worded_only=st.booleans(),
        wordings=st.dictionaries(names, wordings, max_size=3),
        salt=st.just("salt"),
    )
