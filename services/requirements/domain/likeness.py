"""How much a text says what a requirement or a theme says already."""

from dataclasses import dataclass

BEST, CENTRE, WORDS = 0.4, 0.4, 0.2
"""Tuned on BANKING77 (five questions per intent, .801 first of 58) and checked on SeaMonkey's bug titles."""
CROWD = 8


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """`best` is the cosine to the nearest text, `centre` to the mean of all, `words` the shared words, weighed by how
    rare they are, from 0 to 1; `texts` is how many there are to compare with."""

    best: float
    centre: float
    words: float
    texts: int

    @property
    def score(self) -> float:
        """.4 best + .4 centre + .2 words; a single text has no centre of its own, so its words count for more."""
        if self.texts <= 1:
            return BEST * self.best + (CENTRE + WORDS) * self.words
        return BEST * self.best + CENTRE * self.centre + WORDS * self.words


@dataclass(frozen=True)
class Standing:
    """A likeness among its rivals: what the calibrator judges by."""

    likeness: Likeness
    lead: float
    crowding: float

    @property
    def features(self) -> tuple[float, ...]:
        """Best cosine, words, centre, lead over the next (negative behind the first), mean of the eight best."""
        own = self.likeness
        return own.best, own.words, own.centre, self.lead, self.crowding


def standings(likenesses: list[Likeness]) -> list[Standing]:
    """The likenesses in order of falling score, each with its lead over the best rival."""
    ordered = sorted(likenesses, key=lambda each: -each.score)
    nearest = sorted((each.best for each in ordered), reverse=True)[:CROWD]
    crowding = sum(nearest) / len(nearest) if nearest else 0.0
    found = []
    for place, each in enumerate(ordered):
        rivals = [other.score for other in (ordered[:1] if place else ordered[1:2])]
        found.append(Standing(each, each.score - (rivals[0] if rivals else 0.0), crowding))
    return found
