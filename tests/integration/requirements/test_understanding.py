"""What feedback is: labelled after intake, corrected by people, and out of the way while it is spam."""

from typing import Any

import httpx

from services.chassis.following import Following
from tests.integration.requirements.test_themes import say

SPAM = "Congratulations, click the link now to win a free iphone and earn 5000 dollars a week from home"


async def labelled(api: httpx.AsyncClient, following: Following, *texts: str) -> list[dict[str, Any]]:
    ids = await say(api, *texts)
    await following.consumer("after_intake").catch_up()
    return [(await api.get(f"/v1/feedback-labels/{each}")).json() for each in ids]


async def test_labels_say_what_feedback_is_and_who_says_so(api: httpx.AsyncClient, following: Following) -> None:
    bug, praise, question, german = await labelled(
        api,
        following,
        "The app crashes whenever I open the camera",
        "I love it, the best tool we ever had",
        "How can I change the address on my invoice?",
        "Der Export bricht jeden Montag ab, und ich muss alles von Hand kopieren",
    )
    assert [each["kind"]["value"] for each in (bug, praise, question)] == ["bug", "praise", "question"]
    assert (praise["sentiment"]["value"], bug["sentiment"]["value"]) == ("positive", "negative")
    assert (bug["language"]["value"], german["language"]["value"]) == ("en", "de")
    assert bug["kind"] | {"probability": 0} == {
        "value": "bug", "probability": 0, "predicted": "bug", "model": "words-and-meaning-1", "is_corrected": False
    }  # fmt: skip
    assert 0.45 <= bug["kind"]["probability"] <= 1
    found = (await api.get("/v1/feedback-labels", params={"kind": "bug", "language": "en"})).json()["items"]
    assert [each["id"] for each in found] == [bug["id"]]
    assert (await api.get("/v1/feedback-labels", params={"kind": "rant"})).status_code == 422


async def test_a_person_knows_better_and_the_models_word_is_kept(api: httpx.AsyncClient, following: Following) -> None:
    (bug,) = await labelled(api, following, "The app crashes whenever I open the camera")
    path = f"/v1/feedback-labels/{bug['id']}"
    answer = await api.patch(path, json={"kind": "request"}, headers={"If-Match": bug["etag"]})
    assert answer.status_code == 200, answer.text
    kind = answer.json()["kind"]
    assert (kind["value"], kind["predicted"], kind["is_corrected"]) == ("request", "bug", True)
    assert answer.json()["corrected_by"] == "key:test"
    assert (await api.patch(path, json={"kind": "bug"}, headers={"If-Match": bug["etag"]})).status_code == 412
    assert (await api.patch(path, json={"kind": "rant"}, headers={"If-Match": "*"})).status_code == 422
    training = (await api.get("/v1/feedback-labels", params={"is_corrected": "true"})).json()["items"]
    assert [each["id"] for each in training] == [bug["id"]]
    change = {"text": "The app crashes whenever I open the camera, always"}
    await api.patch(f"/v1/feedback/{bug['id']}", json=change, headers={"If-Match": "*"})
    await following.consumer("after_intake").catch_up()
    assert (await api.get(path)).json()["kind"]["value"] == "request", "new words do not undo a person's"
    undone = (await api.patch(path, json={"kind": None}, headers={"If-Match": "*"})).json()
    assert (undone["kind"]["value"], undone["corrected_at"]) == ("bug", None)


async def test_spam_waits_and_can_be_released(api: httpx.AsyncClient, following: Following) -> None:
    spam, honest = await labelled(api, following, SPAM, "The app crashes whenever I open the camera")
    assert (spam["spam_status"], honest["spam_status"]) == ("quarantined", "clear")
    assert spam["spam_probability"] > 0.97 > honest["spam_probability"]

    async def is_found() -> bool:
        hits = (await api.get("/v1/search", params={"q": "free iphone"})).json()["hits"]
        return spam["id"] in {hit["feedback_id"] for hit in hits}

    assert not await is_found()
    released = (await api.post(f"/v1/feedback-labels/{spam['id']}/release")).json()
    assert released["spam_status"] == "released"
    await following.consumer("after_intake").catch_up()
    assert await is_found()
    assert (await api.post(f"/v1/feedback-labels/{spam['id']}/release")).status_code == 409
    again = {"text": SPAM + "!"}
    await api.patch(f"/v1/feedback/{spam['id']}", json=again, headers={"If-Match": "*"})
    await following.consumer("after_intake").catch_up()
    assert (await api.get(f"/v1/feedback-labels/{spam['id']}")).json()["spam_status"] == "released"
    await api.post(f"/v1/feedback-labels/{spam['id']}/quarantine")
    assert not await is_found()
    kinds = (await api.get("/v1/search", params={"q": "camera", "kind": "bug"})).json()
    assert [hit["feedback_id"] for hit in kinds["hits"]] == [honest["id"]]
    assert kinds["facets"]["kind"] == [{"value": "bug", "count": 1}]


async def test_repeats_share_a_key(api: httpx.AsyncClient, following: Following) -> None:
    one, two, other = await labelled(api, following, "It's down, again!", "it's   DOWN again", "It is down")
    assert one["repeat_key"] == two["repeat_key"] != other["repeat_key"]
    found = (await api.get("/v1/feedback-labels", params={"repeat_key": one["repeat_key"]})).json()["items"]
    assert {each["id"] for each in found} == {one["id"], two["id"]}


async def test_texts_without_words_have_no_labels_that_could_be_wrong(
    api: httpx.AsyncClient, following: Following
) -> None:
    for each in await labelled(api, following, "12345", "!!!", "🙂🙂🙂", "\u202e"):
        assert each["language"]["value"] is None
