"""Reads measurements from CSV (RFC 4180), a row at a time."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from services.chassis.bulk import invalid_line
from services.chassis.errors import FieldError, Invalid, Problem
from services.metrics.measurements.schemas import MeasurementCreate

MAX_BYTES = 1024 * 1024
LONGEST_CELL = 1_000
NEEDED = frozenset({"measured_at", "value"})
OPTIONAL = frozenset({"denominator", "dedupe_key", "subject"})
DIMENSION = "dimension:"

_strict: TypeAdapter[MeasurementCreate] = TypeAdapter(MeasurementCreate)


def require_columns(content: bytes) -> list[str]:
    """The columns that the first line names. Raises Invalid, naming what is missing or not known."""
    try:
        first = next(csv.reader(io.StringIO(_text(content).partition("\n")[0])), [])
    except csv.Error:
        first = []
    columns = [name.strip() for name in first]
    missing = NEEDED - set(columns)
    strange = [name for name in columns if name not in NEEDED | OPTIONAL and not name.startswith(DIMENSION)]
    faults = [f"The column {name} is missing." for name in sorted(missing)]
    faults += [f"The column {name[:64]!r} is not known." for name in strange]
    if len(set(columns)) < len(columns):
        faults.append("A column stands there twice.")
    if faults:
        raise Invalid(errors=[FieldError("", fault, "columns") for fault in faults[:20]])
    return columns


def read_rows(content: bytes, *, kpi_id: UUID, file_id: UUID) -> Iterator[tuple[int, MeasurementCreate | Problem]]:
    """Each row with its line number; without a key of its own it is named by file and line, so it counts once."""
    columns = require_columns(content)
    reader = csv.reader(io.StringIO(_text(content)), strict=True)
    next(reader)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            yield reader.line_num, Invalid(errors=[FieldError("", str(fault), "csv")])
            continue
        if cells:
            yield reader.line_num, _row(dict(zip(columns, cells, strict=False)), kpi_id, f"{file_id}:{reader.line_num}")


def _row(cells: Mapping[str, str], kpi_id: UUID, name: str) -> MeasurementCreate | Problem:
    said: dict[str, Any] = {
        "kpi_id": str(kpi_id),
        "measured_at": cells.get("measured_at", ""),
        "dedupe_key": cells.get("dedupe_key") or name,
        "dimensions": {
            column.removeprefix(DIMENSION): text[:500]
            for column, text in cells.items()
            if column.startswith(DIMENSION) and text
        },
    }
    if cells.get("subject"):
        said["subject"] = cells["subject"]
    try:
        said["value"] = float(cells.get("value", ""))
        if cells.get("denominator"):
            said["denominator"] = float(cells["denominator"])
        return _strict.validate_python(said)
    except ValidationError as fault:
        return invalid_line(fault)
    except ValueError:
        return Invalid(errors=[FieldError("/value", "This is no number.", "number")])


def _text(content: bytes) -> str:
    """UTF-8, with or without the mark that spreadsheets put first. Raises Invalid."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(errors=[FieldError("", "The file is not UTF-8.", "encoding")]) from None
