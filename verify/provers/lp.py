"""Linear programs by HiGHS: floating point, so what comes out is only a suggestion."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.language.work import UNITS
from verify.provers.budget import Budget, OutOfTime

Floats = NDArray[np.float64]

A_PROGRAM, AN_ENTRY = 350, 0.36
"""The work of a program, and for each of its entries."""

A_PIVOT, ENTRIES = 9, 500
"""The work of an iteration, and the number of entries that adds a unit to it."""

MOST_PIVOTS = 2_000_000_000
"""The greatest number of iterations that the library can be told."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """A solution of ``minimise cost.x, A x = b, x >= 0 (or free)``: a vertex, with dual values."""

    values: Floats
    duals: Floats
    basic: NDArray[np.bool_]


_SOLVERS = threading.local()


def _library() -> tuple[Any, Any]:
    """The library and a solver of this thread: to make one takes as long as a small program."""
    highspy: Any = import_module("highspy")  # only where a linear program is needed
    if not hasattr(_SOLVERS, "solver"):
        solver = highspy.Highs()
        # Nobody listens, and to call out from every iteration takes time.
        solver.disableCallbacks()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("solver", "simplex")
        _SOLVERS.solver = solver
    return highspy, _SOLVERS.solver


def minimise(
    cost: Floats,
    start: NDArray[np.int32],
    index: NDArray[np.int32],
    value: Floats,
    right: Floats,
    free: NDArray[np.bool_],
    budget: Budget,
) -> Optimum | None:
    """Solve with the columns of ``A`` in compressed form; None when infeasible.

    Raises:
        OutOfTime: the budget has run out.
    """
    highspy, solver = _library()
    budget.spend(A_PROGRAM + AN_ENTRY * len(value))
    pivot = A_PIVOT + len(value) / ENTRIES
    # The clock of the solver goes on from one program to the next.
    solver.setOptionValue("time_limit", solver.getRunTime() + max(0.01, budget.clock()))
    solver.setOptionValue(
        "simplex_iteration_limit", int(min(budget.left() * UNITS / pivot, MOST_PIVOTS))
    )
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(cost), len(right)
    model.col_cost_ = cost
    model.col_lower_ = np.where(free, -highspy.kHighsInf, 0.0)
    model.col_upper_ = np.full(len(cost), highspy.kHighsInf)
    model.row_lower_ = right
    model.row_upper_ = right
    model.a_matrix_.start_ = start
    model.a_matrix_.index_ = index
    model.a_matrix_.value_ = value
    solver.passModel(model)
    solver.run()
    budget.spend(pivot * solver.getInfo().simplex_iteration_count)
    status = solver.getModelStatus()
    statuses = highspy.HighsModelStatus
    if status in (statuses.kTimeLimit, statuses.kIterationLimit):
        raise OutOfTime
    if status != statuses.kOptimal:
        return None
    solution, basis = solver.getSolution(), solver.getBasis()
    basic = np.array([s == highspy.HighsBasisStatus.kBasic for s in basis.col_status], dtype=bool)
    return Optimum(np.array(solution.col_value), np.array(solution.row_dual), basic)
