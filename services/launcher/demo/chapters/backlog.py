"""Themes become requirements, and these are ranked."""

from services.launcher.demo import sample
from services.launcher.demo.api import Json, StepFailed
from services.launcher.demo.sample import WISHES, Wish
from services.launcher.demo.story import Story, Told


async def write_requirements(story: Story) -> Told:
    for wish in WISHES:
        theme = story.themes.get(wish.requirement)
        grounds = {"theme_id": theme["id"]} if theme else {"evidence": _quotes(story, wish)}
        estimates = {
            "reach": wish.reach,
            "impact": wish.impact,
            "confidence": wish.confidence,
            "effort": wish.effort_days / 20,
        }
        body = {"title": wish.requirement, "estimates": estimates, **grounds}
        story.requirements[wish.requirement] = await story.api.post("/v1/requirements", body)
    await _tie_requirements(story)
    first = story.requirements[sample.FIRST_STEPS.requirement]
    story.evidence = [quote async for quote in story.api.items(f"/v1/requirements/{first['id']}/evidence")]
    if not story.evidence:
        raise StepFailed("a requirement from a theme has no evidence")
    quotes = sum(requirement["evidence_count"] for requirement in story.requirements.values())
    return Told(f"{len(story.requirements)} requirements, resting on {quotes} quotes", first["id"])


async def _tie_requirements(story: Story) -> None:
    """The last wish rests on the first."""
    first, *_, last = story.requirements.values()
    tie = {
        "kind": "requires",
        "other_requirement_id": first["id"],
        "reason": "It goes on where the other one ends.",
    }
    await story.api.post(f"/v1/requirements/{last['id']}/relations", tie)


def _quotes(story: Story, wish: Wish) -> list[Json]:
    ids = [feedback_id for feedback_id, each in story.feedback.items() if each is wish]
    return [{"feedback_id": id_, "quote": voice} for id_, voice in zip(ids[:3], wish.voices[:3], strict=True)]


async def rank(story: Story) -> Told:
    ids = [requirement["id"] for requirement in story.requirements.values()]
    story.ranking = ranking = await story.api.post(
        "/v1/prioritizations", {"name": f"Demo {story.run}", "requirement_ids": ids}
    )
    titles = {requirement["id"]: title for title, requirement in story.requirements.items()}
    story.scores = {titles[line["requirement_id"]]: line["score"] for line in ranking["ranking"]}
    best = ranking["ranking"][0]
    return Told(f"First by RICE, {best['score']:,.0f}: “{best['title']}”", ranking["id"])
