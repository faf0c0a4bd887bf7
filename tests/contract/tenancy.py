"""The rules that keep one workspace's rows from another, as functions over tables."""

from collections.abc import Iterator

import sqlalchemy as sa

WORKSPACE = "workspace_id"
FOUND_BY_FUNCTION = frozenset({"workspace", "api_key", "share_link", "integration"})
"""Looked up before the workspace is known, through a definer function; their rows are isolated all the same."""


def broken_rules(table: sa.Table) -> Iterator[str]:
    """Each way in which a table could not be distributed by workspace, or could point into another workspace."""
    if table.name in FOUND_BY_FUNCTION:
        return
    if WORKSPACE not in table.c:
        yield f"{table.name} has no {WORKSPACE}"
        return
    if table.c[WORKSPACE].nullable:
        yield f"{table.name}.{WORKSPACE} may be null"
    for name, columns in _identities(table):
        if not columns or columns[0] != WORKSPACE:
            yield f"{table.name}: {name} ({', '.join(columns)}) does not begin with {WORKSPACE}"
    for key in table.foreign_key_constraints:
        yield from _broken_reference(table, key)


def _identities(table: sa.Table) -> Iterator[tuple[str, list[str]]]:
    """The primary key and all that is unique, as names with their columns."""
    yield "primary key", [column.name for column in table.primary_key.columns]
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            yield f"unique constraint {constraint.name}", [column.name for column in constraint.columns]
    for index in table.indexes:
        if index.unique:
            yield f"unique index {index.name}", [getattr(each, "name", "?") or "?" for each in index.expressions]


def _broken_reference(table: sa.Table, key: sa.ForeignKeyConstraint) -> Iterator[str]:
    if key.referred_table.name == "workspace":
        return
    pairs = [(element.parent.name, element.column.name) for element in key.elements]
    if pairs[0] != (WORKSPACE, WORKSPACE):
        yield f"{table.name}: foreign key {key.name} {pairs} can point into another workspace"
    if (key.ondelete or "").upper().strip() == "SET NULL":
        yield f"{table.name}: foreign key {key.name} would set {WORKSPACE} to null; name the columns to be set"
