"""Patterns of event types: `feature.created`, `feature.*` for a family, `*` for all."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

EventTypePattern = Annotated[
    str,
    StringConstraints(max_length=100, pattern=r"^(\*|[a-z][a-z_]*\.(\*|[a-z][a-z_.]*))$"),
    Field(description="`feature.created`, `feature.*` or `*`.", examples=["feature.*"]),
]


@dataclass(frozen=True)
class TypeFilter:
    """Several patterns; an event matches when one of them does."""

    exact: frozenset[str]
    families: frozenset[str]
    is_everything: bool

    @classmethod
    def of(cls, patterns: Iterable[str]) -> "TypeFilter":
        """No patterns at all match everything."""
        given = set(patterns)
        families = frozenset(each.removesuffix(".*") for each in given if each.endswith(".*"))
        exact = frozenset(each for each in given if "*" not in each)
        return cls(exact, families, is_everything=not given or "*" in given)

    def matches(self, event_type: str) -> bool:
        return self.is_everything or event_type in self.exact or event_type.partition(".")[0] in self.families
