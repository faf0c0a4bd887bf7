"""What a service shows to everybody comes with the policy that it has for its own page, and with no other."""

from tests.integration.gateway.faulty_service import answer

PAGE = b"content-type: text/html\r\ncontent-security-policy: default-src 'none'; style-src 'sha256-abc'\r\n"


async def test_a_page_brings_its_own_policy(gateway, shared_service):
    shared_service.script.append(answer(b"<p>Hello</p>", head=PAGE))
    got = await gateway.client(None).get("/v1/open/abc")
    assert (got.status_code, got.text) == (200, "<p>Hello</p>")
    assert got.headers.get_list("content-security-policy") == ["default-src 'none'; style-src 'sha256-abc'"]
    assert got.headers["x-content-type-options"] == "nosniff"
