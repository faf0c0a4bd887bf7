"""The file a backup is: four dumps and the secrets in one tar, with a manifest that proves them."""

import hashlib
import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from services.launcher.bootstrap import SERVICES
from services.launcher.errors import LauncherError
from services.launcher.version import ordered, version

MANIFEST = "manifest.json"
FORMAT = 1


class ArchiveUnusable(LauncherError):
    """This file is no whole backup that this version can read."""


@dataclass(frozen=True)
class Manifest:
    """What is in the archive; digests by file name."""

    format: int
    version: str
    taken_at: str
    digests: dict[str, str]


def dump_name(service: str) -> str:
    return f"{service}.dump"


def pack(directory: Path, target: Path, *, taken_at: str) -> None:
    """Write the directory's files as an archive, whole or not at all, readable by its owner only: it holds secrets."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    digests = {str(path.relative_to(directory)): _digest(path) for path in files}
    manifest = Manifest(format=FORMAT, version=version(), taken_at=taken_at, digests=digests)
    (directory / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2))
    draft = target.with_name(f".{target.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    with tarfile.open(draft, "w") as archive:
        for name in (MANIFEST, *digests):
            archive.add(directory / name, arcname=name)
    draft.replace(target)


@contextmanager
def unpacked(source: Path) -> Iterator[tuple[Path, Manifest]]:
    """The archive's files in a directory for a while, checked; raises ArchiveUnusable."""
    with tempfile.TemporaryDirectory(prefix="fullcircle-restore-") as name:
        directory = Path(name)
        try:
            with tarfile.open(source) as archive:
                _extract(archive, directory)
            manifest = Manifest(**json.loads((directory / MANIFEST).read_text()))
        except (OSError, tarfile.TarError, ValueError, TypeError) as error:
            raise ArchiveUnusable(f"{source} is no backup of Fullcircle: {error}") from error
        _check(source, directory, manifest)
        yield directory, manifest


def _extract(archive: tarfile.TarFile, directory: Path) -> None:
    """Plain files below the directory, and nothing else; the Python of Debian 12 cannot be asked to filter them."""
    for member in archive:
        content, target = archive.extractfile(member) if member.isreg() else None, directory / member.name
        if content is None or not target.resolve().is_relative_to(directory.resolve()):
            raise tarfile.ExtractError(f"{member.name} is no file of a backup")
        target.parent.mkdir(parents=True, exist_ok=True)
        with content, target.open("wb") as file:
            shutil.copyfileobj(content, file)


def _check(source: Path, directory: Path, manifest: Manifest) -> None:
    if manifest.format != FORMAT or ordered(manifest.version) > ordered(version()):
        raise ArchiveUnusable(f"{source} was written by Fullcircle {manifest.version}, newer than this {version()}")
    missing = [dump_name(service) for service in SERVICES if dump_name(service) not in manifest.digests]
    damaged = [name for name, digest in manifest.digests.items() if _digest(directory / name) != digest]
    if missing or damaged:
        raise ArchiveUnusable(f"{source} is damaged: {', '.join(missing + damaged)}")


def _digest(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
