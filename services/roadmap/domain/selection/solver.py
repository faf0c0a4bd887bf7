"""Solves a selection exactly with HiGHS (highs.dev), gap 0 proved. Imported only in the child that solves."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from math import floor, gcd, inf, isfinite
from typing import Any, Literal

import highspy
import numpy as np

from services.roadmap.domain.selection.model import Model, Row

Status = Literal["optimal", "feasible", "infeasible", "unknown"]

VERSION = f"HiGHS {highspy.Highs().version()}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the solver knows: `bound` is what no choice can exceed; `chosen` are indices of variables."""

    status: Status
    objective: int | None
    bound: int | None
    chosen: frozenset[int]


class MilpSolver:
    """One model, loaded once, solved under changing fixings.

    Values are whole numbers with greatest common divisor g, so a gap below g proves the optimum: HiGHS is asked for
    less than one unit after division by g. A choice is taken only if it keeps every row in exact arithmetic: one that
    is feasible only within the solver's tolerance is cut off and the search goes on.
    """

    def __init__(self, model: Model, *, seed: int, time_limit_s: float) -> None:
        self.model = model
        self.time_limit_s = time_limit_s
        self.unit = reduce(gcd, model.objective, 0) or 1
        self._highs = highspy.Highs()
        # One thread and a fixed seed: the same input gives the same answer.
        options = {
            "output_flag": False,
            "threads": 1,
            "random_seed": seed,
            "mip_rel_gap": 0.0,
            "mip_abs_gap": 0.999,
        }
        for name, value in options.items():
            self._highs.setOptionValue(name, value)
        self._highs.passModel(_program(model, self.unit))

    @property
    def remaining_s(self) -> float:
        """Solver seconds left of the limit."""
        return max(0.0, self.time_limit_s - float(self._highs.getRunTime()))

    def solve(self, fixed: Mapping[int, int] | None = None) -> Answer:
        """The best choice with the variables in `fixed` held at 0 or 1."""
        with _held(self._highs, fixed or {}):
            while True:
                answer = self._run()
                broken = [row for row in self.model.rows if not row.holds(set(answer.chosen))]
                if answer.objective is None or not broken:
                    return answer
                self._cut_off(broken[0], answer.chosen)

    def _run(self) -> Answer:
        if self.remaining_s <= 0:
            return Answer("unknown", None, sum(self.model.objective), frozenset())
        self._highs.clearSolver()
        # HiGHS counts its time over all runs of one instance, so the limit spans them all.
        self._highs.setOptionValue("time_limit", self.time_limit_s)
        self._highs.run()
        status, info = self._highs.getModelStatus(), self._highs.getInfo()
        if status == highspy.HighsModelStatus.kInfeasible:
            return Answer("infeasible", None, None, frozenset())
        if not self.model.objective:
            return Answer("optimal", 0, 0, frozenset())
        bound = floor(info.mip_dual_bound + 1e-6) * self.unit if isfinite(info.mip_dual_bound) else None
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return Answer("unknown", None, bound, frozenset())
        values = np.asarray(self._highs.getSolution().col_value)
        chosen = frozenset(np.flatnonzero(values > 0.5).tolist())
        objective = sum(self.model.objective[variable] for variable in chosen)
        if status == highspy.HighsModelStatus.kOptimal:
            return Answer("optimal", objective, objective, chosen)
        return Answer("feasible", objective, bound, chosen)

    def _cut_off(self, row: Row, chosen: frozenset[int]) -> None:
        """These together use too much: never all of them again. Or too little: something else as well.

        Rows that the tolerance can bend have positive coefficients throughout; those of zeroes and ones it cannot.
        """
        inside = sorted(variable for variable, coefficient in row.terms if variable in chosen and coefficient > 0)
        outside = sorted(variable for variable, coefficient in row.terms if variable not in chosen and coefficient > 0)
        if row.upper is not None:
            self._highs.addRow(-inf, len(inside) - 1.0, len(inside), np.array(inside, np.int32), np.ones(len(inside)))
        else:
            self._highs.addRow(1.0, inf, len(outside), np.array(outside, np.int32), np.ones(len(outside)))


class _held:  # noqa: N801  reads as a word of the `with` statement
    """Holds variables at given values, and lets go of them afterwards."""

    def __init__(self, highs: Any, fixed: Mapping[int, int]) -> None:
        self.highs, self.fixed = highs, fixed

    def __enter__(self) -> None:
        for variable, value in self.fixed.items():
            self.highs.changeColBounds(variable, float(value), float(value))

    def __exit__(self, *_: object) -> None:
        for variable in self.fixed:
            self.highs.changeColBounds(variable, 0.0, 1.0)


def _program(model: Model, unit: int) -> Any:
    program = highspy.HighsLp()
    columns, rows = len(model.objective), [_scaled(row) for row in model.rows]
    program.num_col_, program.num_row_ = columns, len(rows)
    program.col_cost_ = np.array([value // unit for value in model.objective], dtype=float)
    program.col_lower_, program.col_upper_ = np.zeros(columns), np.ones(columns)
    program.integrality_ = [highspy.HighsVarType.kInteger] * columns
    program.sense_ = highspy.ObjSense.kMaximize
    program.row_lower_ = np.array([-inf if row.lower is None else row.lower for row in rows], dtype=float)
    program.row_upper_ = np.array([inf if row.upper is None else row.upper for row in rows], dtype=float)
    matrix = program.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_ = np.cumsum([0, *(len(row.terms) for row in rows)]).astype(np.int32)
    matrix.index_ = np.array([variable for row in rows for variable, _ in row.terms], dtype=np.int32)
    matrix.value_ = np.array([coefficient for row in rows for _, coefficient in row.terms], dtype=float)
    return program


def _scaled(row: Row) -> Row:
    """The row divided by the divisor that its coefficients share: 1,200,000 cents become 12 in units of 100,000."""
    divisor = reduce(gcd, (abs(coefficient) for _, coefficient in row.terms), 0)
    if divisor <= 1:
        return row
    lower = None if row.lower is None else -(-row.lower // divisor)
    upper = None if row.upper is None else row.upper // divisor
    return Row(tuple((variable, coefficient // divisor) for variable, coefficient in row.terms), lower, upper, row.rule)
