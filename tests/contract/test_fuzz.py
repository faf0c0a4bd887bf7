"""Schemathesis against the running processes: no server error, nothing that the document does not say."""

import asyncio
import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.contract.operations import Operation
from tests.e2e.stack import ROOT, Stack

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# `make fuzz` asks for so many cases in all, and takes the time that they need.
CASES = int(os.environ.get("FUZZ_CASES", "0"))
# So many routes are covered by every case of their schemas within CI's minutes; of more, a share of each.
ROUTES_IN_FULL = 100
COVERAGE_LIMIT_S = 240
# Scenarios follow links from answer to request for as long as there is time: there is no end to them.
SCENARIOS_S = 60
SEED = "20270118"


@dataclass(frozen=True)
class Run:
    """One run of schemathesis; `reaches_all` when it must have called every operation."""

    phases: str
    bounds: tuple[str, ...]
    reaches_all: bool = True

    def arguments(self) -> tuple[str, ...]:
        return ("--phases", self.phases, *self.bounds)


def runs(routes: int) -> dict[str, Run]:
    """CI takes what fits, each phase with time of its own; a number of cases is shared among the routes."""
    if CASES:
        deep = ("--max-examples", str(math.ceil(CASES / routes)), "--seed", SEED)
        return {"everything": Run("examples,coverage,fuzzing,stateful", deep)}
    return {
        "cases": Run("examples,coverage", ("--max-time", str(COVERAGE_LIMIT_S), "--generation-deterministic")),
        "scenarios": Run("stateful", ("--max-time", str(SCENARIOS_S), "--seed", SEED), reaches_all=False),
    }


def command(stack: Stack, key: str, report: Path, run: Run) -> list[str]:
    """A run over the document that the stack serves."""
    return [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{stack.url}/openapi.json"),
        *("--header", f"Authorization: Bearer {key}", "--checks", ",".join(CHECKS), *run.arguments(), "--no-shrink"),
        *("--continue-on-failure", "--workers", "2", "--request-timeout", "20", "--warnings", "off", "--no-color"),
        *("--suppress-health-check", "all", "--report", "json", "--report-json-path", str(report)),
    ]


def test_a_share_of_cases_is_even_and_never_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.contract import fuzz_hooks

    def kept(share: float, phase: str, label: str) -> list[int]:
        monkeypatch.setattr(fuzz_hooks, "SHARE", share)
        meta = SimpleNamespace(phase=SimpleNamespace(name=phase))
        case = SimpleNamespace(meta=meta, operation=SimpleNamespace(label=label))
        return [number for number in range(12) if fuzz_hooks.filter_case(None, case)]

    assert kept(0.5, "coverage", "GET /half") == [0, 1, 3, 5, 7, 9, 11]
    assert kept(0.1, "coverage", "GET /tenth") == [0, 9]
    assert kept(1, "coverage", "GET /all") == kept(0.1, "stateful", "GET /steps") == list(range(12))
    assert kept(1, "fuzzing", "GET /things/stream") == list(range(fuzz_hooks.STREAMS_HEARD))


@pytest.mark.parametrize("name", runs(1))
async def test_no_input_finds_a_server_error_or_an_undocumented_answer(
    stack: Stack, operations: list[Operation], name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a workspace of its own; the story of another one stands beside it untouched."""
    key, run = await stack.other_workspace(f"Fuzz: {name}"), runs(len(operations))[name]
    report = tmp_path / "report.json"
    share = "1" if CASES else str(min(1.0, ROUTES_IN_FULL / len(operations)))
    hooks = {"SCHEMATHESIS_HOOKS": "tests.contract.fuzz_hooks", "FUZZ_SHARE": share}
    done = await asyncio.to_thread(
        subprocess.run,
        command(stack, key, report, run),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), **hooks},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    figures: dict[str, Any] = json.loads(report.read_text())
    told = figures["test_cases"]
    assert told["errored"] == 0
    assert told["generated"] > 0
    if run.reaches_all:
        assert figures["operations"]["tested"] == figures["operations"]["total"] == len(operations)
    with capsys.disabled():
        print(f"\n{name}: {told['generated']} over {len(operations)} routes: {told}")
