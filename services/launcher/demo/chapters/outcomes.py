"""What is measured, who is told of it, and what the next promises learn from it."""

from collections import Counter

from services.launcher.demo import sample
from services.launcher.demo.api import Json, StepFailed
from services.launcher.demo.story import Story, Told


async def define_kpi(story: Story) -> Told:
    story.kpi = await story.api.post(
        "/v1/kpis",
        {
            "name": f"Activation rate {story.run}",
            "description": "Share of new accounts that send an invoice in their first week.",
            "unit": "%",
            "aggregation": "average",
            "direction": "up",
            "negligible_change": 0.5,
        },
    )
    lines = sample.activation(kpi_id=story.kpi["id"], run=story.run, shipped_at=story.shipped_at)
    await story.api.post_lines("/v1/measurements/bulk", lines)
    return Told(f"Activation rate, {len(lines)} days of it", story.kpi["id"])


async def measure(story: Story) -> Told:
    feature_id = story.features[sample.FIRST_STEPS.feature]["id"]

    async def judged() -> Json | None:
        outcomes = (await story.api.get(f"/v1/features/{feature_id}"))["outcomes"]
        return outcomes[0] if outcomes else None

    story.outcome = outcome = await story.api.until(judged, what="roadmap has taken in the outcome")
    if outcome["verdict"] != "improved":
        raise StepFailed(f"the verdict is {outcome['verdict']}, and the sample was made to improve")
    interval = f"{outcome['effect_low']:.1f} to {outcome['effect_high']:.1f}"
    return Told(f"improved: {outcome['effect']:+.1f} points, surely {interval}", outcome["outcome_id"])


async def tell(story: Story) -> Told:
    requirement_id = story.requirements[sample.FIRST_STEPS.requirement]["id"]
    path = f"/v1/follow-ups?requirement_id={requirement_id}"

    async def measured() -> list[Json] | None:
        told = (await story.api.get(path))["items"]
        return [each for each in told if each["event"] == "measured"] or None

    told = await story.api.until(measured, what="those who asked have been told of the verdict")
    story.follow_up = told[0]
    if any(each["verdict"] != story.outcome["verdict"] for each in told):
        raise StepFailed("somebody was told another verdict than was measured")
    return Told(f"{len(told)} who asked: “{story.follow_up['subject']}”", story.follow_up["id"])


async def learn(story: Story) -> Told:
    """What was measured corrects what is still only promised; the comparison says what that moves."""
    asked = {"prioritization_id": story.ranking["id"]}
    proposal = await story.api.post("/v1/calibration-proposals", asked)
    story.proposal = await story.api.post(f"/v1/calibration-proposals/{proposal['id']}/accept", {})
    compared = await story.api.get(f"/v1/prioritizations/{story.proposal['prioritization_id']}/comparison")
    shares = [move["score_change"]["contributions"] for move in compared["moves"]]
    if any(share and name != proposal["input"] for each in shares for name, share in each.items()):
        raise StepFailed("a score moved by something else than the corrected promise")
    return Told(f"Each promise of the ranking times {proposal['factor']:.2f}, and ranked anew", proposal["id"])


async def trace(story: Story) -> Told:
    """The same chain from each end: from the persona and the words to the verdict, and from the verdict back."""
    words, verdict = story.quoted, story.outcome["outcome_id"]
    await _chain(story, words, verdict)
    await _chain(story, story.persona["id"], verdict)
    chain = await _chain(story, verdict, words)
    kinds = Counter(node["type"] for node in chain["nodes"])
    return Told(f"{kinds['feedback']} customers' words lead to the outcome and back, link by link", words)


async def _chain(story: Story, start: str, end: str) -> Json:
    async def whole() -> Json | None:
        chain = await story.api.get(f"/v1/trace/{start}")
        return chain if end in {node["id"] for node in chain["nodes"]} else None

    return await story.api.until(whole, what=f"the chain from {start} reaches {end}")
