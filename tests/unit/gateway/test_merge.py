"""One document of several."""

import pytest

from gateway.documents.merge import DocumentClash, merge


def document(path: str, name: str, *, tag: str = "Features", schemas: dict | None = None) -> dict:
    return {
        "paths": {
            path: {"get": {"operationId": name, "tags": [tag], "responses": {}}},
            "/internal/feed": {"get": {"operationId": f"{name}_feed", "responses": {}}},
        },
        "components": {"schemas": {"Problem": {"type": "object"}, **(schemas or {})}},
    }


def test_public_paths_come_together_grouped_by_job():
    merged = merge(
        {
            "metrics": document("/v1/kpis", "kpis_list", tag="KPIs"),
            "requirements": document("/v1/feedback", "feedback_list", tag="Feedback"),
        },
        version="1.2.3",
    )
    assert list(merged["paths"]) == ["/v1/feedback", "/v1/kpis"]
    assert [tag["name"] for tag in merged["tags"]] == ["Feedback", "KPIs"]
    assert merged["x-tagGroups"][0] == {"name": "Collect feedback", "tags": ["Feedback"]}
    assert merged["components"]["schemas"] == {"Problem": {"type": "object"}}
    assert merged["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert (merged["openapi"], merged["info"]["version"]) == ("3.1.0", "1.2.3")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            document("/v1/a", "a", schemas={"X": {"type": "string"}}),
            document("/v1/b", "b", schemas={"X": {"type": "null"}}),
        ),
        (document("/v1/a", "same"), document("/v1/b", "same")),
        (document("/v1/a", "a"), document("/v1/a", "other")),
    ],
    ids=["component", "operation id", "path"],
)
def test_two_meanings_of_one_name_are_refused(first, second):
    with pytest.raises(DocumentClash):
        merge({"roadmap": first, "metrics": second}, version="1")
