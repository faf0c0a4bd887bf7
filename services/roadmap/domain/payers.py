"""Which budget line pays for a feature."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """What a line says that it pays for; the features of its initiatives and objectives are looked up already."""

    line_id: str
    named: Collection[str] = ()
    by_initiative: Collection[str] = ()
    by_objective: Collection[str] = ()


def payers(claims: Sequence[Claim]) -> dict[str, str]:
    """The one line that pays for each feature, so that nothing is counted twice.

    What a line names itself goes before what it pays for through an initiative, and that before an objective; among
    equals the first line pays.
    """
    paid: dict[str, str] = {}
    for level in ("named", "by_initiative", "by_objective"):
        for claim in claims:
            for feature in getattr(claim, level):
                paid.setdefault(feature, claim.line_id)
    return paid
