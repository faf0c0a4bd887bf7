"""One search over words and meanings: typos, filters, facets, and where the words stand."""

import httpx

from services.chassis.following import Following
from tests.integration.requirements.test_themes import DARK, EXPORT, LOGIN


async def collect(api: httpx.AsyncClient, following: Following) -> None:
    for source, texts in (("zendesk", EXPORT), ("intercom", DARK), ("api", LOGIN)):
        for text in texts:
            said = {"text": text, "source": source, "occurred_at": "2026-01-31T23:30:00-05:00"}
            assert (await api.post("/v1/feedback", json=said)).status_code == 201
    await following.consumer("after_intake").catch_up()


async def test_words_and_meanings_are_found_together(api: httpx.AsyncClient, following: Following) -> None:
    await collect(api, following)
    found = (await api.get("/v1/search", params={"q": "night theme", "limit": 8})).json()
    texts = [hit["excerpt"] for hit in found["hits"]]
    assert set(texts) <= set(DARK)
    assert "When will there be a dark mode?" in texts, "found by its meaning: it has neither word"
    assert [hit["score"] for hit in found["hits"]] == sorted((hit["score"] for hit in found["hits"]), reverse=True)
    for hit in found["hits"]:
        for place in hit["highlights"]:
            assert hit["excerpt"][place["start"] : place["end"]].lower() in {"night", "theme"}
    assert any(hit["highlights"] for hit in found["hits"])
    assert found["corrected"] is None


async def test_facets_and_filters_agree(api: httpx.AsyncClient, following: Following) -> None:
    await collect(api, following)
    found = (await api.get("/v1/search", params={"q": "password", "limit": 100})).json()
    assert found["found"] == len(found["hits"]) == 24
    assert {each["value"]: each["count"] for each in found["facets"]["source"]} == {
        "api": 8, "intercom": 8, "zendesk": 8
    }  # fmt: skip
    assert found["facets"]["month"] == [{"value": "2026-02", "count": 24}]
    narrowed = (await api.get("/v1/search", params={"q": "password", "source": "api"})).json()
    assert {hit["source"] for hit in narrowed["hits"]} == {"api"}
    assert narrowed["found"] == 8
    none = (await api.get("/v1/search", params={"q": "password", "source": "nobody"})).json()
    assert (none["hits"], none["found"], none["facets"]["source"]) == ([], 0, [])


async def test_a_typo_is_taken_for_what_was_meant(api: httpx.AsyncClient, following: Following) -> None:
    await collect(api, following)
    found = (await api.get("/v1/search", params={"q": "pasword reset", "limit": 2})).json()
    assert found["corrected"] == "password reset"
    assert {hit["excerpt"] for hit in found["hits"]} <= set(LOGIN)
    assert (await api.get("/v1/search", params={"q": "xyzzyplugh"})).json()["corrected"] is None


async def test_nothing_a_caller_types_breaks_it(api: httpx.AsyncClient, following: Following) -> None:
    await api.post("/v1/feedback", json={"text": "Odd \ue000 mark\ue001s and 'quotes' \\ & | ! <b>bold</b>"})
    await following.consumer("after_intake").catch_up()
    for q in ("'", "\\", "a & | ! (", '"', "<b>", "-", "the", "\ue000", "%", "bold' OR '1'='1"):
        answer = await api.get("/v1/search", params={"q": q})
        assert answer.status_code == 200, q
    (hit,) = (await api.get("/v1/search", params={"q": "bold quotes"})).json()["hits"]
    assert "<b>bold</b>" in hit["excerpt"]
    for parameters in ({}, {"q": ""}, {"q": "x\x00"}, {"q": "x" * 501}, {"q": "x", "limit": "0"}):
        assert (await api.get("/v1/search", params=parameters)).status_code == 422
