"""What the report draws: quantities of the statements, against which parameter, at which values.

The common scale s of the data cancels from everything that is drawn; it is 1 throughout.
"""

from collections.abc import Mapping

from sympy import Integer, Min, Rational, exp, log

from lemmas.polynomial_attention.cases import CASES, THRESHOLD, finite_form
from lemmas.polynomial_attention.notation import (
    a_0,
    a_1,
    b,
    beta,
    c,
    d,
    delta,
    entry,
    f,
    i_0,
    j_0,
    j_1,
    j_3,
    k,
    m,
    n,
    s,
    t,
    x_0,
)
from verify.language.picture import Boundary, Curve, Line, Plot
from verify.language.statement import Expression, Output, Probability, SignSum
from verify.language.sympy_terms import ge, le, symbols

x, y = symbols("x y")
D_1, D_0 = CASES[:2]
FIRES = Output(
    entry[j_0, i_0], i_0, d, threshold=THRESHOLD, columns=m, positive=True, row=j_0, rows=n
)
SILENT = Output(
    entry[j_0, i_0], i_0, d, threshold=THRESHOLD, columns=m, positive=False, row=j_0, rows=n
)

ROWS = 1000
SIZES = {d: Integer(52), t: Integer(20), s: Integer(1)}
NETWORK = {**SIZES, m: Integer(60)}
HIGH = log(ROWS) / log(Rational(17, 10))
"""The degree from which on (1 + a_1)^beta >= n at the reference value of a_1."""


def steps(low: int, high: int, by: Expression = 1) -> tuple[Expression, ...]:
    """``low, low + by, .., high``."""
    return tuple(low + by * number for number in range(int((high - low) / by) + 1))


def upright(label: str, place: Expression, low: Expression, high: Expression) -> Line:
    """A vertical line."""
    return Line(label, (place, low), (place, high))


def both(values: Mapping[Expression, Expression]) -> tuple[Curve, ...]:
    """Pr[F > 0] on the two datasets."""
    return tuple(
        Curve(f"Pr[F > 0] on D_{case.dataset}", case.theorem, FIRES, {**NETWORK, **values})
        for case in (D_1, D_0)
    )


MARGINS = Plot(
    "margins",
    "Room in the bounds on attention weights",
    "Relative margin of Lemma 6.6 parts 3a, 3b, 4a and 4b (how far a weight is from its bound, as "
    "a part of the bound) as the degree grows. The hypothesis (1 + a_1)^beta >= n holds from the "
    f"vertical line on; there 3a and 4a begin with no more room than they need. n = {ROWS}, "
    "a_1 = 0.7.",
    "6.6/3a",
    beta,
    steps(4, 40, Integer(2)),
    "degree beta",
    "margin / bound",
    curves=tuple(
        Curve(f"part {part}", f"6.6/{part}", None, {**SIZES, beta: beta})
        for part in ("3a", "3b", "4a", "4b")
    ),
    lines=(upright("(1 + a_1)^beta = n", HIGH, Integer(-1), Integer(1)),),
)

WEIGHTS = Plot(
    "weights",
    "Attention weights of row j_3 as the degree grows",
    "With a = 0.7 the row attends to itself once (1 + a)^beta reaches n; with a = 0.05 it still "
    f"spreads. Vertical lines: the borders of the low-degree regime, (1 + a_1)^beta = n^x_0 with "
    f"x_0 = 0.45, and of the high-degree regime, (1 + a_1)^beta = n. n = {ROWS}.",
    "6.7/1",
    beta,
    steps(1, 40, Integer(1)),
    "degree beta",
    "weight",
    curves=(
        Curve("f[j_3, j_3] on D_1", "6.6/3a", f[j_3, j_3], {**SIZES, beta: beta}),
        Curve("f[j_3, j_3] on D_0", "6.10/3a", f[j_3, j_3], {**SIZES, beta: beta}),
        Curve("f[j_3, j_1] on D_1", "6.6/3b", f[j_3, j_1], {**SIZES, beta: beta}),
    ),
    lines=(
        upright("low degree: left of here", HIGH * Rational(9, 20), Rational(1, 10**6), Integer(1)),
        upright("high degree: right of here", HIGH, Rational(1, 10**6), Integer(1)),
    ),
    log_y=True,
)

BY_DEGREE = Plot(
    "fires-by-degree",
    "Pr[F > 0] against the degree",
    "The exact probability that the network fires, on both datasets. On D_1 it rises to 1 before "
    "(1 + a_1)^beta reaches n; on D_0 it does the same before (1 + a_0)^beta does: a degree that "
    "is too large separates nothing. n = 1000, d = 1002, m = 60, a_0 = 0.05, a_1 = 0.7, "
    "b = 0.4, c = 0.6.",
    "6.5/high-d1",
    beta,
    steps(2, 162, Integer(5)),
    "degree beta",
    "Pr[F > 0]",
    curves=both({beta: beta, d: Integer(1002), t: Integer(1)}),
    lines=(
        upright("(1 + a_1)^beta = n", HIGH, Integer(0), Integer(1)),
        upright("(1 + a_0)^beta = n", log(ROWS) / log(Rational(21, 20)), Integer(0), Integer(1)),
    ),
)

BY_WIDTH = Plot(
    "fires-by-width",
    "Pr[F > 0] against the number of columns d",
    "The exact probability at beta = 16 with t = 20 copies, so that n = 20 (d - 2). On D_0 the "
    "Type II columns are noise that fades like 1 / sqrt(d).",
    "6.13",
    d,
    tuple(Integer(2 + 2**power) for power in range(2, 12)),
    "d",
    "Pr[F > 0]",
    curves=both({d: d, t: Integer(20), beta: Integer(16)}),
    log_x=True,
)

