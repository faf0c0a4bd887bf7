"""A real OpenTelemetry SDK, exporting to the gateway."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader

from tests.e2e.stack import Stack


async def test_metrics_of_an_exporter_arrive_and_are_counted(stack: Stack) -> None:
    key = await stack.other_workspace("Shop")
    async with stack.client(key) as api:
        orders = await a_kpi(api, "shop.orders", aggregation="sum", dimensions=["plan"])
        seconds = await a_kpi(api, "shop.seconds", aggregation="ratio")
        await asyncio.to_thread(export, stack.url, key)
        assert sum(await values(api, orders)) == 7
        assert sum(await values(api, orders, filter="plan:pro")) == 4
        assert sum(await values(api, seconds)) == 2


async def test_both_encodings_answer_in_their_own(stack: Stack) -> None:
    async with stack.client(await stack.other_workspace("Both")) as api:
        said = await api.post("/otlp/v1/metrics", json={"resourceMetrics": []})
        assert (said.status_code, said.json()) == (200, {})
        binary = await api.post("/otlp/v1/metrics", content=b"", headers={"Content-Type": "application/x-protobuf"})
        assert (binary.status_code, binary.content) == (200, b"")
        assert binary.headers["content-type"] == "application/x-protobuf"
        wrong = await api.post("/otlp/v1/metrics", json={"resourceMetrics": 7})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_request")


async def a_kpi(api: httpx.AsyncClient, metric: str, **differing: Any) -> str:
    calculation = {"kind": "simple", "source": {"metric": metric}}
    body = {"name": metric, "unit": "orders", "direction": "up", "calculation": calculation}
    answer = await api.post("/v1/kpis", json=body | differing)
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


async def values(api: httpx.AsyncClient, kpi: str, **query: str) -> list[float]:
    span = {"from": (datetime.now(UTC) - timedelta(days=1)).isoformat()}
    points = (await api.get(f"/v1/kpis/{kpi}/series", params=span | query)).json()["points"]
    return [each["value"] for each in points if each["value"] is not None]


def export(url: str, key: str) -> None:
    """As an application would, with deltas and compression."""
    exporter = OTLPMetricExporter(
        endpoint=f"{url}/otlp/v1/metrics",
        headers={"Authorization": f"Bearer {key}"},
        compression=Compression.Gzip,
        preferred_temporality={Counter: AggregationTemporality.DELTA, Histogram: AggregationTemporality.DELTA},
    )
    provider = MeterProvider([PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)])
    meter = provider.get_meter("shop")
    orders, seconds = meter.create_counter("shop.orders"), meter.create_histogram("shop.seconds")
    orders.add(3, {"plan": "free"})
    orders.add(4, {"plan": "pro"})
    for each in (1.0, 3.0):
        seconds.record(each)
    assert provider.force_flush()
    provider.shutdown()
