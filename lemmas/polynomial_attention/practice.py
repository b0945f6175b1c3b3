"""Practical sizes: from which d on the lemmas on random signs can be used for a million rows."""

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


# Sections 6.6 and 6.7 have the same bounds; one of them is enough.
THRESHOLDS = tuple(practical(case) for case in CASES if case.section in DEGREES)
