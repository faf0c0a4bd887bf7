"""By what an experiment's figures were worked out, and where that was published."""

from collections.abc import Iterator

from services.metrics.domain.experiments import ALPHA, Measure
from services.metrics.experiments.schemas import ExternalReadout, FormulaRead
from services.metrics.models import Experiment, ExperimentReading

METHOD = (
    "Asymptotic confidence sequence (Waudby-Smith et al. 2024) of the difference to the control, valid at every look; "
    "means adjusted by the covariate (CUPED, Deng et al. 2013), ratios by the delta method (Deng et al. 2018)"
)
SEQUENCE = FormulaRead(
    name="Confidence sequence",
    formula="e +- s sqrt(2 (n r + 1) / (n r) ln(sqrt(n r + 1) / alpha)); e the effect, s its standard error, n "
    "the units of both arms, alpha 0.05, r = (-2 ln alpha + ln(1 - 2 ln alpha)) / planned units",
    source="I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy, A. Ramdas, Annals of Statistics 52 (2024) 2613-2640",
)
CUPED = FormulaRead(
    name="Adjustment by a covariate (CUPED)",
    formula="y - theta (x - mean x), theta = cov(x, y) / var(x), pooled over both arms",
    source="A. Deng, Y. Xu, R. Kohavi, T. Walker, WSDM 2013",
)
BALANCE = FormulaRead(
    name="Balance of the covariate",
    formula="d = (mean x of the arm - mean x of the control) / sqrt((var x + var x) / 2); p of the two-sided z-test",
    source="P. C. Austin, Statistics in Medicine 28 (2009) 3083-3107",
)
DELTA = FormulaRead(
    name="Variance of a ratio (delta method)",
    formula="var(y / x) = (var y - 2 R cov(x, y) + R^2 var x) / (n (mean x)^2), R = sum y / sum x",
    source="A. Deng, U. Knoblich, J. Lu, KDD 2018",
)
SAMPLE_RATIO = FormulaRead(
    name="Sample-ratio test",
    formula="chi^2 = sum over arms of (units - expected)^2 / expected, expected by the shares",
    source="A. Fabijan et al., KDD 2019",
)


def told_by(reading: ExperimentReading) -> ExternalReadout | None:
    """What another tool told, where the reading is its answer."""
    return None if reading.external is None else ExternalReadout.model_validate(reading.external)


def method_of(reading: ExperimentReading | None) -> str:
    """In a sentence."""
    if reading is None or reading.external is None:
        return METHOD
    return f"As {reading.external['source']} told it: {reading.external['method']}"


def level_of(reading: ExperimentReading | None) -> float:
    """The level of the intervals."""
    return 1 - ALPHA if reading is None or reading.external is None else float(reading.external["level"])


def formulas_of(experiment: Experiment, reading: ExperimentReading | None) -> list[FormulaRead]:
    """Those that went into a readout of the reading."""
    return list(_formulas(experiment, reading))


def _formulas(experiment: Experiment, reading: ExperimentReading | None) -> Iterator[FormulaRead]:
    if reading is None:
        return
    yield SAMPLE_RATIO
    if reading.external is not None:
        return
    yield SEQUENCE
    if Measure(experiment.measure) is Measure.RATIO:
        yield DELTA
    elif any(totals["other_squares"] for totals in reading.arms.values()):
        yield from (CUPED, BALANCE)
