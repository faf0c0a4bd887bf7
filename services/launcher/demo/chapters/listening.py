"""Customers speak, and their words become themes."""

from collections import Counter
from functools import partial

from services.launcher.demo import sample
from services.launcher.demo.api import Json, StepFailed
from services.launcher.demo.sample import WISHES, Wish
from services.launcher.demo.story import Story, Told

PAGE = 200
SAID_ALIKE = 3

VOICES = {voice: wish for wish in WISHES for voice in wish.voices}
"""Whose wish each sentence is, whichever run of the story it was said in."""


async def collect_feedback(story: Story) -> Told:
    lines = sample.feedback(run=story.run, now=story.now)
    ids = await story.api.post_lines("/v1/feedback/bulk", lines)
    story.feedback = {id_: VOICES[line["text"]] for id_, line in zip(ids, lines, strict=True)}
    companies = len(sample.COMPANIES)
    return Told(f"{len(ids)} pieces of feedback from {companies} firms, the first in their words", ids[0])


async def build_themes(story: Story) -> Told:
    await story.api.until(partial(_is_understood, story), what="every piece of feedback has a meaning")
    await story.api.follow(await story.api.post("/v1/themes/rebuild", {}))
    async for theme in story.api.items("/v1/themes", limit=PAGE):
        wish = await _wish_of(story, theme)
        if wish and wish.requirement not in story.themes:
            story.themes[wish.requirement] = theme
    if len(story.themes) < SAID_ALIKE:
        raise StepFailed(f"only {len(story.themes)} of {len(WISHES)} wishes were recognised as themes")
    first = next(iter(story.themes.values()))
    return Told(f"{len(story.themes)} of {len(WISHES)} wishes found again; one is “{first['name']}”", first["id"])


async def _is_understood(story: Story) -> bool | None:
    for feedback_id in (next(iter(story.feedback)), next(reversed(story.feedback))):
        if not await story.api.get(f"/v1/feedback/{feedback_id}/similar"):
            return None
    return True


async def _wish_of(story: Story, theme: Json) -> Wish | None:
    said = (await story.api.get("/v1/feedback", theme_id=theme["id"], limit=PAGE))["items"]
    wishes = Counter(wish.requirement for piece in said if (wish := VOICES.get(piece["text"])))
    most = wishes.most_common(1)
    if not most or most[0][1] * 2 <= wishes.total():
        return None
    return next(wish for wish in WISHES if wish.requirement == most[0][0])
