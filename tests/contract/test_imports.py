"""What each process loads to serve: the heavy libraries stay in the children that need them (3 s and 90 MB each)."""

import pytest

from tests.contract.house import described, run_python, standing_services

HEAVY = {"highspy", "onnxruntime", "ortools", "pandas", "scipy", "sklearn", "statsmodels", "tokenizers", "torch"}
PROGRAM = """
import sys
{start}
print(*sorted({{name.partition('.')[0] for name in sys.modules}}))
"""


def loaded_by(start: str) -> set[str]:
    """The heavy libraries that a fresh interpreter holds after these statements."""
    return set(run_python(PROGRAM.format(start=start)).split()) & HEAVY


def test_all_four_start_without_heavy_libraries() -> None:
    assert set(described()["loaded"]) & HEAVY == set()


@pytest.mark.parametrize("service", [each for each in standing_services() if each != "gateway"])
def test_a_start_makes_no_route_that_nobody_called(service: str) -> None:
    assert described()["made_routes"][service] == []


def test_the_command_line_starts_without_heavy_libraries() -> None:
    assert loaded_by("import services.launcher.cli") == set()


def test_the_nursery_has_one_thread_and_no_heavy_library() -> None:
    """What is forked must be alone: locks that another thread holds would be held forever in the child."""
    start = "import os; from services.launcher import nursery_main; nursery_main.load()"
    loaded, threads = run_python(f"{PROGRAM}print(len(os.listdir('/proc/self/task')))".format(start=start)).splitlines()
    assert set(loaded.split()) & HEAVY == set()
    assert threads == "1"


def test_a_heavy_import_is_noticed() -> None:
    assert loaded_by("import sklearn") >= {"scipy", "sklearn"}
