import contextlib
import json
from datetime import UTC, datetime

import pytest
from google.protobuf.json_format import MessageToJson, ParseDict
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from services.chassis.errors import BadRequest
from services.metrics.adapters.otlp.messages import JSON, PROTOBUF, Shape, read_points, write_answer

POINT = {"timeUnixNano": "1780000000000000000", "attributes": [{"key": "plan", "value": {"stringValue": "pro"}}]}


def request(**metric):
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    scopes = [{"metrics": [{"name": "m", **metric}]}]
    return {"resourceMetrics": [{"resource": resource, "scopeMetrics": scopes}], "unknownField": 1}


def read(**metric):
    document = request(**metric)
    message = ParseDict(document, ExportMetricsServiceRequest(), ignore_unknown_fields=True)
    as_json = read_points(json.dumps(document).encode(), JSON)
    assert read_points(message.SerializeToString(), PROTOBUF) == as_json
    return as_json


def test_a_gauge_is_a_figure_with_its_attributes():
    (point,) = read(gauge={"dataPoints": [POINT | {"asDouble": 2.5}]})
    assert (point.metric, point.shape, point.value, point.weight) == ("m", Shape.GAUGE, 2.5, 1)
    assert point.attributes == {"plan": "pro", "service.name": "shop"}
    assert point.at == datetime.fromtimestamp(1_780_000_000, UTC)


@pytest.mark.parametrize(
    ("kind", "temporality", "shape"),
    [
        ("sum", 1, Shape.DELTA_SUM),
        ("sum", 2, Shape.CUMULATIVE_SUM),
        ("histogram", 1, Shape.DELTA_HISTOGRAM),
        ("histogram", 2, Shape.OTHER),
        ("exponentialHistogram", 1, Shape.DELTA_HISTOGRAM),
    ],
)
def test_sums_and_histograms_by_what_they_are(kind, temporality, shape):
    figures = {"asInt": "4"} if kind == "sum" else {"sum": 4, "count": "2"}
    (point,) = read(**{kind: {"aggregationTemporality": temporality, "dataPoints": [POINT | figures]}})
    assert (point.shape, point.value, point.weight) == (shape, 4, 1 if kind == "sum" else 2)


def test_a_point_sent_again_has_the_same_key_and_another_has_not():
    once, again, later, other = (
        read(gauge={"dataPoints": [POINT | {"asInt": "1"} | differing]})[0].key
        for differing in ({}, {}, {"timeUnixNano": "1780000001000000000"}, {"attributes": []})
    )
    assert once == again
    assert len({once, later, other}) == 3


def test_what_says_no_figure_is_left_out():
    points = [POINT | {"asDouble": "NaN"}, POINT | {"flags": 1}, POINT | {"asDouble": 1e300}]
    assert read(gauge={"dataPoints": points}) == []


@pytest.mark.parametrize("media_type", [JSON, PROTOBUF])
@given(st.binary(max_size=60))
def test_what_is_no_request_is_refused(media_type, body):
    with contextlib.suppress(BadRequest):
        assert isinstance(read_points(body, media_type), list)


def test_a_deep_body_is_refused():
    with pytest.raises(BadRequest):
        read_points(b'{"resourceMetrics":' + b"[" * 50_000, JSON)


def test_what_was_not_taken_in_is_told():
    answer = ExportMetricsServiceResponse.FromString(write_answer(3, "No KPI.", PROTOBUF))
    assert (answer.partial_success.rejected_data_points, answer.partial_success.error_message) == (3, "No KPI.")
    assert json.loads(write_answer(0, "", JSON)) == {}
    assert json.loads(MessageToJson(answer)) == json.loads(write_answer(3, "No KPI.", JSON))
