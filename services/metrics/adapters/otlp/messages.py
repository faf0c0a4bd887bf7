"""Reads export requests, and writes their answers, in either of the protocol's two encodings."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import isfinite
from typing import Any

from services.chassis.errors import BadRequest

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST = 1e15
DELTA = 1


class Shape(StrEnum):
    """What a data point is, as far as it decides which KPIs can count it."""

    GAUGE = "gauge"
    DELTA_SUM = "delta sum"
    CUMULATIVE_SUM = "cumulative sum"
    DELTA_HISTOGRAM = "delta histogram"
    OTHER = "cumulative histogram or summary"


@dataclass(frozen=True)
class DataPoint:
    """One figure of one metric; of a histogram the sum, with how many values it is of as the weight."""

    metric: str
    shape: Shape
    at: datetime
    value: float
    weight: float
    attributes: Mapping[str, str]

    @property
    def key(self) -> str:
        """The same whenever an exporter sends the point again."""
        digest = hashlib.blake2b(digest_size=16)
        for part in (self.metric, self.at.isoformat(), *(f"{name}={text}" for name, text in self.attributes.items())):
            digest.update(part.encode() + b"\0")
        return f"otlp:{digest.hexdigest()}"


def read_points(body: bytes, media_type: str) -> list[DataPoint]:
    """Every data point that says a figure. Raises BadRequest for what is no export request."""
    from google.protobuf.json_format import Parse, ParseError  # noqa: PLC0415 -- few processes ever need it
    from google.protobuf.message import DecodeError  # noqa: PLC0415
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (  # noqa: PLC0415
        ExportMetricsServiceRequest,
    )

    request = ExportMetricsServiceRequest()
    try:
        if media_type == PROTOBUF:
            request.ParseFromString(body)
        else:
            Parse(body.decode(), request, ignore_unknown_fields=True, max_recursion_depth=64)
    except (DecodeError, ParseError, UnicodeDecodeError, RecursionError):
        raise BadRequest("The body is no export request of OTLP metrics.") from None
    return list(_points(request))


def write_answer(rejected: int, reason: str, media_type: str) -> bytes:
    """The answer, with what was not taken in."""
    from google.protobuf.json_format import MessageToJson  # noqa: PLC0415 -- as above
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (  # noqa: PLC0415
        ExportMetricsServiceResponse,
    )

    answer = ExportMetricsServiceResponse()
    if reason:
        answer.partial_success.rejected_data_points = rejected
        answer.partial_success.error_message = reason
    written: bytes = (
        answer.SerializeToString() if media_type == PROTOBUF else MessageToJson(answer, indent=None).encode()
    )
    return written


def _points(request: Any) -> Iterator[DataPoint]:
    for resource in request.resource_metrics:
        of_resource = _attributes(resource.resource.attributes)
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                yield from _points_of(metric, of_resource)


def _points_of(metric: Any, of_resource: Mapping[str, str]) -> Iterator[DataPoint]:
    kind = metric.WhichOneof("data")
    if kind is None:
        return
    data = getattr(metric, kind)
    is_delta = getattr(data, "aggregation_temporality", 0) == DELTA
    for point in data.data_points:
        figure = _figure(kind, point)
        if figure is None or point.flags & 1:  # no recorded value
            continue
        attributes = dict(sorted({**of_resource, **_attributes(point.attributes)}.items()))
        yield DataPoint(metric.name, _shape(kind, is_delta=is_delta), _time(point), *figure, attributes)


def _figure(kind: str, point: Any) -> tuple[float, float] | None:
    if kind in {"gauge", "sum"}:
        value, weight = getattr(point, point.WhichOneof("value") or "as_double"), 1.0
    else:
        value, weight = point.sum, float(point.count)
    return (float(value), weight) if isfinite(value) and abs(value) <= LARGEST else None


def _shape(kind: str, *, is_delta: bool) -> Shape:
    match kind:
        case "gauge":
            return Shape.GAUGE
        case "sum":
            return Shape.DELTA_SUM if is_delta else Shape.CUMULATIVE_SUM
        case "histogram" | "exponential_histogram" if is_delta:
            return Shape.DELTA_HISTOGRAM
        case _:
            return Shape.OTHER


def _time(point: Any) -> datetime:
    try:
        return EPOCH + timedelta(microseconds=point.time_unix_nano // 1_000)
    except OverflowError:
        return EPOCH


def _attributes(attributes: Iterable[Any]) -> dict[str, str]:
    """Plain values, as text."""
    kept = {}
    for each in attributes:
        kind = each.value.WhichOneof("value")
        if kind in {"string_value", "bool_value", "int_value", "double_value"}:
            value = getattr(each.value, kind)
            text = ("true" if value else "false") if kind == "bool_value" else str(value)
            kept[each.key.replace("\x00", "")[:64]] = text.replace("\x00", "")[:500]
    return kept
