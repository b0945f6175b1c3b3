"""Attention as regression: losses, gradients, Hessians and what their signs need."""

from lemmas.attention_regression import attention, rescaled, softmax, unified
from lemmas.writing import T
from verify import Definition, Paper

DEFINITIONS = (
    Definition(
        "1", "Attention regression",
        "L(X, Y) = sum_{j_0, i_0} (<<exp(A_{j_0} x), 1>^{-1} exp(A_{j_0} x), A_3 Y_{*,i_0}> "
        "- b_{j_0,i_0})^2 with x = vec(X) and A_{j_0} the j_0-th block of A_1 (x) A_2",
        provenance=(T("the loss", "arXiv:2309.07418, its abstract"),),
    ),
    Definition(
        "2", "Softmax regression",
        "L(x) = 1/2 ||f(x) - b||^2 with f(x) = <exp(A x), 1>^{-1} exp(A x)",
        provenance=(T("the loss", "arXiv:2304.10411"),),
    ),
    Definition(
        "3", "Rescaled softmax regression",
        "L_u(x) = 1/2 ||u(x) - <u(x), 1> b||^2 with u in {exp(A x), cosh(A x), sinh(A x)}",
        provenance=(T("the loss", "arXiv:2305.00660"),),
    ),
    Definition(
        "4", "Unified form",
        "L(x) = ||<u(x), 1>^{-1} u(x) - b||^2 with u(x) = exp(A x) + A x",
        provenance=(T("the loss", "arXiv:2309.13482, its abstract"),),
    ),
)  # fmt: skip

PAPER = Paper(
    name="attention_regression",
    title="Attention as regression",
    authors="after Gao, Song, Wang, Yin; Deng, Li, Song; Gao, Song, Yin; Song, Wang, Yin",
    source="arXiv:2309.07418, arXiv:2304.10411, arXiv:2305.00660, arXiv:2309.13482 (2023)",
    definitions=DEFINITIONS,
    statements=(
        *attention.STATEMENTS,
        *softmax.STATEMENTS,
        *rescaled.STATEMENTS,
        *unified.STATEMENTS,
    ),
    expected={
        "2.3/stated": "refuted",
        "2.3/fifth": "refuted",
        "2.5": "refuted",
        "3.3/stated": "refuted",
        "3.4/sinh": "refuted",
        "4.1/stated": "refuted",
        "4.2/stated": "refuted",
        "4.3/stated": "refuted",
        "4.4": "refuted",
    },
    notes=(
        "The numbers are this pack's own; it collects statements from four papers.",
        "T: the source states it; D: it follows from the definitions; C: chosen here.",
        "Derivatives are written out, or replaced by exact differences: the language has none. "
        "That a written-out Hessian is the second derivative is for the reader to check; 2.5 and "
        "4.4 refute convexity without any derivative.",
    ),
)
