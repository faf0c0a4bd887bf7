"""What a customer takes over from another who was found to be the same, and gives back when they were not."""

from collections.abc import Mapping
from typing import Any

ENTRY = "metadata."
KEPT_VALUES = frozenset({"company_id"})
"""Of these the record keeps the value, for it is an id; of others it keeps the name alone, for they may be personal."""


def taken_over(kept: Mapping[str, Any], merged: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that `kept` lacks and `merged` has; entries of metadata as `metadata.KEY`."""
    lacking, offered = _flat(kept), _flat(merged)
    return {name: value for name, value in offered.items() if value is not None and lacking.get(name) is None}


def recorded(taken: Mapping[str, Any]) -> dict[str, str | None]:
    """What the record of a merge keeps of this."""
    return {name: str(value) if name in KEPT_VALUES else None for name, value in taken.items()}


def given_back(
    kept: Mapping[str, Any], merged: Mapping[str, Any], taken: Mapping[str, str | None], *, moved: Mapping[str, str]
) -> frozenset[str]:
    """The names of what `kept` still has as it took it; `moved` says which company another was merged into."""
    now, theirs = _flat(kept), _flat(merged)
    return frozenset(name for name, value in taken.items() if _is_untouched(name, value, now, theirs, moved))


def with_fields(row: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The row's fields with changes as `taken_over` names them; None takes an entry of metadata away."""
    changed = dict(row)
    entries = dict(row["metadata"])
    for name, value in changes.items():
        if not name.startswith(ENTRY):
            changed[name] = value
        elif value is None:
            entries.pop(name.removeprefix(ENTRY), None)
        else:
            entries[name.removeprefix(ENTRY)] = value
    return changed | {"metadata": entries}


def _is_untouched(
    name: str, value: str | None, now: Mapping[str, Any], theirs: Mapping[str, Any], moved: Mapping[str, str]
) -> bool:
    current = now.get(name)
    if current is None:
        return False
    if name in KEPT_VALUES:
        return value is not None and str(current) in {value, moved.get(value)}
    return bool(current == theirs.get(name))


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in row.items() if name != "metadata"}
    return fields | {f"{ENTRY}{key}": value for key, value in row["metadata"].items()}
