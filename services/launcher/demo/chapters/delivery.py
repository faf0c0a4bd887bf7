"""Teams agree, and a feature ships."""

from datetime import timedelta

from services.launcher.demo import sample
from services.launcher.demo.api import StepFailed
from services.launcher.demo.story import Story, Told


async def coordinate(story: Story) -> Told:
    feature = story.features[sample.FIRST_STEPS.feature]
    due_on = (story.now + timedelta(days=30)).date().isoformat()
    team = await story.api.post("/v1/teams", {"name": f"Crew {story.run}", "staff": [{"skill": "code", "people": 2}]})
    story.release = await story.api.post(
        "/v1/releases", {"name": f"First steps {story.run}", "target_on": due_on, "feature_ids": [feature["id"]]}
    )
    telling = {"title": "Tell those who asked for it", "function": "support", "is_blocking": False}
    await story.api.post(f"/v1/releases/{story.release['id']}/work-packages", telling)
    asked = {"team_id": team["id"], "title": feature["title"], "feature_id": feature["id"], "due_on": due_on}
    commitment = await story.api.post("/v1/commitments", asked)
    await story.api.post(f"/v1/commitments/{commitment['id']}/answers", {"answer": "accept"})
    owed = (await story.api.get(f"/v1/teams/{team['id']}/brief"))["owes"]
    waiting = await story.api.get(f"/v1/releases/{story.release['id']}/readiness")
    if waiting["is_ready"] or [each["id"] for each in owed] != [commitment["id"]]:
        raise StepFailed("a release with an unshipped feature is ready, or a team does not know what it owes")
    return Told(f"{team['name']} accepts; the release waits for “{waiting['blockers'][0]['title']}”", team["id"])


async def ship(story: Story) -> Told:
    feature = story.features[sample.FIRST_STEPS.feature]
    step = {"to": "shipped", "at": story.shipped_at.isoformat(), "actual_effort_days": 14}
    shipped = await story.api.post(f"/v1/features/{feature['id']}/transitions", step)
    await story.api.post(f"/v1/releases/{story.release['id']}/launch", {})
    return Told(f"“{shipped['title']}” shipped on {story.shipped_at:%d %B %Y}, and the release is out", shipped["id"])
