"""What deserves attention first: how grave a finding is, on one scale for all kinds."""

from math import exp, log1p

SPIKE_AT = 4.5
AGE_HALVES_AFTER = 7.0


def anomaly_severity(*, score: float, periods_ago: int, is_good: bool | None) -> float:
    """Grows with the surprise, halves with each week of age; what went the right way weighs a third."""
    surprise = min(1.0, 0.5 + log1p(abs(score) - SPIKE_AT) / 6) if abs(score) > SPIKE_AT else 0.4
    fading = 0.5 ** (periods_ago / AGE_HALVES_AFTER)
    weight = 1 / 3 if is_good else 1.0
    return float(surprise * fading * weight)


def target_severity(*, probability: float, pace: float) -> float:
    """How sure it is that the target will be missed; the nearer it is due, the graver."""
    return (1 - probability) * (0.5 + 0.5 * pace)


def promise_severity(*, count: int, realised: float) -> float:
    """Promises that come true by half, again and again, make every plan wrong."""
    shortfall = min(1.0, max(0.0, 1 - realised))
    return shortfall * (1 - exp(-count / 4))


def silence_severity(*, periods_silent: int, usual_gap: float) -> float:
    """A KPI that has been silent much longer than it usually is cannot tell anything."""
    return min(0.9, 0.3 * log1p(max(0.0, periods_silent / max(1.0, usual_gap) - 3)))
