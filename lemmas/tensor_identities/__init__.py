"""Identities about Kronecker products, tensor attention and cycle rank."""

from lemmas.tensor_identities import attention, cycle, trick
from lemmas.writing import D, T
from verify import Definition, Paper

DEFINITIONS = (
    Definition(
        "1", "Kronecker product",
        "(A (x) B)_{(i,j),(p,q)} = A_{i,p} B_{j,q}; rows and columns are pairs, the first index "
        "outermost",
        provenance=(D("pairs in place of numbers 1 .. n_1 n_2", "(i, j) is row (i-1) n_2 + j"),),
    ),
    Definition(
        "2", "Column-wise Kronecker product",
        "(K_1 (/) K_2)_{(j,l),p} = K_{1,j,p} K_{2,l,p}",
        provenance=(T("the product", "arXiv:2310.04064, the generalised keys and values"),),
    ),
    Definition(
        "3", "Tensor attention",
        "D^{-1} g(Q K') V with K = K_1 (/) K_2, V = V_1 (/) V_2, g = exp and D = diag(g(Q K') 1)",
        provenance=(T("the form", "arXiv:2310.04064, from its abstract on"),),
    ),
    Definition(
        "4", "Cycle rank",
        "T has cycle rank at most k if T_{a,b,c} = sum over i, j, l in [k] of "
        "U_{a,i+k(j-1)} V_{b,j+k(l-1)} W_{c,l+k(i-1)}",
        provenance=(T("the form", "arXiv:2304.06594"),),
    ),
)  # fmt: skip

PAPER = Paper(
    name="tensor_identities",
    title="Tensor identities of attention",
    authors="after Gao, Song, Wang, Yin; Alman, Song; Deng, Gao, Song",
    source="arXiv:2309.07418, arXiv:2310.04064, arXiv:2304.06594 (2023)",
    definitions=DEFINITIONS,
    statements=(*trick.STATEMENTS, *attention.STATEMENTS, *cycle.STATEMENTS),
    expected={"1.1/columns": "refuted", "3.2/exchanged": "refuted"},
    notes=(
        "The numbers are this pack's own; it collects identities from three papers.",
        "T: the source states it; D: it follows from the definitions; C: chosen here.",
        "1.1/columns and 3.2/exchanged are readings that are false, kept beside those that hold.",
    ),
)
