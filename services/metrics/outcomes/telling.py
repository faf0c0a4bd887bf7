"""How outcomes are told: to callers, to the feed, and as the findings that stay with an evaluation."""

from typing import Any

from services.metrics.models import Outcome, OutcomeEvaluation
from services.metrics.outcomes.evidence import Look, prediction_of
from services.metrics.outcomes.schemas import Findings, OutcomeRead, PlaceboRead, PredictionRead

METHOD = (
    "Regression on controls and season with AR(1) noise on a local level, averaged over noise settings by restricted "
    "likelihood, widened by placebo launches; see docs/guides/outcomes.md"
)


def read_outcome(outcome: Outcome) -> OutcomeRead:
    prediction = prediction_of(outcome)
    plain = {name: getattr(outcome, name) for name in OutcomeRead.model_fields if name != "predicted"}
    return OutcomeRead(predicted=PredictionRead.model_validate(prediction) if prediction else None, **plain)


def opened_facts(outcome: Outcome) -> dict[str, Any]:
    return {
        "feature_id": outcome.feature_id,
        "kpi_id": outcome.kpi_id,
        "requirement_ids": outcome.requirement_ids,
        "team_ids": outcome.team_ids,
        "requirement_kinds": outcome.requirement_kinds,
        "estimated_by": outcome.estimated_by,
        "shipped_at": outcome.shipped_at,
        "window_ends_at": outcome.window_ends_at,
        "predicted": {
            "low": outcome.predicted_low,
            "likely": outcome.predicted_likely,
            "high": outcome.predicted_high,
        },
    }


def measured_facts(outcome: Outcome, evaluation: OutcomeEvaluation | None = None) -> dict[str, Any]:
    """The same by event and by snapshot."""
    facts = opened_facts(outcome) | {
        "state": outcome.state,
        "verdict": outcome.verdict,
        "effect": outcome.effect,
        "effect_low": outcome.effect_low,
        "effect_high": outcome.effect_high,
        "evidence_grade": outcome.evidence_grade,
        "is_final": outcome.state == "final",
        "measured_at": outcome.measured_at,
    }
    if evaluation is not None:
        facts |= {"evaluation_id": evaluation.id, "kpi_version": evaluation.kpi_version}
    return facts


def findings_of(look: Look) -> Findings:
    """What a verdict rests on, for good."""
    impact, evidence = look.impact, look.evidence
    prediction = prediction_of(evidence.outcome)
    return Findings(
        doubts=list(impact.doubts),
        level=impact.level,
        actual=impact.actual,
        expected=impact.expected,
        effect=impact.effect,
        effect_low=impact.interval.low if impact.interval else None,
        effect_high=impact.interval.high if impact.interval else None,
        relative_effect=impact.relative_effect,
        negligible=impact.negligible,
        evidence_grade=impact.grade,
        points_before=impact.points_before,
        points_after=impact.points_after,
        observed_from=evidence.span.since if evidence.span else None,
        observed_until=evidence.span.until if evidence.span else None,
        placebo=PlaceboRead.model_validate(impact.placebo) if impact.placebo else None,
        trend_probability=impact.trend_probability,
        has_pre_trend=impact.has_pre_trend,
        control_kpi_ids=list(evidence.control_kpi_ids),
        overlapping_feature_ids=list(evidence.overlapping_feature_ids),
        against_prediction=prediction.compare(impact.effect) if prediction and impact.effect is not None else None,
        experiment_id=evidence.conclusion.experiment_id if evidence.conclusion else None,
        method=evidence.conclusion.method if evidence.conclusion else METHOD,
    )
