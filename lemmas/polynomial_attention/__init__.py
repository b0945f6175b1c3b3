"""The Expressibility of Polynomial based Attention Scheme (Song, Xu, Yin, 2023)."""

from lemmas.polynomial_attention import (
    equivalence,
    main_result,
    section_3,
    section_4,
    section_5,
)
from lemmas.polynomial_attention.cases import CASES, section
from lemmas.polynomial_attention.definitions import DEFINITIONS
from lemmas.polynomial_attention.pictures import PLOTS
from lemmas.polynomial_attention.practice import THRESHOLDS
from verify.language.statement import Paper

PAPER = Paper(
    name="polynomial_attention",
    title="The Expressibility of Polynomial based Attention Scheme",
    authors="Song, Xu, Yin",
    source="arXiv:2310.20051 (2023)",
    definitions=DEFINITIONS,
    statements=(
        *section_3.STATEMENTS,
        *section_4.STATEMENTS,
        *section_5.STATEMENTS,
        *equivalence.STATEMENTS,
        *main_result.STATEMENTS,
        *(statement for case in CASES for statement in section(case)),
    ),
    plots=PLOTS,
    regimes=main_result.REGIMES,
    thresholds=THRESHOLDS,
    notes=(
        "Every displayed formula of our copy of the text is lost; its words, structure, order of "
        "steps and cross-references remain. What stands here is restored, and says how: T, forced "
        "by the text; D, derived from the definitions; C, chosen, because the text has lost it.",
        "vec stacks rows. Fact 3.2 and Definition 6.2 hold for that convention; with A_1 = A_2, as "
        "in Definition 6.1, stacking columns gives the same.",
        "poly(n) is written n^k with an integer k >= 1; log is natural; C_k = sqrt(2 (k + 1)).",
        "The displays (14) and (15) are cited in the text as 'Eq. (5.1)' and 'Eq. (5.2)', and "
        "'Eq. (4)' often stands for (1), (2), (5), (7), (10), (12) or (13): each step says so.",
    ),
)
