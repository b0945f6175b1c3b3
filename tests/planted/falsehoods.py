"""False statements, one after the other a small change away from one of the paper's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sympy import Max, Rational, Sum, floor, log, sqrt

from lemmas.polynomial_attention import PAPER
from lemmas.polynomial_attention.equivalence import row_product
from lemmas.polynomial_attention.notation import (
    A,
    B,
    C_k,
    X,
    a_0,
    a_1,
    alpha,
    b,
    beta,
    c,
    d,
    delta,
    entry,
    f,
    g,
    i,
    j,
    j_0,
    j_1,
    j_3,
    k,
    k_0,
    n,
    p,
    q,
    row_class,
    s,
    t,
    u,
    v,
    w,
    x_0,
)
from verify.language.statement import Statement
from verify.language.sympy_terms import eq, ge, gt, le, lt, ne, to_formula
from verify.language.term import free_names

BY_ID = {statement.id: statement for statement in PAPER.statements}

P, P_0 = (1 + a_1) ** beta, (1 + a_0) ** beta
S = s ** (2 * beta)
SPECIAL = 1 + row_class[j_3]


@dataclass(frozen=True)
class Planted:
    """A false statement; ``why`` says where it fails."""

    id: str
    why: str
    statement: Statement

    def __str__(self) -> str:
        return f"{self.id}: {self.why}"


def claims(identifier: str, why: str, conclusion: Any) -> Planted:
    """The statement with another conclusion."""
    return Planted(identifier, why, BY_ID[identifier].but(conclusion=conclusion))


def lacks(identifier: str, why: str, *names: str) -> Planted:
    """The statement without the hypotheses that mention all of some names."""
    statement = BY_ID[identifier]
    kept = tuple(
        item
        for item in statement.hypotheses
        if item.relation is None or not set(names) <= free_names(to_formula(item.relation))
    )
    assert len(kept) < len(statement.hypotheses)
    return Planted(identifier, why, statement.but(hypotheses=kept))


def drops(identifier: str, why: str, words: str) -> Planted:
    """The statement without the hypotheses that are described in some words."""
    statement = BY_ID[identifier]
    kept = tuple(item for item in statement.hypotheses if words not in item.text)
    assert len(kept) < len(statement.hypotheses)
    return Planted(identifier, why, statement.but(hypotheses=kept))


def bounds(identifier: str, why: str, **changes: Any) -> Planted:
    """The probability bound with another event or level."""
    statement = BY_ID[identifier]
    claim = statement.conclusion
    level = changes.pop("at_least", claim.at_least)
    changed = replace(claim, event=replace(claim.event, **changes), at_least=level)
    return Planted(identifier, why, statement.but(conclusion=changed))


def threshold(identifier: str, why: str, change: Callable[[Any], Any]) -> Planted:
    """The probability bound with another threshold."""
    return bounds(identifier, why, threshold=change(BY_ID[identifier].conclusion.event.threshold))


def tail(identifier: str, why: str, change: Callable[[Any], Any]) -> Planted:
    """The tail bound with another bound."""
    claim = BY_ID[identifier].conclusion
    return claims(identifier, why, replace(claim, bound=change(claim.bound)))


HALF, MILLIONTH, T_LESS = Rational(1, 2), Rational(1, 10**6), Rational(1, 1000)
AT_ONE_COPY = b * s * (P + t - 1) / (P + n - 1) + (2 - t) * b * s / 1000

IDENTITIES = (
    claims(
        "3.2",
        "B transposed",
        eq(g(B[j, i]), g(Sum(Sum(A[i, j, p, q] * X[p, q], (q, 1, d)), (p, 1, d)))),
    ),
    claims(
        "3.2",
        "X transposed",
        eq(g(B[i, j]), g(Sum(Sum(A[i, j, p, q] * X[q, p], (q, 1, d)), (p, 1, d)))),
    ),
    claims(
        "3.2",
        "one column too few",
        eq(g(B[i, j]), g(Sum(Sum(A[i, j, p, q] * X[p, q], (q, 1, d - 1)), (p, 1, d)))),
    ),
    claims(
        "3.3", "v for w", eq(Sum(u[i] * (v[i] + w[i]), (i, 1, n)), 2 * Sum(u[i] * v[i], (i, 1, n)))
    ),
    claims("6.3/1", "row j_0 for row j_1", eq(u[j_0, j_1], g(row_product(j_0)))),
    claims("6.3/1", "doubled", eq(u[j_0, j_1], 2 * g(row_product(j_1)))),
    claims("6.3/2", "one row too few", eq(alpha[j_0], Sum(g(row_product(j)), (j, 1, n - 1)))),
)

ENTRIES = (
    claims("6.6/1a", "beta for 2 beta", eq(u[j_3, j_3], P * S)),
    claims("6.6/1a", "exponent of s: equal at s = 1 only", eq(u[j_3, j_3], P**2 * s**beta)),
    claims("6.6/1b", "squared", eq(u[j_3, j_1], P**2 * S)),
    claims("6.6/2a", "the feature is missing", eq(u[j_0, j_3], S)),
    claims("6.6/2b", "feature where there is none", eq(u[j_0, j_1], P * S)),
    claims("6.6/3a", "2/3 for 1/2", ge(f[j_3, j_3], Rational(2, 3))),
    claims("6.6/3a", "direction", le(f[j_3, j_3], Rational(1, 2))),
    claims("6.6/3a", "501/1000 for 1/2: n above 250", ge(f[j_3, j_3], Rational(501, 1000))),
    claims("6.6/3a", "n - 2 for n - 1 in alpha", eq(alpha[j_3], P**2 * S + (n - 2) * P * S)),
    claims("6.6/3a", "fails on the boundary (1 + a_1)^beta = n only", gt(P, n)),
    claims("6.6/3a", "beta < 1 only", ge(P, 1 + a_1)),
    claims("6.6/3a", "non-integer beta only", eq(floor(beta), beta)),
    claims("6.6/3b", "1/(n + 3): n below 4 only", le(f[j_3, j_1], 1 / (n + 3))),
    claims("6.6/3b", "direction", ge(f[j_3, j_1], 1 / n)),
    claims("6.6/4a", "2/3 for 1/2", ge(f[j_0, j_3], Rational(2, 3))),
    claims("6.6/4b", "1/(n + 4): n below 5 only", le(f[j_0, j_1], 1 / (n + 4))),
    claims("6.6/4b", "1/n^2", le(f[j_0, j_1], 1 / n**2)),
    lacks("6.6/3a", "no degree condition", "beta", "n"),
    lacks("6.6/4a", "no degree condition", "beta", "n"),
    claims("6.10/1a", "a_0 for (1 + a_0)", eq(u[j_3, j_3], a_0 ** (2 * beta) * S)),
    claims("6.10/1b", "(1 + a_0)^(2 beta)", eq(u[j_3, j_1], P_0**2 * S)),
    claims("6.10/2b", "s^beta", eq(u[j_0, j_1], s**beta)),
    claims("6.10/3a", "1/n for n^(x_0 - 1)", le(f[j_3, j_3], 1 / n)),
    claims("6.10/3a", "n^(x_0 - 1) / 2", le(f[j_3, j_3], n ** (x_0 - 1) / 2)),
    claims("6.10/4a", "strict: x_0 on the boundary, n = 1", lt(f[j_0, j_3], 1 / n)),
    claims("6.10/4b", "1/(2 n)", le(f[j_0, j_1], 1 / (2 * n))),
    lacks("6.10/3a", "no condition on the feature", "beta", "x_0"),
    claims("6.14/1b", "exponent of s", eq(u[j_3, j_1], P * s**beta)),
    claims("6.14/3a", "exponent x_0 - 2", le(f[j_3, j_3], n ** (x_0 - 2))),
    claims("6.14/3b", "1/(n + 1)", le(f[j_3, j_1], 1 / (n + 1))),
    claims("6.14/4a", "exponent x_0 / 2", le(f[j_0, j_3], n ** (x_0 / 2 - 1))),
    lacks("6.14/4a", "no condition on the feature", "beta", "x_0"),
    claims("6.18/2a", "direction of an equation", lt(u[j_0, j_3], P_0 * S)),
    claims("6.18/3a", "9/10 of the bound", le(f[j_3, j_3], Rational(9, 10) * n ** (x_0 - 1))),
    claims("6.18/4b", "1/(n + 1)", le(f[j_0, j_1], 1 / (n + 1))),
    claims("6.6/3a", "n = 101 only", ne(n, 101)),
    claims(
        "6.6/4a",
        "strict: (1 + a_1)^beta = n only",
        gt(f[j_0, j_3], n / (2 * n - 1)),
    ),
    claims("6.6/4a", "1/2 + 10^-6: n above 250,000", ge(f[j_0, j_3], HALF + MILLIONTH)),
    claims("6.6/3b", "fails at d = 3 only", le(f[j_3, j_1], (d - 3) / n)),
    claims("6.10/2a", "a_0 for 1 + a_0", eq(u[j_0, j_3], a_0**beta * S)),
    claims("6.10/3b", "1/(n + 1)", le(f[j_3, j_1], 1 / (n + 1))),
    claims("6.14/1a", "beta for 2 beta", eq(u[j_3, j_3], P * S)),
    claims(
        "6.14/1a",
        "a millionth more for non-integer beta",
        eq(u[j_3, j_3], P**2 * S + (beta - floor(beta)) * MILLIONTH),
    ),
    claims("6.14/2a", "without s: equal at s = 1 only", eq(u[j_0, j_3], P)),
    claims("6.14/2b", "b^2 + c^2 for (b + c)^2", eq(u[j_0, j_1], ((b**2 + c**2) * s**2) ** beta)),
    claims("6.14/4b", "1/(n + 1)", le(f[j_0, j_1], 1 / (n + 1))),
    claims("6.14/3a", "n + 1 for n", le(f[j_3, j_3], (n + 1) ** (x_0 - 1))),
    claims("6.18/1a", "beta for 2 beta", eq(u[j_3, j_3], P_0 * S)),
    claims("6.18/1b", "squared", eq(u[j_3, j_1], P_0**2 * S)),
    claims("6.18/2b", "s for s^2", eq(u[j_0, j_1], s**beta)),
    claims("6.18/3b", "1/(2 n)", le(f[j_3, j_1], 1 / (2 * n))),
    claims("6.18/4a", "half the bound", le(f[j_0, j_3], n ** (x_0 - 1) / 2)),
)

PRODUCTS = (
    claims("6.7/1", "a s for a s / 2", ge(entry[j_3, 1], a_1 * s)),
    claims("6.7/1", "a_1 s / 2 + 1/1000", ge(entry[j_3, 1], a_1 * s / 2 + Rational(1, 1000))),
    claims("6.7/2.special", "bounded as the others are", le(entry[j_3, SPECIAL], t / n * b * s)),
    claims("6.7/2.special", "b s", ge(entry[j_3, SPECIAL], b * s)),
    claims("6.7/2.rest", "b s / n: t above 1 only", le(entry[j_3, 1 + k_0], b * s / n)),
    claims("6.7/3", "b for c", eq(entry[j_3, d], b * s)),
    claims("6.7/3", "fails at d = 3 only", le(2 * t, n)),
    claims("6.7/4", "direction", lt(entry[j_0, 1], a_1 * s / 2)),
    claims(
        "6.7/4",
        "fails where a_1 = 7/10 and (1 + a_1)^beta = n only",
        gt(entry[j_0, 1], Rational(7, 20) * s * 2 * n / (2 * n - 1)),
    ),
    claims("6.7/5.special", "b above 89/100 only", le(b, Rational(89, 100))),
    claims("6.7/5.rest", "1/n^2", le(entry[j_0, 1 + k_0], t / n**2 * b * s)),
    claims("6.7/6", "extreme b or c only", ge(b * c, Rational(1, 10))),
    claims("6.11/1", "no factor a_0", le(entry[j_3, 1], a_0**2 * n ** (x_0 - 1) * s)),
    claims("6.11/2.special", "without t / n", le(entry[j_3, SPECIAL], n ** (x_0 - 1) * b * s)),
    claims("6.11/2.rest", "c for b", le(entry[j_3, 1 + k_0], t / n * c * s)),
    claims("6.11/3", "without s", eq(entry[j_3, d], c)),
    claims("6.11/4", "1/n", le(entry[j_0, 1], a_0 * s / n)),
    claims("6.11/5.special", "without t / n", le(entry[j_0, SPECIAL], n ** (x_0 - 1) * b * s)),
    claims("6.15/1", "x_0 / 2", le(entry[j_3, 1], n ** (x_0 / 2 - 1) * a_1 * s)),
    claims("6.15/2", "1/n for n^(x_0 - 1)", le(entry[j_3, 1 + k_0], t / n * b * s)),
    claims("6.15/3", "strict", lt(entry[j_3, d], c * s)),
    claims("6.15/5", "never 0 < .. < b s / n", le(entry[j_0, 1 + k_0], b * s / n)),
    claims("6.19/1", "half", le(entry[j_3, 1], n ** (x_0 - 1) * a_0 * s / 2)),
    claims("6.19/2", "c for b", le(entry[j_3, 1 + k_0], t * n ** (x_0 - 1) * c * s)),
    claims("6.19/4", "fails at b = 1/10 only", gt(b, Rational(1, 10))),
    claims("6.7/3", "n = 1 only", gt(n * s, s)),
    claims("6.19/6", "b for c", eq(entry[j_0, d], b * s)),
    claims("6.7/2.special", "more at t = 1 only", ge(entry[j_3, SPECIAL], AT_ONE_COPY)),
    claims("6.7/2.rest", "fails at d = 4 only", le(entry[j_3, 1 + k_0], (d - 4) * t / n * b * s)),
    claims("6.7/5.special", "fails at c = 9/10 only", lt(c, Rational(9, 10))),
    claims("6.7/6", "the larger of b and c", eq(entry[j_0, d], Max(b, c) * s)),
    claims("6.11/2.rest", "(t - 1/1000)/n", le(entry[j_3, 1 + k_0], (t - T_LESS) / n * b * s)),
    claims("6.11/4", "fails for odd n only", eq(2 * floor(n / 2), n)),
    claims("6.11/5.rest", "t/(n + t)", le(entry[j_0, 1 + k_0], t / (n + t) * b * s)),
    claims("6.11/6", "column d - 1", eq(entry[j_0, d - 1], c * s)),
    claims("6.15/4", "a_1^2: a_1 below 1 only", le(entry[j_0, 1], n ** (x_0 - 1) * a_1**2 * s)),
    claims("6.15/5", "t - t/n", le(entry[j_0, 1 + k_0], (t - t / n) * n ** (x_0 - 1) * b * s)),
    claims("6.15/6", "fails at b = c only", ne(entry[j_0, d], b * s)),
    claims("6.19/2", "t - 1", le(entry[j_3, 1 + k_0], (t - 1) * n ** (x_0 - 1) * b * s)),
    claims("6.19/3", "n below 4 only", le(2 * entry[j_3, d], (n - 2) * c * s)),
    claims("6.19/5", "1/n for n^(x_0 - 1)", le(entry[j_0, 1 + k_0], t / n * b * s)),
    lacks("6.15/1", "no condition on the feature", "beta", "x_0"),
    lacks("6.7/5.special", "no degree condition", "beta", "n"),
)

INDICES = (
    claims("6.7/2.rest", "k_0 for 1 + k_0", le(entry[j_3, k_0], t / n * b * s)),
    claims("6.7/5.rest", "2 + k_0 for 1 + k_0", le(entry[j_0, 2 + k_0], t / n * b * s)),
    claims("6.7/2.special", "r(j_3) for 1 + r(j_3)", ge(entry[j_3, row_class[j_3]], b * s / 2)),
    claims("6.7/6", "column n for column d", eq(entry[j_0, n], c * s)),
    claims("6.7/6", "column 3 for column d: d = 3 and c > b only", le(entry[j_0, 3], b * s)),
    claims("6.6/2b", "rows 1 and 2 for j_0 and j_1", eq(u[1, 2], S)),
    claims("6.11/4", "column j_3: the index of a row", le(entry[j_0, j_3], a_0 * s)),
    claims("6.15/2", "k_0 for 1 + k_0", le(entry[j_3, k_0], t * n ** (x_0 - 1) * b * s)),
    claims("6.19/2", "all columns", le(Sum(entry[j_3, p], (p, 1, d)), (b + c) * s)),
)
"""Columns and rows that are not known to be in their ranges."""

CHANCES = (
    threshold("4.1", "a tenth of tau", lambda tau: tau / 100),
    bounds("4.1", "certain", at_least=Rational(1)),
    bounds("4.1", "the other way round", op=">="),
    threshold("4.2/1", "a hundredth of tau", lambda tau: tau / 100),
    threshold("4.2/1", "1/n for n^(x_0 - 1/2)", lambda _: C_k(k) * sqrt(log(n / delta)) / n / 9),
    bounds("4.2/2", "9/10 for 1/10", at_least=Rational(9, 10)),
    threshold("4.2/2", "2 for 1/4", lambda _: 2),
    bounds("5.1/1", "F > 0 on D_0", positive=True),
    bounds("5.2/1", "F > 0 on D_0", positive=True),
    bounds("5.2/2", "F > 0 on D_1 for low degree", positive=True),
    bounds("6.8/1", "2/3 for 1/10", at_least=Rational(2, 3)),
    threshold("6.8/1", "ten times the threshold", lambda tau: 10 * tau),
    bounds("6.8/2", "1/2 + 1/100", at_least=Rational(51, 100)),
    threshold("6.12/1", "c s alone", lambda _: c * s),
    bounds("6.12/2", "the other way round", op=">="),
    threshold("6.16/1", "half the threshold", lambda tau: tau / 10),
    bounds("6.16/2", "certain", at_least=Rational(1)),
    threshold("6.20/1", "a tenth of the threshold", lambda tau: tau / 10),
    bounds("6.20/2", "the other way round", op=">"),
    bounds("6.13", "F > 0", positive=True),
    bounds("6.17", "F > 0", positive=True),
    bounds("6.21", "F > 0", positive=True),
    threshold("4.1", "without rho^beta", lambda _: C_k(k) * sqrt(log(n / delta)) / sqrt(n)),
    drops("4.1", "no upper bound on z", "at most h"),
    drops("4.1", "no lower bound on z", "at least l"),
    drops("4.2/1", "no degree condition", "low degree"),
    drops("4.2/2", "no degree condition", "high degree"),
    drops("5.1/1", "as many columns as one likes", "small enough for the union"),
    drops("5.2/1", "as many columns as one likes", "small enough for the union"),
    bounds("5.2/1", "certain", at_least=Rational(1)),
    drops("5.2/2", "no degree condition", "low degree"),
    bounds("6.8/1", "1/4 for 1/10", at_least=Rational(1, 4)),
    bounds("6.8/2", "1/5 for 1/10", at_least=Rational(1, 5)),
    threshold("6.8/1", "41/100 for 1/10", lambda _: (c + Rational(41, 100)) * s),
    drops("6.8/1", "no degree condition", "high degree"),
    threshold("6.20/1", "c - 1/100", lambda _: (c - Rational(1, 100)) * s),
    tail("3.6", "without the factor 2", lambda bound: bound / 2),
    tail("3.6", "the square of the exponential", lambda bound: bound**2 / 2),
    bounds("5.1/2", "F = 0", positive=False),
    threshold("5.1/2", "2, which no sum exceeds", lambda _: 2),
    drops("5.1/2", "no upper bound on tau", "tau < 1/4"),
    bounds("6.9", "F = 0", positive=False),
    # With (1 + a_1)^beta <= n^x_0 the output is zero (Theorem 6.17), for every C.
    drops("6.9", "no degree condition", "high degree"),
    drops("6.5/high-d1", "no degree condition", "high degree"),
    threshold("6.9", "more than any sum", lambda tau: tau + (2 + a_1) * s),
    bounds("6.5/high-d1", "F = 0", positive=False),
    bounds("6.5/high-d0", "F > 0", positive=True),
    bounds("6.5/low-d1", "F > 0", positive=True),
    bounds("6.5/low-d0", "F > 0", positive=True),
    threshold("6.5/high-d0", "c s - s/100", lambda _: (c - Rational(1, 100)) * s),
    bounds("6.8/1", "3/8 for 1/10", at_least=Rational(3, 8)),
    drops("6.21", "as many columns as one likes", "small enough for the union"),
)

DETERMINISTIC = (*IDENTITIES, *ENTRIES, *PRODUCTS, *INDICES)

TRUE = (
    # n >= 2, since two rows differ; then P >= n gives P + n - 1 >= n + 1.
    claims("6.6/3b", "1/(n + 1)", le(f[j_3, j_1], 1 / (n + 1))),
    claims("6.6/4b", "1/(n + 1)", le(f[j_0, j_1], 1 / (n + 1))),
    claims("6.6/3a", "strict", gt(f[j_3, j_3], Rational(1, 2))),
    # d >= 4, since two Type II columns differ.
    claims("6.7/2.rest", "two Type II columns", le(2 * t, n)),
    claims("6.10/3a", "twice the bound", le(f[j_3, j_3], 2 * n ** (x_0 - 1))),
)
