"""Ten thousand real app reviews through the whole front half of the loop, over the gateway.

Posts them in bulk, builds themes, makes requirements from the largest ones, scores them, and chooses under a budget.
Prints counts and seconds as `name value goal ratio-to` lines, and the themes as remarks, to be judged by a reader.

    FULLCIRCLE_DATA=... python -m benchmarks.real_input [http://127.0.0.1:8000 fc_live_...]

Without an address it starts a stack of its own.

The reviews (J. Dabrowski et al., IS-22, 8 apps with 1,250 reviews each; MIT, their words are their users': they are not
part of this repository) are read from `FULLCIRCLE_DATA/feedback/is22_reviews.jsonl`.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from benchmarks.own_stack import own_home, running_stack
from benchmarks.report import Figure, exit_code, remark, remark_load, report
from services.launcher.demo.api import Api, Json

REVIEWS = Path("feedback") / "is22_reviews.jsonl"
REQUIREMENTS = 24
BUDGET_DAYS = 120
SHOWN_THEMES = 40
PATIENCE_S = 900.0

Answer = TypeVar("Answer")


def reviews(folder: Path) -> Iterator[Json]:
    """Each review as a line of bulk feedback; the app that it is about becomes its source."""
    for line in (folder / REVIEWS).read_text("utf-8").splitlines():
        review = json.loads(line)
        app = review["app"].removesuffix("_1250_review_level.xlsx").removeprefix("com.")
        yield {"text": review["text"], "source": app, "external_id": review["id"]}


class Run:
    """What was measured so far."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.figures: list[Figure] = []

    async def timed(self, name: str, work: Callable[[], Awaitable[Answer]]) -> Answer:
        began = perf_counter()
        answer = await work()
        self.figures.append(report(Figure(f"{name}_s", perf_counter() - began)))
        return answer

    def count(self, name: str, value: float, *, at_least: float | None = None) -> None:
        self.figures.append(report(Figure(name, value, at_least=at_least)))


async def listen(run: Run, lines: list[Json]) -> None:
    taken = await run.timed("reviews_posted", lambda: run.api.post_lines("/v1/feedback/bulk", lines))
    run.count("reviews_taken", len(set(taken)), at_least=len(lines))


async def find_themes(run: Run) -> list[Json]:
    await run.timed("themes_built", lambda: _operate(run.api, "/v1/themes/rebuild", {}))
    themes = [theme async for theme in run.api.items("/v1/themes", limit=200)]
    themes.sort(key=lambda theme: -int(theme["size"]))
    run.count("themes", len(themes), at_least=REQUIREMENTS)
    run.count("reviews_in_themes", sum(theme["size"] for theme in themes))
    for theme in themes[:SHOWN_THEMES]:
        remark(f"{theme['size']:5}  {theme['name']}  ({', '.join(theme['words'][:6])})")
    return themes


async def write_requirements(run: Run, themes: list[Json]) -> list[Json]:
    """RICE with what the themes know: reach is their size; impact and confidence are the same for all."""

    async def write() -> list[Json]:
        return [
            await run.api.post(
                "/v1/requirements",
                {"title": theme["name"][:200], "theme_id": theme["id"], "estimates": estimate(theme)},
            )
            for theme in themes[:REQUIREMENTS]
        ]

    requirements = await run.timed("requirements_written", write)
    run.count("requirements", len(requirements), at_least=REQUIREMENTS)
    run.count("quotes", sum(each["evidence_count"] for each in requirements), at_least=REQUIREMENTS)
    return requirements


def estimate(theme: Json) -> dict[str, Any]:
    """A first guess, before anybody knows better."""
    return {"reach": theme["size"], "impact": 1, "confidence": 0.5, "effort": 1 + len(theme["words"]) % 4}


async def prioritize(run: Run, requirements: list[Json]) -> list[Json]:
    ids = [each["id"] for each in requirements]
    body = {"name": "Reviews", "method": "rice", "requirement_ids": ids}
    ranked = await run.timed("ranked", lambda: run.api.post("/v1/prioritizations", body))
    lines: list[Json] = ranked["ranking"]
    run.count("ranked_requirements", len(lines), at_least=len(requirements))
    return lines


async def choose(run: Run, ranking: list[Json]) -> None:
    """A feature for each requirement, worth its score; the days are made up, from 5 to 25."""

    async def shape() -> None:
        for place, each in enumerate(ranking):
            feature = {
                "title": each["title"],
                "requirement_ids": [each["requirement_id"]],
                "effort_days": 5 + 5 * (place % 5),
                "value": round(each["score"], 2),
            }
            await run.api.post("/v1/features", feature)

    await run.timed("features_shaped", shape)
    body = {"budgets": {"effort_days": BUDGET_DAYS}}
    started = await run.timed("chosen", lambda: _operate(run.api, "/v1/optimizations", body))
    optimization = await run.api.get(f"/v1/optimizations/{started['optimization_id']}")
    proposal = optimization["proposal"]
    run.count("features_chosen", len(proposal["chosen"]), at_least=1)
    run.count("gap", proposal["gap"])
    remark(f"{proposal['status']}: worth {proposal['objective']:g}, no plan is worth more than {proposal['bound']:g}")


async def _operate(api: Api, path: str, body: Json) -> Json:
    started = await api.post(path, body)
    await api.follow(started)
    return started


async def main(url: str, key: str) -> int:
    lines = list(reviews(Path(os.environ["FULLCIRCLE_DATA"])))
    remark_load("before")
    async with Api(url, key, patience_s=PATIENCE_S, timeout=120) as api:
        run = Run(api)
        await listen(run, lines)
        themes = await find_themes(run)
        requirements = await write_requirements(run, themes)
        await choose(run, await prioritize(run, requirements))
    remark_load("after")
    return exit_code(run.figures)


def on_a_stack_of_its_own() -> int:
    with own_home() as home, running_stack(home) as stack:
        return asyncio.run(main(stack.url, stack.key or ""))


if __name__ == "__main__":
    if "FULLCIRCLE_DATA" not in os.environ or len(sys.argv) not in {1, 3}:
        sys.exit((__doc__ or "").strip())
    sys.exit(asyncio.run(main(*sys.argv[1:])) if len(sys.argv) == 3 else on_a_stack_of_its_own())
