"""The three secrets of an installation: made on the first start, readable by their owner only."""

import base64
import os
from pathlib import Path
from secrets import token_bytes

SECRET_NAMES = ("key_pepper", "cursor_key", "signing_key")
SECRET_BYTES = 32


def ensure_secrets(directory: Path) -> list[str]:
    """Make the secrets that are neither on disk nor in the environment; answers the names of the new ones."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    missing = [name for name in SECRET_NAMES if not is_given(name) and not (directory / name).exists()]
    for name in missing:
        write_secret(directory / name, base64.urlsafe_b64encode(token_bytes(SECRET_BYTES)).decode().rstrip("="))
    return missing


def is_given(name: str) -> bool:
    """Whether the environment carries this secret, which then wins over the file."""
    return bool(os.environ.get(f"FULLCIRCLE_{name.upper()}"))


def write_secret(path: Path, text: str) -> None:
    """Write beside and rename: a full disk or a kill leaves the old file or none, never half a key."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
