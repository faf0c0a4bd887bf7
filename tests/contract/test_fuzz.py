"""Schemathesis against the running processes: no server error, nothing that the document does not say."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.contract.operations import Operation
from tests.e2e.stack import ROOT, Stack

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "8")
MAX_TIME_S = os.environ.get("FUZZ_SECONDS", "300")
PHASES = os.environ.get("FUZZ_PHASES", "examples,coverage,stateful")


def command(stack: Stack, key: str, report: Path) -> list[str]:
    """One bounded run; `make fuzz` goes deeper through the environment."""
    return [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{stack.url}/openapi.json"),
        *("--header", f"Authorization: Bearer {key}", "--checks", ",".join(CHECKS), "--phases", PHASES),
        *("--max-examples", EXAMPLES, "--max-time", MAX_TIME_S, "--generation-deterministic", "--no-shrink"),
        *("--continue-on-failure", "--workers", "2", "--request-timeout", "20", "--warnings", "off", "--no-color"),
        *("--suppress-health-check", "all", "--report", "json", "--report-json-path", str(report)),
    ]


async def test_no_input_finds_a_server_error_or_an_undocumented_answer(
    stack: Stack, operations: list[Operation], tmp_path: Path
) -> None:
    """In a workspace of its own; the story of another one stands beside it untouched."""
    key = await stack.other_workspace("Fuzz")
    report = tmp_path / "report.json"
    done = await asyncio.to_thread(
        subprocess.run,
        command(stack, key, report),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.contract.fuzz_hooks"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    figures: dict[str, Any] = json.loads(report.read_text())
    assert figures["operations"]["tested"] == figures["operations"]["total"] == len(operations)
    assert figures["test_cases"]["errored"] == 0
