"""How well a product does beside its competitors, capability by capability."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rated:
    """A capability with its weight and the level, 0 to 5, of everybody who was rated."""

    id: str
    importance: int
    levels: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Lead:
    """Our level less the best rival's; None unless both are known. `rivals` are those who do it best."""

    capability_id: str
    own: int | None
    best: int | None
    rivals: tuple[str, ...]

    @property
    def lead(self) -> int | None:
        return None if self.own is None or self.best is None else self.own - self.best


@dataclass(frozen=True)
class Standing:
    """The mean level over what was rated, weighted by importance; `known` is the part of all weight that was rated."""

    subject: str
    score: float | None
    known: float


def leads(capabilities: Sequence[Rated], *, product: str, rivals: Collection[str]) -> list[Lead]:
    """For each capability who does it best."""
    found = []
    for each in capabilities:
        theirs = {rival: each.levels[rival] for rival in rivals if rival in each.levels}
        best = max(theirs.values(), default=None)
        leaders = tuple(sorted(rival for rival, level in theirs.items() if level == best))
        found.append(Lead(each.id, each.levels.get(product), best, leaders))
    return found


def standings(capabilities: Sequence[Rated], subjects: Sequence[str]) -> list[Standing]:
    """sum(importance x level) / sum(importance) over the rated capabilities of each, in the order given.

    What nobody rated counts neither for nor against: it lowers `known`, so that a high score on little is seen as such.
    """
    weight = sum(each.importance for each in capabilities)
    found = []
    for subject in subjects:
        rated = [(each.importance, each.levels[subject]) for each in capabilities if subject in each.levels]
        known = sum(importance for importance, _ in rated)
        score = sum(importance * level for importance, level in rated) / known if known else None
        found.append(Standing(subject, score, known / weight if weight else 0.0))
    return found
