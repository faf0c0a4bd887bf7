"""Keys that may do little, or only from somewhere: form keys and source networks."""

import time

import pytest

FORM = {"name": "Contact page", "kind": "form", "allowed_origins": ["https://www.example.com"]}


async def made(gateway, **key):
    answer = await gateway.client().post("/v1/api-keys", json=key)
    assert answer.status_code == 201, answer.text
    return answer.json()


class TestFormKeys:
    async def test_a_form_key_submits_forms_and_does_nothing_else(self, gateway, shared_service):
        key = await made(gateway, **FORM)
        assert key["key"].startswith("fc_pub_")
        assert (key["kind"], key["role"], key["scopes"]) == ("form", "contributor", ["forms:submit"])
        page = gateway.client(key["key"])
        for path in ("/v1/me", "/v1/workspace", "/v1/api-keys", "/v1/event-log", "/v1/trace/" + key["id"]):
            refused = await page.get(path)
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), path
        assert (await page.post("/v1/forms/contact/submissions", json={})).status_code == 200
        token = shared_service.heard[-1].headers["authorization"]
        assert "fc_pub_" not in token

    @pytest.mark.parametrize("more", [{"role": "admin"}, {"scopes": ["feedback:read"]}, {"scopes": ["forms:*"]}])
    async def test_a_form_key_cannot_be_made_to_do_more(self, gateway, more):
        refused = await gateway.client().post("/v1/api-keys", json=FORM | more)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid")

    async def test_a_rotated_form_key_is_one_too(self, gateway):
        old = await made(gateway, **FORM)
        new = (await gateway.client().post(f"/v1/api-keys/{old['id']}/rotate", json={})).json()
        assert (new["kind"], new["scopes"], new["key"][:7]) == ("form", ["forms:submit"], "fc_pub_")
        assert new["allowed_origins"] == FORM["allowed_origins"]

    @pytest.mark.parametrize("options", [{"forms_per_minute": 2}])
    async def test_one_visitor_cannot_send_forms_without_end(self, gateway):
        page = gateway.client((await made(gateway, **FORM))["key"])
        answers = [await page.post("/v1/forms/contact/submissions", json={}) for _ in range(3)]
        assert [each.status_code for each in answers] == [200, 200, 429]
        assert int(answers[2].headers["retry-after"]) > 0
        other = gateway.client((await made(gateway, **FORM))["key"])
        assert (await other.post("/v1/forms/contact/submissions", json={})).status_code == 200


class TestSubmitKeys:
    async def test_a_key_that_only_submits_may_not_even_ask_who_it_is(self, gateway):
        key = await made(gateway, name="Web analytics", scopes=["usage-events:submit"])
        answer = await gateway.client(key["key"]).get("/v1/me")
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")

    async def test_who_may_write_metrics_may_submit(self, gateway):
        key = await made(gateway, name="Server", role="planner", scopes=["metrics:write"])
        told = (await gateway.client(key["key"]).get("/v1/me")).json()
        assert set(told["scopes"]) == {"metrics:write", "usage-events:submit"}


class TestNetworks:
    async def test_a_key_is_refused_from_elsewhere(self, gateway):
        far = await made(gateway, name="x", role="viewer", allowed_networks=["203.0.113.0/24"])
        near = await made(gateway, name="y", role="viewer", allowed_networks=["127.0.0.0/8", "::1/128"])
        refused = await gateway.client(far["key"]).get("/v1/features")
        assert (refused.status_code, refused.json()["code"]) == (403, "network_not_allowed")
        lie = {"X-Forwarded-For": "203.0.113.9"}
        assert (await gateway.client(far["key"]).get("/v1/features", headers=lie)).status_code == 403
        assert (await gateway.client(near["key"]).get("/v1/features")).status_code == 200

    async def test_networks_change_within_a_second(self, gateway):
        key = await made(gateway, name="x", role="viewer")
        client, path = gateway.client(key["key"]), f"/v1/api-keys/{key['id']}"
        assert (await client.get("/v1/features")).status_code == 200
        change = {"allowed_networks": ["203.0.113.0/24"]}
        changed = await gateway.client().patch(path, json=change, headers={"If-Match": key["etag"]})
        assert changed.json()["allowed_networks"] == ["203.0.113.0/24"]
        began = time.monotonic()
        while (await client.get("/v1/features")).status_code != 403:
            assert time.monotonic() - began < 1
        stale = await gateway.client().patch(path, json={"name": "y"}, headers={"If-Match": key["etag"]})
        assert stale.status_code == 412

    @pytest.mark.parametrize("network", ["203.0.113.7/24", "office", "1.2.3.4/33", "::/129", "1.2.3"])
    async def test_what_is_no_network_is_refused(self, gateway, network):
        body = {"name": "x", "allowed_networks": [network]}
        refused = await gateway.client().post("/v1/api-keys", json=body)
        assert refused.json()["errors"][0]["pointer"] == "/allowed_networks/0"
