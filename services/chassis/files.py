"""Files that people take along: as answers, and as tables that are safe to open."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

# OWASP, "CSV Injection": a cell that begins so is run as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
SHOWN_AT_ONCE = {"image/svg+xml", "application/pdf"}


@dataclass(frozen=True, slots=True)
class File:
    """Bytes with what a browser has to know of them; `policy` is the Content-Security-Policy."""

    content: bytes
    media_type: str
    name: str
    policy: str | None = None


def file_response(file: File) -> Response:
    """The bytes, to be kept under their name; a browser opens pictures and PDFs at once."""
    manner = "inline" if file.media_type in SHOWN_AT_ONCE else "attachment"
    headers = {"Content-Disposition": f'{manner}; filename="{file.name}"', "X-Content-Type-Options": "nosniff"}
    if file.policy:
        headers["Content-Security-Policy"] = file.policy
    return Response(file.content, headers=headers, media_type=file.media_type)


def file_answers(
    media_types: Iterable[str], *, description: str, schemas: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """What the document says of an answer that may be one of several kinds of file; `schemas` where it can say more."""
    usual = {"application/json": {"type": "object"}, **(schemas or {})}
    kinds = sorted({each.partition(";")[0] for each in media_types})
    content = {kind: {"schema": usual.get(kind, {"type": "string"})} for kind in kinds}
    return {"responses": {"200": {"description": description, "content": content}}}


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """CSV (RFC 4180) that no spreadsheet takes for formulas; numbers stay numbers, None is an empty cell."""
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow([safe_cell(each) for each in columns])
    lines.writerows([safe_cell(each) for each in row] for row in rows)
    return text.getvalue().encode()


def safe_cell(value: object) -> object:
    """The value as a cell; a text that would be run as a formula gets an apostrophe before it."""
    if not isinstance(value, str):
        return "" if value is None else value
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value
