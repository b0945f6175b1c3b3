"""Softmax against linear attention on the one-feature data."""

from sympy import exp

from lemmas.attention import ROW_SUMS, attention, dataset
from lemmas.softmax_attention import linear, network, softmax
from lemmas.softmax_attention.setting import CONSTANT_ENTRY, SOURCE, a
from lemmas.writing import C, D, T
from verify import Definition, Paper

DEFINITIONS = (
    Definition(
        "1", "Data matrix",
        "A_1 = A_2 = A_3 with n = (d - 2) t rows: Type I column e_{j_3} a s, Type II columns "
        "t stacked copies of b s I_{d-2}, Type III column (1 - b) s 1_n; s = sqrt(log n)",
        arrays=(dataset(a, CONSTANT_ENTRY),),
        provenance=(
            T("data with one feature", SOURCE),
            C("a >= 0.7 in D_1, 0 < a < 0.1 in D_0, 0.1 <= b <= 0.9",
              "as in the pack polynomial_attention, so that the units can be compared"),
        ),
    ),
    Definition(
        "2", "Attention",
        "u_{j_0,j_1} = g(<A_{j_0}, 1> <A_{j_1}, 1>), alpha = <u_{j_0}, 1>, f = u / alpha, "
        "c_{j_0,i_0} = <f_{j_0}, A_{*,i_0}>; g = exp or g(z) = z",
        arrays=attention(exp, ROW_SUMS),
        provenance=(
            T("the two units", SOURCE),
            D("products of row sums", "1.1"),
            C("Q K' = 1_{d x d} and V = I_d", "as in the pack polynomial_attention"),
        ),
    ),
)  # fmt: skip

PAPER = Paper(
    name="softmax_attention",
    title="Softmax and linear attention on data with one feature",
    authors="after Deng, Song, Zhou",
    source="arXiv:2310.11685 (2023)",
    definitions=DEFINITIONS,
    statements=(*softmax.STATEMENTS, *linear.STATEMENTS, *network.STATEMENTS),
    expected={
        "1.4/here-any": "refuted",
        "1.4/elsewhere": "refuted",
        "2.2/stated": "refuted",
    },
    notes=(
        "The numbers are this pack's own.",
        "T: the source states it; D: it follows from the definitions; C: chosen here.",
        "Rows that attend differ: with a >= 0.7 the feature gets half of the attention of its own "
        "row (1.4/here), while another row needs a >= 1 (1.4/elsewhere-exact).",
        "Separation: 3.3 and 3.7 for softmax (3.2 is the step for one column); 3.4 says that "
        "linear attention gives F = 0 with large and small features alike.",
    ),
)
