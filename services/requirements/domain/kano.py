"""Kano's questionnaire: what a pair of answers says, and what many of them say together."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from services.requirements.domain.scoring import Scores

HIGHEST_IMPORTANCE = 9
UNSTATED_IMPORTANCE = 5
"""The middle of the scale, for who does not say how important it is."""


class Answer(StrEnum):
    """How somebody would feel with it, or without it."""

    LIKE = "like"
    EXPECT = "expect"
    NEUTRAL = "neutral"
    TOLERATE = "tolerate"
    DISLIKE = "dislike"


class Quality(StrEnum):
    """What kind of quality a need is to somebody."""

    MUST_BE = "must_be"
    ONE_DIMENSIONAL = "one_dimensional"
    ATTRACTIVE = "attractive"
    INDIFFERENT = "indifferent"
    REVERSE = "reverse"
    QUESTIONABLE = "questionable"


COUNTED = (Quality.MUST_BE, Quality.ONE_DIMENSIONAL, Quality.ATTRACTIVE, Quality.INDIFFERENT)
"""The four that the coefficients count, in the order in which ties between them are settled (Berger et al. 1993)."""


def quality(functional: Answer, dysfunctional: Answer) -> Quality:
    """Kano's evaluation table.

    Source: Kano, Seraku, Takahashi and Tsuji, J. Japanese Society for Quality Control 14(2), 1984; the table as printed
    in Sauerwein, Bailom, Matzler and Hinterhuber, The Kano model: how to delight your customers, 1996.
    """
    if functional == dysfunctional and functional in {Answer.LIKE, Answer.DISLIKE}:
        return Quality.QUESTIONABLE
    if functional is Answer.DISLIKE or dysfunctional is Answer.LIKE:
        return Quality.REVERSE
    if functional is Answer.LIKE:
        return Quality.ONE_DIMENSIONAL if dysfunctional is Answer.DISLIKE else Quality.ATTRACTIVE
    return Quality.MUST_BE if dysfunctional is Answer.DISLIKE else Quality.INDIFFERENT


@dataclass(frozen=True)
class KanoSurvey:
    """Answers counted by quality and by self-stated importance (1 to 9, None where it was not said)."""

    cells: Mapping[tuple[Quality, int | None], int]

    @classmethod
    def of(cls, answers: Iterable[tuple[Answer, Answer, int | None, int]]) -> "KanoSurvey":
        """From (functional, dysfunctional, importance, how many said so)."""
        cells: Counter[tuple[Quality, int | None]] = Counter()
        for functional, dysfunctional, importance, count in answers:
            cells[quality(functional, dysfunctional), importance] += count
        return cls(cells)

    @property
    def counts(self) -> dict[Quality, int]:
        totals = dict.fromkeys(Quality, 0)
        for (kind, _), count in self.cells.items():
            totals[kind] += count
        return totals

    @property
    def category(self) -> Quality | None:
        """What most say; of equals the more demanding: must-be, one-dimensional, attractive, indifferent."""
        counts = self.counts
        order = (*COUNTED, Quality.REVERSE, Quality.QUESTIONABLE)
        top = max(counts.values())
        return next(kind for kind in order if counts[kind] == top) if top else None

    @property
    def is_telling(self) -> bool:
        """Whether anybody gave an answer that the coefficients count."""
        return any(kind in COUNTED and count for (kind, _), count in self.cells.items())

    def likely(self) -> dict[str, float]:
        """better = (A + O) / (A + O + M + I), worse = (O + M) / (A + O + M + I), importance on a scale up to 1.

        `worse` is told as a positive number: how much dissatisfaction it spares. Nothing when nobody's answer counts.

        Source: Berger et al., Center for Quality of Management Journal 2(4), 1993.
        """
        if not self.is_telling:
            return {}
        sizes = np.array([count for (kind, _), count in self._counted()], dtype=np.float64)
        return {name: float(values[0]) for name, values in self._coefficients(sizes[None, :]).items()}

    def draw(self, chance: np.random.Generator, draws: int) -> Mapping[str, Scores]:
        """What another sample of such people might say: the Bayesian bootstrap over the respondents.

        Source: D. B. Rubin, The Bayesian bootstrap, Annals of Statistics 9(1), 1981.
        """
        if not self.is_telling:
            return {}
        sizes = np.array([count for _, count in self._counted()], dtype=np.float64)
        return self._coefficients(chance.standard_gamma(sizes, size=(draws, len(sizes))))

    def _counted(self) -> list[tuple[tuple[Quality, int | None], int]]:
        told = ((cell, count) for cell, count in self.cells.items() if cell[0] in COUNTED and count)
        return sorted(told, key=lambda each: (each[0][0], each[0][1] or 0))

    def _coefficients(self, weights: Scores) -> dict[str, Scores]:
        """From the weight of each counted cell, shape (draws, cells)."""
        kinds = [kind for (kind, _), _ in self._counted()]
        levels = [UNSTATED_IMPORTANCE if level is None else level for (_, level), _ in self._counted()]
        total = weights.sum(axis=1)
        gains = np.array([kind in {Quality.ATTRACTIVE, Quality.ONE_DIMENSIONAL} for kind in kinds], dtype=np.float64)
        spares = np.array([kind in {Quality.MUST_BE, Quality.ONE_DIMENSIONAL} for kind in kinds], dtype=np.float64)
        shares = {
            "better": gains,
            "worse": spares,
            "importance": np.array(levels, dtype=np.float64) / HIGHEST_IMPORTANCE,
        }
        return {name: np.clip(weights @ of_cell / total, 0, 1) for name, of_cell in shares.items()}
