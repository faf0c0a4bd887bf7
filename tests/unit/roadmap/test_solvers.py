"""Both solvers live with one another in one process: tests import both, whichever comes first."""

import subprocess
import sys

import pytest

PROGRAM = """
import {first}
import {second}
import highspy
from ortools.sat.python import cp_model
highspy.Highs().run()
model = cp_model.CpModel()
model.maximize(model.new_bool_var(""))
assert cp_model.CpSolver().solve(model) == cp_model.OPTIMAL
"""


@pytest.mark.parametrize(
    ("first", "second"), [("highspy", "ortools.sat.python.cp_model"), ("ortools.sat.python.cp_model", "highspy")]
)
def test_either_order_of_import_works(first: str, second: str) -> None:
    """highspy 1.15 would not: see the pin in pyproject.toml."""
    program = PROGRAM.format(first=first, second=second)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
