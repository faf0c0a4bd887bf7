"""The address that OpenTelemetry exporters call."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from services.chassis.routing import Router
from services.metrics.adapters.otlp.messages import JSON, PROTOBUF, read_points, write_answer
from services.metrics.adapters.otlp.service import OtlpService

QUEUE_LENGTH = {
    "resourceMetrics": [
        {
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "checkout"}}]},
            "scopeMetrics": [
                {
                    "metrics": [
                        {
                            "name": "queue.length",
                            "gauge": {"dataPoints": [{"timeUnixNano": "1769850000000000000", "asInt": "7"}]},
                        }
                    ]
                }
            ],
        }
    ]
}
BODY: dict[str, Any] = {
    "x-foreign-protocol": "otlp",
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": {"type": "object"}, "example": QUEUE_LENGTH},
            PROTOBUF: {"schema": {"type": "string", "format": "binary"}, "example": ""},
        },
    },
    "responses": {
        "200": {
            "description": "What was not taken in, if anything.",
            "content": {JSON: {"schema": {"type": "object"}}, PROTOBUF: {"schema": {"type": "string"}}},
        }
    },
}

router = Router(prefix="/otlp/v1", tags=["OpenTelemetry"])
Otlp = Annotated[OtlpService, Depends(OtlpService)]


@router.post("/metrics", scope="metrics:write", status=200, accepts=(JSON, PROTOBUF), extra=BODY, answers=(400,))
async def send_otlp_metrics(request: Request, otlp: Otlp) -> Response:
    """Take in OpenTelemetry metrics.

    For any OTLP/HTTP exporter: its endpoint is `/otlp`, with `Authorization: Bearer` and an API key of the scope
    `metrics:write` among its headers. Data points are counted by the KPIs whose `source` is their metric, each once;
    those that no KPI counts are told in `partial_success`. Sums should be exported as deltas.
    """
    media_type = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    taken = await otlp.take(read_points(await request.body(), media_type))
    return Response(write_answer(taken.rejected, taken.reason, media_type), media_type=media_type)
