"""A path finds the route that trying one after another would find."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Match

from services.chassis.route_index import RouteIndex, include, routes_of

TEMPLATES = (
    "/v1/features",
    "/v1/features/{feature_id}",
    "/v1/features/by-name",
    "/v1/features/{feature_id}/transitions",
    "/v1/kpis",
    "/internal/feed",
    "/livez",
    "/docs/{name}",
)
METHODS = ("GET", "POST", "DELETE")
SEGMENTS = st.sampled_from(
    ["v1", "features", "by-name", "transitions", "kpis", "internal", "feed", "livez", "docs", ""]
)


def router() -> APIRouter:
    made = APIRouter()
    for template in TEMPLATES:
        for method in METHODS[:2]:

            async def answer() -> str:
                return "here"

            made.add_api_route(template, answer, methods=[method], name=f"{method} {template}")
    return made


ONE_AFTER_ANOTHER = router().routes
APP = FastAPI()
include(APP, [router()])


@given(path=st.lists(SEGMENTS, max_size=5).map(lambda words: "/" + "/".join(words)), method=st.sampled_from(METHODS))
def test_it_finds_what_a_search_would_find(path: str, method: str) -> None:
    scope = {"type": "http", "path": path, "method": method}
    tried = [route.matches(scope) for route in ONE_AFTER_ANOTHER]
    best = next((each for each in tried if each[0] is Match.FULL), None) or next(
        (each for each in tried if each[0] is Match.PARTIAL), (Match.NONE, {})
    )
    (index,) = (route for route in APP.routes if isinstance(route, RouteIndex))
    match, child = index.matches(scope)
    assert match is best[0]
    assert child.get("path_params") == best[1].get("path_params")
    assert getattr(child.get("route"), "name", None) == getattr(best[1].get("route"), "name", None)


async def test_it_answers_and_refuses_methods() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://x") as client:
        assert (await client.get("/v1/features/by-name")).json() == "here"
        assert (await client.delete("/v1/features/1")).status_code == 405
        assert (await client.get("/v1/unknown")).status_code == 404


def test_every_route_can_still_be_listed() -> None:
    assert len(ONE_AFTER_ANOTHER) == len([each for each in routes_of(APP) if getattr(each, "path", "") in TEMPLATES])


@pytest.mark.parametrize("template", ["/v1/{noun}", "/v1/files/{name:path}"])
def test_a_path_that_it_could_not_find_is_refused_at_the_start(template: str) -> None:
    odd = APIRouter()
    odd.add_api_route(template, lambda: None)
    with pytest.raises(ValueError, match="cannot be told"):
        include(FastAPI(), [odd])
