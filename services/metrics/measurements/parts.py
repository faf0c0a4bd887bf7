"""Which part of a KPI is meant: values of dimensions, and what was known when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.chassis.errors import FieldError, Invalid

MOST_FILTERS = 5


@dataclass(frozen=True)
class Part:
    """Only measurements that say these values, as far as they were known at a time."""

    said: Mapping[str, str] = field(default_factory=dict)
    as_of: datetime | None = None

    @property
    def is_whole(self) -> bool:
        return not self.said and self.as_of is None

    def narrowed(self, dimension: str, value: str) -> "Part":
        """One value more."""
        return Part({**self.said, dimension: value}, self.as_of)


WHOLE = Part()


def read_filters(filters: Sequence[str]) -> dict[str, str]:
    """`dimension:value`, each dimension once. Raises Invalid."""
    said: dict[str, str] = {}
    for text in filters:
        dimension, colon, value = text.partition(":")
        if not colon or not dimension or dimension in said or "\x00" in text:
            detail = "Write dimension:value, each dimension once."
            raise Invalid(errors=[FieldError("query/filter", detail)])
        said[dimension] = value
    if len(said) > MOST_FILTERS:
        raise Invalid(errors=[FieldError("query/filter", f"At most {MOST_FILTERS} filters.", "too_many")])
    return said
