"""Where strategy and plan do not meet: needs that nothing answers, features that nobody needs, claims without proof.

Pure: ids are texts, links are pairs. Everything takes time proportional to the number of things and links.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Link = tuple[str, str]
BrokenAt = Literal["no_pain_point", "no_requirement", "no_feature", "only_dropped"]
Lack = Literal["no_requirement", "no_pain_point"]
Flaw = Literal["no_need", "no_feature", "only_dropped"]

GONE = frozenset({"dropped", "retired"})
OPEN = frozenset({"proposed", "planned", "in_progress", "on_hold"})


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """What there is, and how it hangs together; `features` are states by id, `objectives` the active ones."""

    needs: Collection[str] = ()
    pains: Collection[Link] = ()
    """(need, pain point)"""
    asked: Collection[Link] = ()
    """(pain point, requirement)"""
    answered: Collection[Link] = ()
    """(requirement, feature)"""
    features: Mapping[str, str] = field(default_factory=dict)
    differentiators: Collection[str] = ()
    claims: Collection[Link] = ()
    """(need, differentiator)"""
    supports: Collection[Link] = ()
    """(differentiator, feature)"""
    objectives: Collection[str] = ()
    served: Collection[Link] = ()
    """(objective, feature), also through an initiative"""
    funded: Collection[str] = ()
    """Objectives, initiatives and features that a budget line pays for."""
    pursued: Collection[Link] = ()
    """(objective, initiative)"""


@dataclass(frozen=True)
class Coverage:
    """What is wrong, each with the link of the chain that is missing; in the order of the ids."""

    needs_without_features: Mapping[str, BrokenAt]
    features_without_need: Mapping[str, Lack]
    differentiators_unsupported: Mapping[str, Flaw]
    objectives_without_features: tuple[str, ...]
    objectives_unfunded: tuple[str, ...]


def coverage(strategy: Strategy) -> Coverage:
    """need -> pain point -> requirement -> feature, from either end; differentiators and objectives beside.

    A need is covered by a feature that is neither dropped nor retired. A feature has a need when a pain point asks for
    one of its requirements, or when it supports a differentiator that answers a need; what has shipped is left alone.
    """
    served = _ends(strategy.served)
    return Coverage(
        needs_without_features=_uncovered_needs(strategy),
        features_without_need=_needless_features(strategy),
        differentiators_unsupported=_unsupported(strategy),
        objectives_without_features=tuple(
            each for each in sorted(strategy.objectives) if not _alive(served[each], strategy)
        ),
        objectives_unfunded=_unfunded(strategy),
    )


def _uncovered_needs(strategy: Strategy) -> dict[str, BrokenAt]:
    pains, asked, answered = _ends(strategy.pains), _ends(strategy.asked), _ends(strategy.answered)
    broken: dict[str, BrokenAt] = {}
    for need in sorted(strategy.needs):
        requirements = {each for pain in pains[need] for each in asked[pain]}
        features = {each for requirement in requirements for each in answered[requirement]}
        if not pains[need]:
            broken[need] = "no_pain_point"
        elif not requirements:
            broken[need] = "no_requirement"
        elif not features:
            broken[need] = "no_feature"
        elif not _alive(features, strategy):
            broken[need] = "only_dropped"
    return broken


def _needless_features(strategy: Strategy) -> dict[str, Lack]:
    asked_for = {requirement for _, requirement in strategy.asked}
    claimed = {differentiator for _, differentiator in strategy.claims}
    requirements = _ends((feature, requirement) for requirement, feature in strategy.answered)
    needed = {feature for requirement, feature in strategy.answered if requirement in asked_for} | {
        feature for differentiator, feature in strategy.supports if differentiator in claimed
    }
    return {
        feature: "no_pain_point" if requirements[feature] else "no_requirement"
        for feature, status in sorted(strategy.features.items())
        if status in OPEN and feature not in needed
    }


def _unsupported(strategy: Strategy) -> dict[str, Flaw]:
    claimed = {differentiator for _, differentiator in strategy.claims}
    supports = _ends(strategy.supports)
    flaws: dict[str, Flaw] = {}
    for each in sorted(strategy.differentiators):
        if not supports[each]:
            flaws[each] = "no_feature"
        elif not _alive(supports[each], strategy):
            flaws[each] = "only_dropped"
        elif each not in claimed:
            flaws[each] = "no_need"
    return flaws


def _unfunded(strategy: Strategy) -> tuple[str, ...]:
    """Neither they, nor an initiative that pursues them, nor a feature that serves them is paid for."""
    paid = set(strategy.funded)
    through = {objective for objective, end in (*strategy.pursued, *strategy.served) if end in paid}
    return tuple(sorted(set(strategy.objectives) - paid - through))


def _ends(links: Iterable[Link]) -> defaultdict[str, set[str]]:
    ends: defaultdict[str, set[str]] = defaultdict(set)
    for start, end in links:
        ends[start].add(end)
    return ends


def _alive(features: Iterable[str], strategy: Strategy) -> bool:
    return any(strategy.features.get(each, "dropped") not in GONE for each in features)
