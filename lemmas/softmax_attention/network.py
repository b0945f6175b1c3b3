"""Section 3: the output of the network, and what it separates."""

from typing import Any

from sympy import Rational, log, sqrt

from lemmas.attention import (
    COLUMNS,
    CONSTANT,
    FAILURE,
    POLY,
    TENTH,
    C,
    C_k,
    b,
    d,
    delta,
    entry,
    i_0,
    j_0,
    j_3,
    k,
    k_0,
    m,
    n,
    row_class,
    s,
    t,
)
from lemmas.softmax_attention.linear import LINEAR
from lemmas.softmax_attention.setting import (
    CONSTANT_ENTRY,
    FEATURE,
    SOURCE,
    THRESHOLD,
    a,
    about,
    named,
)
from lemmas.softmax_attention.softmax import GAIN_ELSEWHERE, GAIN_HERE, SOFTMAX
from lemmas.writing import C as chosen
from lemmas.writing import D, T
from verify import Hypothesis, Output, Param, Probability, SignSum, Statement, eq, ge, gt, le
from verify.language.statement import Expression

SPECIAL = 1 + row_class[j_3]
LARGE = Param(a, "the feature", Rational(7, 10), where=(ge(a, Rational(7, 10)),))
SMALL = Param(a, "the feature", Rational(1, 20), where=(gt(a, 0),))
OUTWEIGHS = Hypothesis(
    ge(GAIN_HERE, n - 1), "the feature outweighs all other rows (1.4: a (1 + a) >= 1 is enough)"
)
MANY = Hypothesis(ge(m, C * log(n / delta)), "m = C log(n / delta), rounded up")
FEW = Hypothesis(
    le(m, n**2 / (4 * delta ** (k + 1))), "m is small enough for a union bound", listed=False
)
WIDE = (10**4 + 2, 2)
LIKELY = 1 - delta / n**k
BOUND = chosen("the threshold (c + 0.1) s and the probability", "those of the polynomial unit")


def output(positive: bool) -> Output:
    """The output of the network: positive or zero."""
    return Output(
        entry[j_0, i_0], i_0, d, threshold=THRESHOLD, columns=m, positive=positive, row=j_0, rows=n
    )


def gained() -> tuple[Statement, ...]:
    """Coordinates of c in row j_3 where the feature gets half of the attention."""
    kinds = (
        ("type-1", ge(entry[j_3, 1], a * s / 2)),
        ("type-3", eq(entry[j_3, d], CONSTANT_ENTRY)),
    )
    return tuple(
        about(
            SOFTMAX, j_3, given=(OUTWEIGHS,), feature=LARGE,
            id=f"3.1/{part}", section="3", heading="Outputs with softmax where the feature wins",
            title=f"Coordinate of c: {part}", conclusion=conclusion, uses=("1.3/here-if",),
            provenance=(D("the value", "the weight at j_3 is at least 1/2"),),
        )
        for part, conclusion in kinds
    )  # fmt: skip


SIGNS = about(
    SOFTMAX, j_3, given=(OUTWEIGHS,), feature=LARGE,
    id="3.2", section="3", heading="Random signs with softmax",
    title="One column exceeds the threshold",
    conclusion=Probability(SignSum(entry[j_3, i_0], i_0, d, ">=", THRESHOLD), TENTH),
    uses=("3.1/type-1", "3.1/type-3"), provenance=(T("the network", SOURCE), BOUND),
)  # fmt: skip
POSITIVE = about(
    SOFTMAX, j_3, given=(OUTWEIGHS, MANY), feature=LARGE,
    params=(FAILURE, POLY, COLUMNS, CONSTANT), large=C, fixed=(k,),
    id="3.3", section="3", heading="Softmax sees the feature", title="F > 0 on D_1",
    conclusion=Probability(output(True), LIKELY),
    uses=("3.1/type-1", "3.1/type-3"),
    provenance=(T("softmax separates", SOURCE), BOUND),
)  # fmt: skip


