"""Standing rules over several features, as every plan reads them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

FeatureRuleKind = Literal["exclusion", "coupling", "alternatives", "one_of"]


@dataclass(frozen=True, slots=True)
class StandingRule:
    """`exclusion` and `alternatives`: at most one of them is built. `coupling`: all or none. `one_of`: exactly one."""

    kind: FeatureRuleKind
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """What the rules mean for a choice; `ruled_out` by something that has begun or shipped already."""

    exclusions: tuple[tuple[str, ...], ...]
    couplings: tuple[tuple[str, ...], ...]
    one_of: tuple[tuple[str, ...], ...]
    ruled_out: frozenset[str]


def in_force(
    rules: Iterable[StandingRule], *, candidates: Collection[str], shipped: Collection[str], begun: Collection[str]
) -> RulesInForce:
    """The rules among candidates.

    What has shipped has decided an exclusion, and the rest are out; among alternatives already the one that was begun
    decides, for nobody builds the same thing twice. A coupling holds among what is left to build. Of `one_of` what has
    shipped is the one; the one that was begun is still to be built.
    """
    exclusions, couplings, one_of, ruled_out = [], [], [], set[str]()
    for rule in rules:
        open_members = tuple(each for each in rule.members if each in candidates and each not in shipped)
        if rule.kind == "coupling":
            couplings.append(open_members)
            continue
        decided = set(rule.members) & set(shipped)
        if rule.kind != "one_of":
            exclusions.append(open_members)
        elif open_members and not decided:
            one_of.append(open_members)
        if rule.kind in {"alternatives", "one_of"}:
            decided |= set(rule.members) & set(begun)
        if decided:
            ruled_out |= set(open_members) - decided
    return RulesInForce(
        exclusions=tuple(group for group in exclusions if len(group) > 1),
        couplings=tuple(group for group in couplings if len(group) > 1),
        one_of=tuple(one_of),
        ruled_out=frozenset(ruled_out),
    )
