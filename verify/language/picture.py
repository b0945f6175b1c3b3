"""Pictures that a pack asks for: what is drawn, against which parameter, at which fixed values.

A pack declares; the toolkit computes every coordinate, with rigorous bounds, in each run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from verify.language.statement import Expression, Output, Probability, SignSum


@dataclass(frozen=True, slots=True)
class Curve:
    """A quantity of a statement against the variable of the plot.

    ``quantity`` is an expression in the statement's parameters, indices and arrays; or an event of
    random signs, for its probability; or None, for the margin of the statement's conclusion.
    ``settings`` give parameters as expressions in the variable; all others keep their reference
    values. With ``values`` the curve has points of its own instead of those of the plot.
    """

    label: str
    statement: str
    quantity: Expression | SignSum | Output | None = None
    settings: Mapping[Any, Expression] = field(default_factory=dict)
    values: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where, for each value of the variable, a condition begins to hold in a second one.

    The condition is a relation or a probability bound. The second variable, an expression's
    symbol that occurs in ``settings``, goes from ``low`` to ``high``. Drawn is the ``least`` or
    the ``greatest`` value at which the condition holds, found by bisection: the condition is
    decided on both sides of it, and is taken to change only once.
    """

    label: str
    statement: str
    holds: Expression | Probability
    low: Expression
    high: Expression
    settings: Mapping[Any, Expression] = field(default_factory=dict)
    side: Literal["least", "greatest"] = "least"


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line between two points, such as the border of a regime."""

    label: str
    start: tuple[Expression, Expression]
    end: tuple[Expression, Expression]


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture.

    ``second`` is the second variable, where boundaries are drawn; with ``whole``, it takes integer
    values only. ``drawn`` is the horizontal coordinate in terms of the variable, where it is not
    the variable itself.
    """

    id: str
    title: str
    caption: str
    statement: str
    variable: Any
    values: tuple[Expression, ...]
    x_label: str
    y_label: str
    curves: tuple[Curve, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    lines: tuple[Line, ...] = ()
    second: Any | None = None
    whole: bool = False
    drawn: Expression | None = None
    log_x: bool = False
    log_y: bool = False
