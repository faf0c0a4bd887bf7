"""The file that one workspace travels in: a line of JSON per row, between a first line that says whose and a last that
proves that nothing is missing.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from services.launcher.errors import LauncherError
from services.launcher.version import version

FORMAT = 1


class ArchiveBroken(LauncherError):
    """This file is no whole workspace that this version can read."""


@dataclass(frozen=True)
class Heading:
    """What the first line says: `heads` are the migrations of each database, `secrets` tells whether those are ours."""

    workspace_id: UUID
    name: str
    taken_at: str
    heads: dict[str, str]
    secrets: str


class ArchiveWriter:
    """Writes lines, and counts and digests them."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.rows = 0

    def heading(self, heading: Heading) -> None:
        told = asdict(heading) | {"workspace_id": str(heading.workspace_id)}
        self._write(json.dumps({"fullcircle_workspace": FORMAT, "version": version(), **told}).encode())

    def row(self, service: str, table: str, row: str) -> None:
        """`row` is JSON as PostgreSQL wrote it."""
        self._write(f'{{"service":"{service}","table":"{table}","row":{row}}}'.encode())
        self.rows += 1

    def end(self) -> None:
        self._file.write(json.dumps({"rows": self.rows, "sha256": self._digest.hexdigest()}).encode() + b"\n")

    def _write(self, line: bytes) -> None:
        self._digest.update(line + b"\n")
        self._file.write(line + b"\n")


@contextmanager
def writing(target: Path) -> Iterator[ArchiveWriter]:
    """A new archive, whole or not at all, readable by its owner only; packed when its name ends in `.gz`."""
    draft = target.with_name(f".{target.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    try:
        with _open(draft, "wb", is_packed=target.suffix == ".gz") as file:
            writer = ArchiveWriter(file)
            yield writer
            writer.end()
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def read_heading(source: Path) -> Heading:
    """Raises ArchiveBroken unless the file is whole."""
    lines, digest, heading = 0, hashlib.sha256(), None
    try:
        with _open(source, "rb", is_packed=source.suffix == ".gz") as file:
            for line in file:
                if line.startswith(b'{"rows"'):
                    return _checked(
                        source, heading, json.loads(line), {"rows": lines - 1, "sha256": digest.hexdigest()}
                    )
                heading = heading or line
                digest.update(line)
                lines += 1
    except (OSError, EOFError, ValueError) as fault:
        raise ArchiveBroken(f"{source} is no archive of a workspace: {fault}") from fault
    raise ArchiveBroken(f"{source} ends before its end")


def rows(source: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Service, table and row, line by line; of a file that was checked."""
    with _open(source, "rb", is_packed=source.suffix == ".gz") as file:
        for line in file:
            told = json.loads(line)
            if "table" in told:
                yield told["service"], told["table"], told["row"]


def _checked(source: Path, line: bytes | None, end: dict[str, Any], counted: dict[str, Any]) -> Heading:
    told = json.loads(line or b"{}")
    if told.pop("fullcircle_workspace", None) != FORMAT:
        raise ArchiveBroken(f"{source} is no archive of a workspace that this version can read")
    if end != counted:
        raise ArchiveBroken(f"{source} is damaged: it tells of {end['rows']} rows, and holds {counted['rows']}")
    told.pop("version")
    return Heading(**told | {"workspace_id": UUID(told["workspace_id"])})


def _open(path: Path, mode: str, *, is_packed: bool) -> Any:
    return gzip.open(path, mode) if is_packed else path.open(mode)
