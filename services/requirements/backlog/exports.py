"""The backlog as a file: CSV for spreadsheets, JSON and NDJSON for programs, Markdown to read."""

import csv
import functools
import io
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from services.chassis.files import safe_cell
from services.requirements.backlog.schemas import RequirementRead

ExportFormat = Literal["csv", "json", "ndjson", "markdown"]

# CommonMark 2.4: the punctuation that means something inside a line, and at its beginning.
MEANINGFUL = re.compile(r"([\\`*_\[\]<>#|~&])")
LINE_START = re.compile(r"^(\s*)([-+=]|\d+[.)])", re.MULTILINE)


def _likely(name: str, requirement: RequirementRead) -> float | None:
    given = requirement.estimates.ranges().get(name)
    return None if given is None else given.likely


ESTIMATED = ("reach", "impact", "confidence", "effort")
COLUMNS: Mapping[str, Callable[[RequirementRead], Any]] = {
    "id": lambda each: each.id,
    "title": lambda each: each.title,
    "kind": lambda each: each.kind,
    "status": lambda each: each.status,
    "status_reason": lambda each: each.status_reason,
    "problem": lambda each: each.problem,
    "acceptance_criteria": lambda each: "\n".join(each.acceptance_criteria),
    "owner": lambda each: each.owner,
    "product_area": lambda each: each.product_area,
    "theme_id": lambda each: each.theme_id,
    "persona_id": lambda each: each.persona_id,
    "need_id": lambda each: each.need_id,
    "objective_ids": lambda each: " ".join(str(link.objective_id) for link in each.objectives),
    "evidence_count": lambda each: each.evidence_count,
    "moscow": lambda each: each.estimates.moscow,
    **{name: functools.partial(_likely, name) for name in ESTIMATED},
    "custom_fields": lambda each: json.dumps(each.custom_fields, ensure_ascii=False) if each.custom_fields else None,
    "created_at": lambda each: each.created_at.isoformat(),
    "updated_at": lambda each: each.updated_at.isoformat(),
}


@dataclass(frozen=True)
class Form:
    """How a file is written: what comes first, each requirement, what stands between them, and the end."""

    media_type: str
    extension: str
    begin: bytes
    write: Callable[[RequirementRead], bytes]
    between: bytes = b""
    end: bytes = b""


async def written(form: Form, batches: AsyncIterator[Sequence[RequirementRead]]) -> AsyncIterator[bytes]:
    """The file, a batch at a time, so that a long backlog is never in memory at once."""
    yield form.begin
    is_first = True
    async for batch in batches:
        parts = [form.write(each) for each in batch]
        yield (b"" if is_first or not parts else form.between) + form.between.join(parts)
        is_first = is_first and not parts
    yield form.end


def _row(cells: Sequence[Any]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow([_cell(value) for value in cells])
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    """Ids and states are written as text, numbers stay numbers."""
    return safe_cell(value if value is None or isinstance(value, int | float) else str(value))


def _markdown(requirement: RequirementRead) -> bytes:
    facts = [f"{requirement.kind}, {requirement.status}", f"{requirement.evidence_count} quotes"]
    facts += [f"owner: {requirement.owner}"] if requirement.owner else []
    facts += [f"area: {requirement.product_area}"] if requirement.product_area else []
    lines = [f"## {_inline(requirement.title)}", _inline("; ".join(facts))]
    if requirement.problem:
        lines.append(LINE_START.sub(r"\1\\\2", MEANINGFUL.sub(r"\\\1", requirement.problem)))
    if requirement.acceptance_criteria:
        lines.append("\n".join(f"- {_inline(each)}" for each in requirement.acceptance_criteria))
    return ("\n\n".join(lines) + "\n").encode()


def _inline(text: str) -> str:
    return MEANINGFUL.sub(r"\\\1", " ".join(text.split()))


def _json(requirement: RequirementRead) -> bytes:
    return requirement.model_dump_json().encode()


FORMS: Mapping[ExportFormat, Form] = {
    "csv": Form(
        "text/csv; charset=utf-8",
        "csv",
        _row(list(COLUMNS)),
        lambda each: _row([read(each) for read in COLUMNS.values()]),
    ),
    "json": Form("application/json", "json", b"[", _json, between=b",\n", end=b"]\n"),
    "ndjson": Form("application/x-ndjson", "ndjson", b"", lambda each: _json(each) + b"\n"),
    "markdown": Form("text/markdown; charset=utf-8", "md", b"# Requirements\n\n", _markdown, between=b"\n"),
}
