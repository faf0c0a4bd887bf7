"""Paths to services."""

import pytest

from gateway.proxy.route_table import RouteClash, RouteTable


def document(*templates: str) -> dict:
    return {"paths": {template: {"get": {}, "parameters": []} for template in templates}}


TABLE = RouteTable(
    {
        "requirements": document("/v1/feedback", "/v1/feedback/{feedback_id}", "/v1/feedback/bulk/{name}"),
        "roadmap": document("/v1/features/{feature_id}/transitions", "/internal/feed", "/v1/operations/{operation_id}"),
        "metrics": document("/v1/operations/{operation_id}", "/v1/kpis/{kpi_id}"),
    }
)


@pytest.mark.parametrize(
    ("path", "service", "template"),
    [
        ("/v1/feedback", "requirements", "/v1/feedback"),
        ("/v1/feedback/1", "requirements", "/v1/feedback/{feedback_id}"),
        ("/v1/feedback/bulk", "requirements", "/v1/feedback/{feedback_id}"),
        ("/v1/feedback/bulk/a", "requirements", "/v1/feedback/bulk/{name}"),
        ("/v1/features/1/transitions", "roadmap", "/v1/features/{feature_id}/transitions"),
        ("/v1/operations/roadmap_1", "roadmap", "/v1/operations/{operation_id}"),
        ("/v1/operations/metrics_1", "metrics", "/v1/operations/{operation_id}"),
    ],
)
def test_a_path_finds_its_service(path, service, template):
    route, owner = TABLE.match(path)
    assert (owner, route.template) == (service, template)


@pytest.mark.parametrize(
    "path",
    ["/", "", "/v1", "/v1/", "/v1/feedback/", "/v1//feedback", "/v1/features/1", "/internal/feed", "/v2/feedback",
     "/v1/operations/requirements_1", "/v1/operations/1", "/v1/feedback/1/2/3"],
)  # fmt: skip
def test_other_paths_find_none(path):
    assert TABLE.match(path) is None


def test_two_owners_of_one_path_are_a_mistake():
    with pytest.raises(RouteClash, match="/v1/x is claimed by metrics and roadmap"):
        RouteTable({"roadmap": document("/v1/x"), "metrics": document("/v1/x")})


def test_a_route_is_public_only_where_its_document_says_so():
    paths = {"/v1/shared/{share_token}": {"get": {"security": []}, "post": {"security": [{"bearer": []}]}, "put": {}}}
    route, _ = RouteTable({"roadmap": {"paths": paths}}).match("/v1/shared/a")
    assert (route.public, TABLE.match("/v1/feedback")[0].public) == ({"GET"}, frozenset())
