"""Columns of rows as parameters of `unnest`, left short where they can be: to write each element costs both sides.

`unnest` fills shorter arrays up with NULL.
"""

from collections.abc import Sequence
from typing import Any


def shared(values: list[Any]) -> list[Any]:
    """The first value alone where all are the same: `coalesce(name, ($1::text[])[1])` reads it; not for NULLs."""
    return values[:1] if values.count(values[0]) == len(values) else values


def given(values: list[Any]) -> Sequence[Any] | None:
    """Nothing at all where every value is None."""
    return None if values.count(None) == len(values) else values
