"""The code in the guides runs, block after block of a page in one go, against the four processes."""

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from services.chassis.identity import SCOPES, SCOPES_OF_ROLE
from tests.e2e.stack import Stack

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
PAGES = (
    *("posting-feedback", "pagination-and-sync", "errors", "roles", "signing-in", "trackers", "coordination"),
    *("segments", "importing", "forms", "strategy-and-sharing", "collecting-figures", "dashboards-and-digests"),
    "experiments",
)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
RUNNERS = {
    "bash": ["bash", "-euo", "pipefail", "-c"],
    "python": [sys.executable, "-c"],
    "ts": ["node", "--input-type=module", "--eval"],
}


def blocks_of(page: str) -> dict[str, str]:
    """The page's code by language; blocks of one language build on those before them."""
    found: dict[str, str] = {}
    for language, code in FENCE.findall((GUIDES / f"{page}.md").read_text()):
        if language in RUNNERS:
            found[language] = found.get(language, "") + code
    return found


CODE = [(page, language) for page in PAGES for language in blocks_of(page)]


@pytest.mark.parametrize(("page", "language"), CODE)
async def test_the_code_of_a_guide_runs(stack: Stack, page: str, language: str) -> None:
    if shutil.which(RUNNERS[language][0]) is None:
        pytest.skip(f"{RUNNERS[language][0]} is not installed")
    key = await stack.other_workspace(f"Reader of {page}")  # whatever other tests have left behind is none of theirs
    environment = {**os.environ, "FULLCIRCLE": stack.url, "FULLCIRCLE_KEY": key}
    command = [*RUNNERS[language], blocks_of(page)[language]]
    output = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=output, stderr=output)
    told, complained = await asyncio.wait_for(process.communicate(), timeout=60)
    assert process.returncode == 0, f"{told.decode()}\n{complained.decode()}"


def test_every_page_has_code() -> None:
    assert {page for page, _ in CODE} == set(PAGES)


def test_the_roles_page_says_what_the_code_does() -> None:
    page = (GUIDES / "roles.md").read_text()
    rows = {row[0]: set(row[1].split()) for row in re.findall(r"^\| `(\w+)` \| `?(.*?)`? \|$", page, re.MULTILINE)}
    for role, scopes in SCOPES_OF_ROLE.items():
        assert rows[role] == (set(scopes) if role != "admin" else {"all"}), role
    assert all(f"| `{scope}` |" in page for scope in SCOPES)
