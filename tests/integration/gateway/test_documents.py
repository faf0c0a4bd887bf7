"""The merged document and its page, without a key and without the services."""

import re


async def test_the_document_is_whole_while_services_are_down(gateway, shared_service):
    got = await gateway.client(None).get("/openapi.json")
    document = got.json()
    assert {"/v1/features", "/v1/me", "/v1/api-keys/{api_key_id}/rotate"} <= set(document["paths"])
    assert not any(path.startswith("/internal") for path in document["paths"])
    assert shared_service.heard == []
    again = await gateway.client(None).get("/openapi.json", headers={"If-None-Match": got.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_page_loads_nothing_from_elsewhere_and_has_no_inline_script(gateway):
    client = gateway.client(None)
    page = await client.get("/docs")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert re.findall(r"<script(?![^>]*\bsrc=)", page.text) == []
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(links) >= 5
    for link in links:
        assert link.startswith("/")
        assert (await client.get(link)).status_code == 200, link


async def test_an_unknown_asset_is_a_problem(gateway):
    got = await gateway.client(None).get("/docs/../secrets")
    assert got.status_code in {400, 404}
    got = await gateway.client(None).get("/docs/nothing.js")
    assert (got.status_code, got.json()["code"]) == (404, "not_found")


async def test_every_answer_of_the_gateway_names_its_problems(gateway):
    document = (await gateway.client(None).get("/openapi.json")).json()
    for path in ("/v1/me", "/v1/api-keys", "/v1/workspace"):
        responses = document["paths"][path]["get"]["responses"]
        assert {"401", "403", "429", "503"} <= set(responses)
