"""A chart as a Vega-Lite specification, for frontends that draw themselves."""

from datetime import UTC, datetime, time
from typing import Any

from services.chassis.drawings.shapes import COLOURS
from services.metrics.charts.content import ChartContent, ChartPoint

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


def specification(content: ChartContent) -> dict[str, Any]:
    """Layers over one time axis: band, line, what was out of the ordinary, targets, launches; data is inline."""
    layers = [*_band(content), _line(content), _odd(content), *_targets(content), *_launches(content)]
    return {
        "$schema": SCHEMA,
        "title": content.name,
        "description": f"{content.name} in {content.unit}",
        "width": "container",
        "height": 280,
        "data": {
            "values": [
                {
                    "at": _utc(point.starts_at),
                    "value": point.value,
                    "is_odd": point.is_odd,
                    "measurements": point.measurements,
                }
                for point in content.points
            ]
        },
        "layer": layers,
    }


def _row(point: ChartPoint) -> dict[str, Any]:
    facts = {"value": point.value, "is_odd": point.is_odd, "measurements": point.measurements}
    return {"at": _utc(point.starts_at)} | facts


def _time(field: str, **more: Any) -> dict[str, Any]:
    return {"field": field, "type": "temporal", "title": None, **more}


def _figure(field: str, content: ChartContent, **more: Any) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "title": content.unit, "scale": {"zero": False}, **more}


def _line(content: ChartContent) -> dict[str, Any]:
    """A gap stays a gap: Vega-Lite breaks a line at null only where it is told not to filter it out."""
    tooltip = [_time("at", title="period"), {"field": "value", "type": "quantitative"}, {"field": "measurements"}]
    return {
        "mark": {"type": "line", "point": True, "invalid": "break-paths-show-domains"},
        "encoding": {"x": _time("at"), "y": _figure("value", content), "tooltip": tooltip},
    }


def _odd(content: ChartContent) -> dict[str, Any]:
    return {
        "transform": [{"filter": "datum.is_odd"}],
        "mark": {"type": "point", "filled": True, "size": 90, "color": COLOURS[5]},
        "encoding": {"x": _time("at"), "y": _figure("value", content)},
    }


def _band(content: ChartContent) -> list[dict[str, Any]]:
    if content.band is None:
        return []
    return [
        {
            "data": {"values": [{"low": content.band.low, "high": content.band.high}]},
            "mark": {"type": "rect", "opacity": 0.14, "color": COLOURS[2]},
            "encoding": {"y": _figure("low", content), "y2": {"field": "high"}},
        }
    ]


def _targets(content: ChartContent) -> list[dict[str, Any]]:
    rows = [
        {
            "name": target.name,
            "value": target.value,
            "low": target.limits.low if target.limits else target.value,
            "high": target.limits.high if target.limits else target.value,
            "begin": _utc(datetime.combine(target.starts_on, time(), tzinfo=content.zone)),
            "end": _utc(datetime.combine(target.due_on, time(), tzinfo=content.zone)),
        }
        for target in content.targets
    ]
    if not rows:
        return []
    shared = {"x": _time("begin"), "x2": {"field": "end"}, "y": _figure("value", content)}
    strips = {"y": _figure("low", content), "y2": {"field": "high"}}
    return [
        *(
            {
                "data": {"values": [row]},
                "mark": {"type": "rect", "opacity": 0.1},
                "encoding": shared | strips,
            }
            for row, target in zip(rows, content.targets, strict=True)
            if target.limits
        ),
        {
            "data": {"values": rows},
            "mark": {"type": "rule", "strokeDash": [5, 4], "size": 1.5},
            "encoding": shared | {"tooltip": [{"field": "name"}, {"field": "value", "type": "quantitative"}]},
        },
    ]


def _launches(content: ChartContent) -> list[dict[str, Any]]:
    rows = [
        {"at": _utc(launch.shipped_at), "feature_id": str(launch.feature_id), "verdict": launch.verdict}
        for launch in content.launches
    ]
    if not rows:
        return []
    tooltip = [_time("at", title="launch"), {"field": "feature_id"}, {"field": "verdict"}]
    return [
        {
            "data": {"values": rows},
            "mark": {"type": "rule", "strokeDash": [5, 4], "color": "#b42318"},
            "encoding": {"x": _time("at"), "tooltip": tooltip},
        }
    ]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
