import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.basic import bearer_of
from services.chassis.errors import BadRequest
from services.metrics.adapters.segment.messages import read_batch, read_json, read_message

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA = {"userId": "ada", "messageId": "m1", "timestamp": "2026-06-01T11:00:00Z"}


def read(kind, **said):
    return read_message(kind, {**ADA, **said}, NOW)


def test_a_track_is_an_event_with_its_plain_properties():
    given_properties = {
        "revenue": 9.5,
        "plan": "pro",
        "new": True,
        "items": [1],
        "nested": {},
        "none": None,
        "a\x00": 1,
    }
    message = read("track", event="Order Completed", properties=given_properties, somethingNew={"a": 1})
    assert (message.name, message.person, message.message_id) == ("Order Completed", "ada", "m1")
    assert message.properties == {"revenue": 9.5, "plan": "pro", "new": True}


def test_pages_screens_and_groups_have_names_of_their_own():
    assert read("page", name="Pricing", properties={"path": "/"}).properties == {"name": "Pricing", "path": "/"}
    assert read("screen", name="Inbox").name == "Screen Viewed"
    group = read("group", groupId="acme", traits={"email": "ada@example.org"})
    assert (group.name, group.account, group.properties) == ("Group Joined", "acme", {})


def test_people_are_linked_and_their_traits_left_out():
    assert read("identify", anonymousId="b", traits={"email": "ada@example.org"}).link == ("b", "ada")
    assert read("alias", previousId="b").link == ("b", "ada")
    assert read("track", event="E", anonymousId="b").link == ("b", "ada")
    assert read("identify") is None


def test_a_wrong_clock_is_set_right_by_when_it_says_it_sent():
    ahead = {"timestamp": "2027-01-01T00:00:00Z", "sentAt": "2027-01-01T00:05:00Z"}
    assert read("track", event="E", **ahead).occurred_at == NOW - timedelta(minutes=5)
    assert read("track", event="E").occurred_at == NOW - timedelta(hours=1)
    assert read("track", event="E", timestamp="yesterday").occurred_at == NOW
    assert read("track", event="E", timestamp="0001-01-01T00:00:00Z", sentAt="9999-12-31T00:00:00Z").occurred_at == NOW


@pytest.mark.parametrize(
    "said", [{"event": None}, {"event": ""}, {"event": "E", "userId": None}, {"event": ["E"]}, {"event": {"a": 1}}]
)
def test_what_cannot_be_used_is_dropped(said):
    assert read("track", **said) is None
    assert list(read_batch({"batch": [{"type": "track", **ADA, **said}, 7, {"type": "dance"}]}, received_at=NOW)) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"a":' * 100_000])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(BadRequest):
        read_json(body)


@pytest.mark.parametrize("batch", [None, {}, [{}] * 2_501])
def test_what_is_no_batch_is_refused(batch):
    with pytest.raises(BadRequest):
        list(read_batch({"batch": batch}, received_at=NOW))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from(
    ["type", "event", "userId", "anonymousId", "timestamp", "sentAt", "properties", "context", "groupId", "previousId"]
)


@given(st.lists(st.dictionaries(fields, anything), max_size=4))
def test_no_message_does_more_than_be_dropped(batch):
    for message in read_batch({"batch": batch, "sentAt": "2026-06-01T00:00:00Z"}, received_at=NOW):
        json.dumps(dict(message.properties))


def test_basic_authentication_carries_the_key_as_the_user():
    shown = b"Basic " + base64.b64encode(b"fc_live_abc:")
    assert bearer_of(shown) == b"Bearer fc_live_abc"
    assert bearer_of(b"Bearer fc_live_abc") == b"Bearer fc_live_abc"
    assert bearer_of(b"Basic ***") == b"Basic ***"
