"""Practical sizes: from which d on the lemmas on random signs can be used for a million rows, and
from which n on for every n, where the identity is there once."""

from sympy import Integer, Rational

from lemmas.polynomial_attention.cases import CASES, Case, finite_form
from lemmas.polynomial_attention.notation import beta, d, delta, k, n, s, t
from verify.language.statement import Threshold

ROWS = Integer(10**6)
DEGREES = {"6.5": Integer(27), "6.7": Integer(27)}
"""Degrees in the regime of each section, for a million rows."""


WIDTHS = (*(digit * 10**power for power in range(6) for digit in (1, 2, 5)), 10**6)
"""Values of d - 2; each divides the number of rows."""


def practical(case: Case) -> Threshold:
    """The first part of the section's lemma on random signs, for a million rows."""
    return Threshold(
        f"Lemma {case.signs} for a million rows",
        f"{case.signs}/1",
        finite_form(case, k),
        d,
        {
            n: ROWS,
            t: ROWS / (d - 2),
            delta: Rational(1, 100),
            beta: DEGREES[case.section],
            s: Integer(1),
        },
        tuple(Integer(2 + number) for number in WIDTHS),
    )


SIZES = {"6.5": range(1, 10), "6.7": range(3, 46, 3)}
"""Powers of ten for n: from where the finite form only gets easier to where it holds."""


def sufficiently_large(case: Case) -> Threshold:
    """The first part of the section's lemma on random signs, for every n from some n on."""
    return Threshold(
        f"Lemma {case.signs} for all n",
        f"{case.signs}/1",
        finite_form(case, k),
        d,
        {n: d - 2, t: Integer(1), delta: Rational(1, 100), s: Integer(1)},
        tuple(Integer(2 + 10**power) for power in SIZES[case.section]),
    )


# Sections 6.6 and 6.7 have the same bounds; one of them is enough.
CHOSEN = tuple(case for case in CASES if case.section in DEGREES)
THRESHOLDS = (*map(practical, CHOSEN), *map(sufficiently_large, CHOSEN))
