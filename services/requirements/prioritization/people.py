"""How far people's estimates lie apart, and what each alone would rank first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.requirements.domain.ranking import concordance, order
from services.requirements.domain.scoring import Method
from services.requirements.prioritization.gathering import Known

MOST_PEOPLE = 20


@dataclass(frozen=True)
class Voices:
    """Each person's own scores, by name and by requirement."""

    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def concordance(self) -> float | None:
        return concordance([list(scores.values()) for scores in self.scores.values()])

    def ranks(self) -> dict[str, dict[str, int]]:
        """By requirement: its rank by each person alone."""
        by_person = {
            person: {key: place for place, key in enumerate(order(scores), start=1)}
            for person, scores in self.scores.items()
        }
        keys = next(iter(self.scores.values()), {})
        return {key: {person: ranks[key] for person, ranks in by_person.items()} for key in keys}


def voices(known: Mapping[str, Known], method: Method) -> Voices:
    """What each person's numbers alone would score; where somebody gave none, what all together say stands in."""
    people = sorted({person for each in known.values() for person in each.people})[:MOST_PEOPLE]
    scores = {}
    for person in people:
        scores[person] = {key: method.value(_point(each, person, method)) for key, each in known.items()}
    return Voices(scores)


def _point(known: Known, person: str, method: Method) -> dict[str, float]:
    own = {name: given.likely for name, given in known.people.get(person, {}).items()}
    likely = method.likely(known.candidate)
    return {name: own.get(name, value) for name, value in likely.items()}


def disagreement(known: Known, method: Method) -> dict[str, dict[str, Any]]:
    """For each input that several people estimated: how many did, and between what their likely values lie."""
    told = {}
    for each in method.inputs:
        likely = [ranges[each.name].likely for ranges in known.people.values() if each.name in ranges]
        if len(likely) > 1:
            told[each.name] = {"people": len(likely), "lowest": min(likely), "highest": max(likely)}
    return told
