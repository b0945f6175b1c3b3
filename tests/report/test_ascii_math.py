"""ASCII mathematics of results as LaTeX, alone and in the middle of prose."""

from __future__ import annotations

import pytest

from verify.report.ascii_math import formulas_in, latex_of_ascii


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("f[j_3, j_1] <= 1/n", r"f_{j_{3}, j_{1}} \le \frac{1}{n}"),
        ("c[1 + r[j]] > 0", r"c_{1 + r_{j}} > 0"),
        ("alpha[] == 1", r"\alpha = 1"),
        ("Pr[F = 0] >= 1", r"\Pr\left[F = 0\right] \ge 1"),
        (
            "Pr[|<(1 - [d = i])*f[i], s>| <= tau] >= 1/2",
            r"\Pr\left[\left|\left\langle \left(1 - \mathbb{1}[d = i]\right) \, f_{i}, "
            r"\sigma\right\rangle\right| \le \tau\right] \ge \frac{1}{2}",
        ),
        ("sum(p in 1..n: f[p]) == 1", r"\left(\sum_{p=1}^{n} f_{p}\right) = 1"),
    ],
)
def test_what_goes_beyond_the_grammar_is_read(text: str, shown: str) -> None:
    assert latex_of_ascii(text) == shown


@pytest.mark.parametrize("text", ["a b c", "Pr[.. >= ..]", "[[", "x[", "|x", "<x, s", "f[a b]"])
def test_anything_else_is_no_formula(text: str) -> None:
    assert latex_of_ascii(text) == ""


def test_formulas_in_prose_end_where_the_words_go_on() -> None:
    text = "it says Pr[<f[p], s> > 1/4] >= 1/10, but f[i] is not sqrt(n)."
    found = [text[start:end] for start, end, _ in formulas_in(text)]
    assert found == ["Pr[<f[p], s> > 1/4] >= 1/10", "f[i]", "sqrt(n)"]
    assert list(formulas_in("it bounds Pr[.. >= ..] from below")) == []
