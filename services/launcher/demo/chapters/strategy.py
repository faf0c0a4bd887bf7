"""Why: a vision, a need with its pain, and an objective that a KPI tells."""

from services.launcher.demo import sample
from services.launcher.demo.api import StepFailed
from services.launcher.demo.story import Story, Told


async def set_out(story: Story) -> Told:
    named = {"name": f"Harbour {story.run}"}
    story.product = await story.api.post("/v1/products", sample.PRODUCT | named)
    segment = await story.api.post("/v1/market-segments", sample.SEGMENT | {"name": f"Small firms {story.run}"})
    segment_ids = [segment["id"]]
    persona = {"name": f"Founder in the first week {story.run}", "market_segment_ids": segment_ids}
    story.persona = await story.api.post("/v1/personas", sample.PERSONA | persona)
    need = {"persona_ids": [story.persona["id"]], "market_segment_ids": segment_ids}
    story.need = await story.api.post("/v1/needs", sample.NEED | need)
    vision = {"product_id": story.product["id"], "need_ids": [story.need["id"]], "market_segment_ids": segment_ids}
    story.vision = await story.api.post("/v1/visions", sample.VISION | vision)
    opportunity = f"an opportunity of {story.need['opportunity']} of 19"
    return Told(f"A vision, a persona, and a need: “{story.need['title']}”, {opportunity}", story.vision["id"])


async def find_the_pain(story: Story) -> Told:
    """The need's pain is what customers were heard to say; the requirement that ends it is named with it."""
    wanted = sample.FIRST_STEPS.requirement
    theme = story.themes.get(wanted)
    story.pain = await story.api.post(
        "/v1/pain-points",
        sample.PAIN
        | {
            "need_id": story.need["id"],
            "requirement_ids": [story.requirements[wanted]["id"]],
            "theme_ids": [theme["id"]] if theme else [],
        },
    )
    grounds = await story.api.get(f"/v1/needs/{story.need['id']}/grounds")
    return Told(f"“{story.pain['title']}”: {grounds['feedback_count']} customers say so", story.pain["id"])


async def set_objective(story: Story) -> Told:
    story.objective = await story.api.post(
        "/v1/objectives",
        {
            "title": "New users find their feet, and stay",
            "key_results": [
                {
                    "title": "More than a third of new accounts send an invoice in their first week",
                    "kpi_id": story.kpi["id"],
                    "start_value": sample.ACTIVATION_BEFORE,
                    "target_value": 36,
                }
            ],
        },
    )
    return Told(f"“{story.objective['title']}”, told by the activation rate", story.objective["id"])


async def cover(story: Story) -> Told:
    found = await story.api.get("/v1/strategy/coverage")
    open_needs = {each["need_id"] for each in found["needs_without_features"]["items"]}
    if story.need["id"] in open_needs:
        raise StepFailed("a feature answers the need, and the coverage does not see it")
    needless = found["features_without_need"]["count"]
    return Told(f"The need is answered; {needless} features answer none that was written down", story.need["id"])
