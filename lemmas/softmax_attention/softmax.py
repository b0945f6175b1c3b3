"""Section 1: attention weights with the exponential."""

from typing import Any

from sympy import Rational, exp

from lemmas.attention import ROW_SUMS, SCORE, d, f, j_0, j_1, j_3, n, s, u
from lemmas.softmax_attention.setting import HALF, SOURCE, a, about, at_least, named, unit
from lemmas.writing import C as chosen
from lemmas.writing import D, T, declare
from verify import Hypothesis, Index, Param, Statement, eq, ge, gt, lt
from verify.language.statement import Expression

SOFTMAX = unit("the unit is g(z) = exp(z)", exp)
GAIN_HERE, GAIN_ELSEWHERE = exp(a * (1 + a) * s**2), exp(a * s**2)

ROWS_OF_SCORES = declare(
    id="1.1",
    title="A score is the product of two row sums",
    heading="Scores",
    kind="lemma",
    section="1",
    params=(at_least(n, "number of rows", 6, 1), at_least(d, "number of columns", 4, 1)),
    indices=(Index(j_0, n, "the row that attends"), Index(j_1, n, "the row attended to")),
    hypotheses=(Hypothesis(None, "A is any n x d matrix, and Q K' = 1_{d x d}"),),
    conclusion=eq(SCORE, ROW_SUMS),
    definitions=("2",),
    provenance=(D("the product", "the row of A (x) A times a vector of ones"),),
    note="(A_{j_0} (x) A_{j_1}) 1 = <A_{j_0}, 1> <A_{j_1}, 1>",
)


def scores() -> tuple[Statement, ...]:
    """The four kinds of entries of u."""
    kinds = (
        ("1a", j_3, j_3, (1 + a) ** 2), ("1b", j_3, j_1, 1 + a),
        ("2a", j_0, j_3, 1 + a), ("2b", j_0, j_1, 1),
    )  # fmt: skip
    return tuple(
        about(
            SOFTMAX, row, column,
            id=f"1.2/{part}", section="1", heading="Scores with the exponential",
            title=f"u for {named(row, column)}",
            conclusion=eq(u[row, column], exp(power * s**2)), uses=("1.1",),
            provenance=(T("the unit and the data", SOURCE), D("the value", "row sums (1 + a) s "
                                                              "and s")),
            note="with s = sqrt(log n) a power of n",
        )
        for part, row, column, power in kinds
    )  # fmt: skip


def exact() -> tuple[Statement, ...]:
    """When the feature gets at least half of the attention, exactly."""
    found = []
    for name, row, gain in (("here", j_3, GAIN_HERE), ("elsewhere", j_0, GAIN_ELSEWHERE)):
        shared: dict[str, Any] = {
            "section": "1", "heading": "Half of the attention, exactly",
            "uses": ("1.2/1a", "1.2/1b") if row == j_3 else ("1.2/2a", "1.2/2b"),
            "provenance": (
                T("the bound 1/2", "what a polynomial unit of high degree reaches at this place"),
                D("the condition", "u at j_3 must outweigh the n - 1 others together"),
            ),
        }  # fmt: skip
        enough = Hypothesis(ge(gain, n - 1), "the feature outweighs all other rows")
        too_little = Hypothesis(lt(gain, n - 1), "the feature does not outweigh them")
        found += [
            about(SOFTMAX, row, given=(enough,), id=f"1.3/{name}-if",
                  title=f"Enough, for {named(row)}", conclusion=ge(f[row, j_3], HALF), **shared),
            about(SOFTMAX, row, given=(too_little,), id=f"1.3/{name}-only-if",
                  title=f"Needed, for {named(row)}", conclusion=lt(f[row, j_3], HALF), **shared),
        ]  # fmt: skip
    return tuple(found)


def in_the_feature(
    part: str, title: str, exponent: Expression, least: Expression, conditions: Any, uses: str
) -> Statement:
    """The conditions of 1.3 for s = sqrt(log n), as conditions on the feature."""
    return declare(
        id=f"1.4/{part}",
        title=title,
        heading="Half of the attention for s = sqrt(log n)",
        kind="lemma",
        section="1",
        params=(at_least(n, "number of rows", 6, 2), Param(a, "the feature", *conditions)),
        hypotheses=(Hypothesis(None, "s = sqrt(log n), so that exp(s^2 z) = n^z"), *least),
        conclusion=ge(n**exponent, n - 1),
        definitions=("1", "2"),
        uses=(f"1.3/{uses}-if", f"1.3/{uses}-only-if"),
        provenance=(
            T("s = sqrt(log n)", SOURCE),
            D("the condition", "that of 1.3, which is exact"),
            chosen("the range of a", "0.7 is the least feature of the dataset D_1 that the "
                   "polynomial unit is studied on"),
        ),
        note=f"n^{{{exponent}}} >= n - 1: the feature gets half of the attention",
    )  # fmt: skip


SEVEN_TENTHS = (Rational(7, 10), False, (ge(a, Rational(7, 10)),))
POSITIVE = (HALF, False, (gt(a, 0),))
LARGE = (Hypothesis(ge(a * (1 + a), 1), "a >= (sqrt(5) - 1) / 2"),)
ONE = (Hypothesis(ge(a, 1), "the feature is at least 1"),)
FEATURES = (
    in_the_feature("here", "Row j_3 attends, a >= 0.7", a * (1 + a), (), SEVEN_TENTHS, "here"),
    in_the_feature("here-exact", "Row j_3 attends, a (1 + a) >= 1", a * (1 + a), LARGE, POSITIVE,
                   "here"),
    in_the_feature("here-any", "Row j_3 attends, any a > 0", a * (1 + a), (), POSITIVE, "here"),
    in_the_feature("elsewhere", "Another row attends, a >= 0.7", a, (), SEVEN_TENTHS,
                   "elsewhere"),
    in_the_feature("elsewhere-exact", "Another row attends, a >= 1", a, ONE, POSITIVE,
                   "elsewhere"),
)  # fmt: skip

STATEMENTS = (ROWS_OF_SCORES, *scores(), *exact(), *FEATURES)
