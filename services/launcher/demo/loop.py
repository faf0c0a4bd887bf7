"""The loop in twenty steps, each a few requests that anybody could send, and each held to what it should bring."""

from collections.abc import Awaitable, Callable
from functools import partial

from services.launcher.demo.chapters import backlog, delivery, listening, outcomes, planning, strategy
from services.launcher.demo.story import Story, Told

STEPS: tuple[tuple[str, Callable[[Story], Awaitable[Told]]], ...] = (
    ("It begins with a vision and a need", strategy.set_out),
    ("Customers speak", listening.collect_feedback),
    ("Their words become themes", listening.build_themes),
    ("Themes become requirements", backlog.write_requirements),
    ("The need shows where it hurts", strategy.find_the_pain),
    ("Requirements are ranked", backlog.rank),
    ("A KPI says what success is", outcomes.define_kpi),
    ("An objective names it", strategy.set_objective),
    ("Features promise effects", planning.plan_features),
    ("Money is set aside", planning.pay),
    ("The strategy is held against it", strategy.cover),
    ("The best plan is proved", planning.optimize),
    ("The plan answers questions", planning.ask),
    ("People adopt it", planning.adopt),
    ("The teams agree", delivery.coordinate),
    ("A feature ships", delivery.ship),
    ("The outcome is measured", outcomes.measure),
    ("Who asked is told", outcomes.tell),
    ("The next promises learn from it", outcomes.learn),
    ("The circle closes", outcomes.trace),
)
"""The story's headings, each with what is done under it."""


class Loop(Story):
    """The story in its order."""

    def steps(self) -> list[tuple[str, Callable[[], Awaitable[Told]]]]:
        return [(heading, partial(step, self)) for heading, step in STEPS]
