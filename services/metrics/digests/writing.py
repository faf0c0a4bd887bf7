"""A digest in words: short, in the order of what a reader asks first."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from services.metrics.charts.files import as_text
from services.metrics.dashboards.files import told_change, told_standing
from services.metrics.dashboards.schemas import TileState
from services.metrics.digests.schemas import DigestAlert, DigestContent, DigestTarget, DigestVerdict
from services.metrics.domain.axes import plain_number

VERDICTS = {
    "improved": "made it better",
    "worse": "made it worse",
    "no_effect": "changed nothing that matters",
    "inconclusive": "cannot be told yet",
}


def written(name: str, content: DigestContent, *, since: datetime, until: datetime) -> str:
    """The whole digest as Markdown; a part with nothing to tell is left out."""
    lines = [f"# {as_text(name)}", "", f"{since:%Y-%m-%d} to {until:%Y-%m-%d}"]
    lines += _part("How the KPIs moved", map(_tile, content.tiles))
    lines += _part("On the way to targets", map(_target, content.targets))
    lines += _part("Open alerts", map(_alert, content.alerts))
    lines += _part("What deserves attention", (as_text(each.headline) for each in content.insights))
    lines += _part("What launches did", map(_verdict, content.verdicts))
    if not content.tiles:
        lines += ["", "There is no KPI on this dashboard."]
    return "\n".join([*lines, ""])


def _part(title: str, sentences: Iterable[str]) -> Iterator[str]:
    told = [f"- {each}" for each in sentences]
    if told:
        yield from ("", f"## {title}", "", *told)


def _tile(tile: TileState) -> str:
    if tile.fault is not None or tile.latest is None or tile.latest.value is None:
        return f"{as_text(tile.title)}: {as_text(tile.fault or 'nothing measured')}"
    standing = told_standing(tile)
    figure = f"{plain_number(tile.latest.value)} {as_text(tile.unit)}"
    return f"{as_text(tile.title)}: {figure}, {told_change(tile)}{f', {standing}' if standing else ''}"


def _target(target: DigestTarget) -> str:
    goal = f"{plain_number(target.value)} {as_text(target.unit)} by {target.due_on}"
    sure = "" if target.probability is None else f", {target.probability:.0%} probable"
    return f"{as_text(target.name)}: {goal}, {target.status.replace('_', ' ')}{sure}"


def _alert(alert: DigestAlert) -> str:
    seen = ", somebody has it in hand" if alert.state == "acknowledged" else ""
    return f"{as_text(alert.rule)} ({as_text(alert.kpi)}), since {alert.since:%Y-%m-%d}{seen}"


def _verdict(found: DigestVerdict) -> str:
    effect = ""
    if found.effect is not None:
        effect = f" ({found.effect:+.4g} {as_text(found.unit)}, evidence {found.evidence_grade or '-'})"
    last = "" if found.is_final else ", so far"
    return f"{as_text(found.kpi)}: feature {found.feature_id} {VERDICTS[found.verdict]}{effect}{last}"
