"""The arithmetic of a ranking, run in a child: thousands of draws for each requirement."""

from collections.abc import Callable, Mapping
from typing import Any

from services.requirements.domain.ranking import drawn_ranks, order, smallest_swap, stability, standings
from services.requirements.domain.scoring import (
    METHODS,
    Method,
    Range,
    draw_scores,
    explain,
    interval,
    likely_values,
    reference_point,
)


def as_range(value: Any) -> Range:
    """A plain number is a range without width."""
    return Range(**value) if isinstance(value, Mapping) else Range.exactly(float(value))


def compute_ranking(payload: Mapping[str, Any], _report: Callable[[Any], None]) -> dict[str, Any]:
    """Rank `{"method", "seed", "draws", "top", "estimates": {key: {input: number or range}}}`, best first."""
    method = METHODS[payload["method"]]
    ranges = {
        key: {name: as_range(value) for name, value in given.items()} for key, given in payload["estimates"].items()
    }
    likely = {key: likely_values(given, method) for key, given in ranges.items()}
    reference = reference_point(list(likely.values()), method=method)
    keys = order({key: method.value(values) for key, values in likely.items()})
    drawn = [draw_scores(method, ranges[key], key=key, seed=payload["seed"], draws=payload["draws"]) for key in keys]
    ranks = drawn_ranks(drawn)
    places = standings(ranks, tops=[payload["top"]])
    lines = []
    for place, (key, scores, standing) in enumerate(zip(keys, drawn, places, strict=True)):
        breakdown = explain(method, given=likely[key], reference=reference)
        low, high = interval(scores)
        following = keys[place + 1] if place + 1 < len(keys) else None
        lines.append(
            {
                "key": key,
                "rank": standing.rank,
                "score": breakdown.score,
                "explanation": {
                    "score_low": low,
                    "score_high": high,
                    "contributions": dict(breakdown.contributions),
                    "reference_score": breakdown.reference_score,
                    "rank_low": standing.rank_low,
                    "rank_high": standing.rank_high,
                    "p_rank": standing.p_rank,
                    "p_top": standing.p_top[payload["top"]],
                    "swap": _swap(method, key, following, likely),
                },
            }
        )
    return {"lines": lines, "stability": stability(ranks), "reference": reference}


def _swap(
    method: Method, key: str, following: str | None, likely: Mapping[str, Mapping[str, float]]
) -> dict[str, Any] | None:
    if following is None:
        return None
    swap = smallest_swap(method, upper=(key, likely[key]), lower=(following, likely[following]))
    if swap is None:
        return None
    return {
        "overtaker": swap.overtaker,
        "changed": swap.changed,
        "input": swap.input,
        "current": swap.current,
        "needed": swap.needed,
    }