def radius(regular: Expression, power: Expression) -> Expression:
    """The radius of Hoeffding's bound where regular coordinates are at most so large."""
    return C_k(power) * sqrt(log(n / delta)) * sqrt(d) * regular


def silent(
    identifier: str, acting: Any, special: Expression, feature: Param, gains: Any, **fields: Any
) -> Statement:
    """F = 0: fixed coordinates and radius fit below the threshold, for both kinds of rows."""
    regular = t * b * s / special
    rooms = tuple(
        Hypothesis(
            le(gain * a * s / special + (t + rest) * b * s / special + radius(regular, k + 1),
               TENTH * s),
            f"fixed coordinates and Hoeffding's radius fit into 0.1 s, for {named(row)}",
        )
        for row, gain, rest in gains
    )  # fmt: skip
    return about(
        acting, j_3, given=(*rooms, FEW), feature=feature, wide=WIDE,
        params=(FAILURE, POLY, COLUMNS), radius=radius(regular, k + 1),
        variance=d * regular**2, id=identifier, section="3",
        conclusion=Probability(output(False), LIKELY), **fields,
    )  # fmt: skip


LINEAR_SILENT = silent(
    "3.4", LINEAR, n + a, FEATURE, ((j_3, 1 + a, a),),
    heading="Linear attention does not see it", title="F = 0 with any feature",
    uses=tuple(f"{number}/{part}" for number in ("2.3", "2.4")
               for part in ("type-1", "special", "type-2", "type-3")),
    provenance=(
        T("linear attention does not separate", SOURCE), BOUND,
        D("one condition on the sizes", "all rows attend alike"),
    ),
)  # fmt: skip


def lost() -> tuple[Statement, ...]:
    """Coordinates of c with softmax, whatever the feature."""
    found = []
    for number, row, gain in (("3.5", j_3, GAIN_HERE), ("3.6", j_0, GAIN_ELSEWHERE)):
        kinds = (
            ("type-1", 1, le(entry[row, 1], gain * a * s / n)),
            ("special", SPECIAL, le(entry[row, SPECIAL], (t + gain) * b * s / n)),
            ("type-2", k_0, le(entry[row, 1 + k_0], t * b * s / n)),
            ("type-3", d, eq(entry[row, d], CONSTANT_ENTRY)),
        )
        found += [
            about(
                SOFTMAX, row, place, feature=SMALL, wide=WIDE,
                id=f"{number}/{part}", section="3",
                heading=f"Outputs with softmax, for {named(row)}",
                title=f"Coordinate of c: {part}", conclusion=conclusion,
                uses=("1.2/1a", "1.2/1b") if row == j_3 else ("1.2/2a", "1.2/2b"),
                provenance=(D("the bound", "the weight at j_3 is at most the gain over n, others "
                              "at most 1/n"),),
            )
            for part, place, conclusion in kinds
        ]  # fmt: skip
    return tuple(found)


SOFTMAX_SILENT = silent(
    "3.7", SOFTMAX, n, SMALL,
    ((j_3, GAIN_HERE, GAIN_HERE), (j_0, GAIN_ELSEWHERE, GAIN_ELSEWHERE)),
    heading="Softmax keeps quiet without a feature", title="F = 0 on D_0",
    uses=tuple(f"{number}/{part}" for number in ("3.5", "3.6")
               for part in ("type-1", "special", "type-2", "type-3")),
    provenance=(
        T("softmax separates", SOURCE), BOUND,
        D("the condition on the sizes", "for s = sqrt(log n) the gain is n^(a (1 + a)), and a "
          "below 0.1 leaves it far below n"),
    ),
)  # fmt: skip

STATEMENTS = (*gained(), SIGNS, POSITIVE, LINEAR_SILENT, *lost(), SOFTMAX_SILENT)
