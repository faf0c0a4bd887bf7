"""Which Fullcircle this is."""

import tomllib
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def version() -> str:
    """The installed version, or the one in `pyproject.toml` when run from a tree that is not installed."""
    try:
        return installed_version("fullcircle")
    except PackageNotFoundError:
        return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def ordered(text: str) -> tuple[int, ...]:
    """A version as numbers, for comparing; what follows a number (`rc1`) is ignored."""
    numbers = []
    for part in text.split("."):
        digits = "".join(takewhile(str.isdigit, part))
        if not digits:
            break
        numbers.append(int(digits))
    return tuple(numbers)
