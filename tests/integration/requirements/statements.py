"""Counts what a request sends to the database: a list that asks once per row is found out."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI
from sqlalchemy import event

from services.requirements.models import Base

NAMED = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+\"?(\w+)")


@contextmanager
def counted_statements(app: FastAPI) -> Iterator[list[str]]:
    """The statements about business tables meanwhile; the feed is numbered beside the requests, and is not counted."""
    engine = app.state.context.database.engine.sync_engine
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if Base.metadata.tables.keys() & set(NAMED.findall(statement)):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
