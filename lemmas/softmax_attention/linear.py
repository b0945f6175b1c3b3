"""Section 2: attention weights without a nonlinearity."""

from typing import Any

from lemmas.attention import b, d, entry, f, j_0, j_1, j_3, k_0, n, row_class, s, t
from lemmas.softmax_attention.setting import (
    CONSTANT_ENTRY,
    HALF,
    SOURCE,
    a,
    about,
    named,
    unit,
)
from lemmas.writing import D, T
from verify import Hypothesis, Statement, eq, ge, le
from verify.language.statement import Expression

LINEAR = unit("the unit is g(z) = z", lambda score: score)


def weights() -> tuple[Statement, ...]:
    """The weights: the same for every row that attends."""
    kinds = (
        ("1a", j_3, j_3, 1 + a), ("1b", j_3, j_1, 1), ("2a", j_0, j_3, 1 + a), ("2b", j_0, j_1, 1),
    )  # fmt: skip
    return tuple(
        about(
            LINEAR, row, column,
            id=f"2.1/{part}", section="2", heading="Weights without a nonlinearity",
            title=f"f for {named(row, column)}",
            conclusion=eq(f[row, column], top / (n + a)),
            provenance=(
                T("the unit and the data", SOURCE),
                D("the value", "the row that attends contributes one factor, which cancels"),
            ),
        )
        for part, row, column, top in kinds
    )  # fmt: skip


HALVES: dict[str, Any] = {
    "section": "2",
    "heading": "Half of the attention without a nonlinearity",
    "conclusion": ge(f[j_3, j_3], HALF),
    "uses": ("2.1/1a",),
}
STATED = about(
    LINEAR, j_3, id="2.2/stated", title="Every feature gets half of the attention",
    provenance=(T("the bound 1/2", "what softmax reaches at this place (1.4/here)"),), **HALVES,
)  # fmt: skip
CORRECTED = about(
    LINEAR, j_3, id="2.2/corrected", title="A feature of at least n - 2 gets half of it",
    given=(Hypothesis(le(n - 2, a), "the feature is as large as the data is long"),),
    provenance=(D("a >= n - 2", "the feature's row against n - 1 others"),), **HALVES,
)  # fmt: skip

COORDINATES = (
    ("type-1", 1, (1 + a) * a * s / (n + a)),
    ("special", 1 + row_class[j_3], (t + a) * b * s / (n + a)),
    ("type-2", 1 + k_0, t * b * s / (n + a)),
    ("type-3", d, CONSTANT_ENTRY),
)


def outputs(number: str, row: Expression) -> tuple[Statement, ...]:
    """The four kinds of coordinates of c."""
    return tuple(
        about(
            LINEAR, row, *((k_0,) if part == "type-2" else ()),
            id=f"{number}/{part}", section="2",
            heading=f"Outputs without a nonlinearity, for {named(row)}",
            title=f"Coordinate of c: {part}", conclusion=eq(entry[row, column], value),
            uses=("2.1/1a", "2.1/1b") if row == j_3 else ("2.1/2a", "2.1/2b"),
            provenance=(D("the value", "weights (1 + a) / (n + a) and 1 / (n + a)"),),
        )
        for part, column, value in COORDINATES
    )  # fmt: skip


STATEMENTS = (*weights(), STATED, CORRECTED, *outputs("2.3", j_3), *outputs("2.4", j_0))