BY_ROWS = Plot(
    "fires-by-rows",
    "Pr[F > 0] against the number of rows n",
    "The exact probability at d = 52 and beta = 16 while t grows, n = 50 t. On D_1 the degree "
    "stops to be high when n passes 1.7^16 = 4866.",
    "6.9",
    x,
    tuple(Integer(50 * 2**power) for power in range(12)),
    "n",
    "Pr[F > 0]",
    curves=both({t: x / 50, beta: Integer(16)}),
    log_x=True,
)

FIXED = n ** (x_0 - 1) * a_0 * s + (n ** (x_0 - 1) + t / n) * b * s
DATUM = {**SIZES, beta: Integer(16)}
TAIL = Plot(
    "tail",
    "The exact tail beside Hoeffding's bound",
    "What Lemma 6.12 bounds: the probability that |<c_{j_3}, s_vec>| exceeds (c + x) s on D_0; the "
    "lemma is about x = 0.1. Hoeffding's bound is the one of the proof, with the bounds of Lemma "
    f"6.11 for the coordinates. d = 52, n = {ROWS}, beta = 16, a_0 = 0.05, b = 0.4, c = 0.6.",
    "6.12/1",
    x,
    steps(Rational(4, 100), Rational(32, 100), Rational(1, 100)),
    "x",
    "probability",
    curves=(
        Curve(
            "exact",
            "6.12/1",
            SignSum(entry[j_3, i_0], i_0, d, ">", (c + x) * s, absolute=True),
            DATUM,
        ),
        Curve(
            "Hoeffding",
            "6.12/1",
            2 * exp(-((x * s - FIXED) ** 2) / (2 * d * (t / n * b * s) ** 2)),
            DATUM,
        ),
    ),
    log_y=True,
)

LIKELY = 1 - delta / n**k
TENTHS = {b: Rational(1, 10), s: Integer(1)}
SQUARE = {t: Integer(1), d: Integer(2**10 + 2), m: Integer(110), **TENTHS}
DEGREE_AND_FEATURE = Plot(
    "phase-feature",
    "Where the network separates: degree against feature",
    "A datum with feature a, at degree beta = x log n. Above the upper pair of lines F > 0, below "
    "the lower pair F = 0, each with probability at least 1 - delta / n: the condition of the "
    "paper, which suffices, beside the exact border. n = 1024, d = 1026, m = 110, delta = 0.05, "
    "x_0 = 0.45, b = 0.1.",
    "6.5/high-d1",
    x,
    tuple(Integer(number) for number in (4, 6, 8, 11, 15, 20, 28)),
    "beta / log n",
    "feature a",
    second=y,
    drawn=x / log(2**10),
    boundaries=(
        Boundary(
            "F > 0: (1 + a)^beta >= n suffices",
            D_1.theorem,
            ge((1 + a_1) ** beta, n),
            Integer(0),
            Integer(4),
            {**SQUARE, beta: x, a_1: y},
        ),
        Boundary(
            "F > 0: exact border",
            D_1.theorem,
            Probability(FIRES, LIKELY),
            Integer(0),
            Integer(4),
            {**SQUARE, beta: x, a_1: y},
        ),
        Boundary(
            "F = 0: exact border",
            D_0.theorem,
            Probability(SILENT, LIKELY),
            Integer(0),
            Integer(4),
            {**SQUARE, beta: x, a_0: y},
            side="greatest",
        ),
        Boundary(
            "F = 0: (1 + a)^beta <= n^x_0 and room for Hoeffding suffice",
            D_0.theorem,
            le((1 + a_0) ** beta, n**x_0) & finite_form(D_0, k + 1),
            Integer(0),
            Integer(4),
            {**SQUARE, beta: x, a_0: y},
            side="greatest",
        ),
    ),
)

DOUBLED = (8, 12, 16, 24, 32, 48, 64, 96, 128, 160, 192)
WIDTH = {d: 2**y + 2, t: 2 ** (x - y), beta: 2 * x, s: Integer(1), m: Integer(2000)}
ROWS_AND_WIDTH = Plot(
    "phase-sizes",
    "How many columns D_0 needs: log n against log d",
    "The least d (among 2^y + 2) at which F = 0 on D_0 with probability at least 1 - delta / n: "
    "exactly, and by the finite forms of Theorems 6.13 (high degree) and 6.21 (low degree), which "
    "has no room at all before n = 2^150. The paper asks for d between n^0.02 and n. "
    "beta = 2 log_2 n, a_0 = 0.05, m = 2000, delta = 0.05, x_0 = 0.45.",
    "6.5/high-d0",
    x,
    tuple(map(Integer, DOUBLED)),
    "log_2 n",
    "log_2 d",
    second=y,
    whole=True,
    log_x=True,
    log_y=True,
    boundaries=(
        Boundary(
            "6.21: sufficient", CASES[3].theorem, finite_form(CASES[3], k + 1), Integer(1), x, WIDTH
        ),
        Boundary("6.13: sufficient", D_0.theorem, finite_form(D_0, k + 1), Integer(1), x, WIDTH),
        Boundary(
            "exact border", D_0.theorem, Probability(SILENT, LIKELY), Integer(1), Min(x, 16), WIDTH
        ),
    ),
    lines=(
        Line("d = n", (Integer(8), Integer(8)), (Integer(192), Integer(192))),
        Line("d = n^0.02", (Integer(8), Rational(16, 100)), (Integer(192), Rational(384, 100))),
    ),
)

PLOTS = (
    BY_DEGREE,
    BY_WIDTH,
    BY_ROWS,
    DEGREE_AND_FEATURE,
    ROWS_AND_WIDTH,
    WEIGHTS,
    MARGINS,
    TAIL,
)
