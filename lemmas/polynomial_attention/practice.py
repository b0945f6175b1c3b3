"""From which sizes on the probability bounds can be used: for every n from some n on, and for a
million rows."""

from sympy import Integer, Rational, ceiling, log

from lemmas.polynomial_attention.notation import d, delta, m, n, s, t, tau
from verify.language.statement import Threshold

COMMON = {delta: Rational(1, 100), m: ceiling(10 * log(n / delta))}
"""The chance of failure, and m = C log(n / delta) with a C that is large enough for k = 1."""

WIDTHS = (*(digit * 10**power for power in range(4) for digit in (1, 2, 5)), 10**5, 5 * 10**5)
"""Values of d - 2; each divides a million, and d is at most that."""

THRESHOLDS = (
    # The same threshold of the ReLU as for high degree, where it has to be below 1/4.
    Threshold("Large enough n", "", None, n, {tau: Rational(1, 5), **COMMON}),
    # The identity is there twice, so that d is at most n.
    Threshold(
        "Large enough d", "", None, d, {n: 2 * (d - 2), t: Integer(2), s: Integer(1), **COMMON}
    ),
    Threshold(
        "Large enough d for a million rows",
        "",
        None,
        d,
        {n: Integer(10**6), t: Integer(10**6) / (d - 2), s: Integer(1), **COMMON},
        tuple(Integer(2 + number) for number in WIDTHS),
    ),
)
