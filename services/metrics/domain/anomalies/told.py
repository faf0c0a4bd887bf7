"""An anomaly as it is told, whichever way it was found."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


class Kind(StrEnum):
    SPIKE = "spike"
    DIP = "dip"
    LEVEL_SHIFT = "level_shift"
    PATTERN = "pattern"
    SPREAD = "spread"


@dataclass(frozen=True)
class Anomaly:
    """A figure that its past did not let expect; `score` counts standard deviations."""

    row: int
    kind: Kind
    value: float
    expected: float
    low: float
    high: float
    score: float
