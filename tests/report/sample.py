"""A results document as large and as varied as a real one, made without running any checker."""

from __future__ import annotations

from typing import Any

from verify.engine.results import (
    CitationResult,
    Claim,
    Counterexample,
    Definition,
    Document,
    Edge,
    Figure,
    Hypothesis,
    Mathematics,
    Mutants,
    Necessity,
    Numeric,
    OrderResult,
    PaperView,
    Proof,
    Provenance,
    RegimeResult,
    Result,
    Run,
    Series,
    StatementView,
    StepResult,
    Tightness,
    Tool,
)

TOOL = Tool(
    version="0.1.0",
    python="3.11.7",
    platform="Linux x86_64",
    libraries={"python-flint": "0.9.0", "sympy": "1.14.0", "mpmath": "1.3.0"},
)
RUN = Run(
    seed=0,
    precision_bits=192,
    seconds=171.4,
    command="python -m verify all",
)

N = Mathematics("n: integer >= 2", r"n \in \mathbb{Z},\; n \ge 2")
BETA = Mathematics("beta: real > 0", r"\beta \in \mathbb{R},\; \beta > 0")
A1 = Mathematics("a_1: real >= 7/10", r"a_{1} \in \mathbb{R},\; a_{1} \ge \frac{7}{10}")
S = Mathematics("s: real > 0", r"s \in \mathbb{R},\; s > 0")
HIGH = Hypothesis("(1 + a_1)**beta >= n", r"{\left(1 + a_{1}\right)}^{\beta} \ge n")
LOW = Hypothesis("(1 + a_1)**beta <= n**x_0", r"{\left(1 + a_{1}\right)}^{\beta} \le {n}^{x_{0}}")
UNIT = Hypothesis("b + c == 1", "b + c = 1")
SPARSE = Hypothesis(
    "t*sqrt(d) = o(n^0.99)",
    r"t \sqrt{d} = o\left({n}^{0.99}\right)",
    finite="C_k*sqrt(log(n/delta))*sqrt(d)*(t/n)*b*s <= s/10",
)

ENTRY_PARTS = ("1a", "1b", "2a", "2b", "3a", "3b", "4a", "4b")
INNER_PARTS = ("1", "2.special", "2.rest", "3", "4", "5.special", "5.rest", "6")
CASES = (("6.6", "6.7", "6.8", "6.9"), ("6.10", "6.11", "6.12", "6.13"))
LOW_CASES = (("6.14", "6.15", "6.16", "6.17"), ("6.18", "6.19", "6.20", "6.21"))


def document() -> Document:
    """About 30 statements in 89 parts, with every kind of verdict."""
    results = (*_facts(), *_single_query(), *_main(), *_cases())
    return Document(
        schema=1,
        tool=TOOL,
        run=RUN,
        results=results,
        paper=PAPER,
        edges=_edges(results),
        figures=_figures(),
    )


def small() -> Document:
    """Three one-off claims, no paper."""
    return Document(
        schema=1,
        tool=TOOL,
        run=Run(seed=7, precision_bits=128, seconds=0.8, command="python -m verify claims x.toml"),
        results=(
            Result(
                "amgm",
                "amgm",
                "claim",
                (),
                Claim("proved", method="sum of squares", seconds=0.1),
                statement=StatementView(
                    conclusion=Mathematics("x**2 + y**2 >= 2*x*y", r"x^2 + y^2 \ge 2 x y"),
                    variables={"x": "real", "y": "real"},
                ),
            ),
            Result(
                "wrong",
                "wrong",
                "claim",
                (),
                Claim(
                    "refuted",
                    method="search",
                    counterexample=Counterexample({"x": "1/2"}, left="1/4", right="1/2"),
                    seconds=0.2,
                ),
                statement=StatementView(conclusion=Mathematics("x**2 >= x", r"x^2 \ge x")),
            ),
            Result(
                "open", "open", "claim", (), Claim("unknown", tried=("sum of squares", "boxes"))
            ),
        ),
    )


def _entry(lemma: str, part: str, high: bool) -> Result:
    """A part of a lemma on tensor-product entries (1-2) and on normalised entries (3-4)."""
    entries = {
        "1a": r"u = {\left(1+a_{1}\right)}^{2\beta} {s}^{2\beta}",
        "1b": r"u = {\left(1+a_{1}\right)}^{\beta} {s}^{2\beta}",
        "2a": r"u = {\left(1+a_{1}\right)}^{\beta} {s}^{2\beta}",
        "2b": r"u = {s}^{2\beta}",
    }
    where = r"j_{0} = j_{3}" if part[0] in "13" else r"j_{0} \ne j_{3}"
    also = r"j_{1} = j_{3}" if part[1] == "a" else r"j_{1} \ne j_{3}"
    bound = r"f \ge \frac{1}{2}" if high and part[1] == "a" else r"f \le {n}^{x_{0} - 1}"
    latex = entries.get(part, bound if part[1] == "a" else r"f \le \frac{1}{n}")
    refuted = (lemma, part) in (("6.6", "4b"), ("6.10", "3b"))
    vacuous = (lemma, part) == ("6.18", "4b")
    open_part = (lemma, part) == ("6.14", "4a")
    gap = part in ("3a", "4a") and lemma in ("6.6", "6.14")
    ratio = Counterexample(
        {"n": "3", "beta": "17/8", "a_1": "7/10", "j_3": "1"},
        command=f"python -m verify at {lemma}/{part} --set n=3 beta=17/8 a_1=7/10",
        left="98765432109876543210/271828182845904523536",
        right="1/3",
    )
    claim = Claim("proved", "polynomial identity after b + c = 1", (), _certificate(), seconds=0.21)
    if part[0] in "34":
        claim = Claim(
            "proved",
            "monotone in beta, then a rational inequality",
            (),
            _certificate(),
            None,
            {"n": "3", "beta": "4", "a_1": "7/10"},
            "[0.0147058823529411764705882 +/- 3.1e-26]",
            None,
            1.84,
            EXPLANATION,
        )
    if refuted:
        claim = Claim("refuted", "rational search", counterexample=ratio, seconds=0.6)
    if vacuous:
        claim = Claim(
            "vacuous", "the hypotheses contradict each other: $x_0 < 1/2$ and $x_0 > 1/2$"
        )
    if open_part:
        claim = Claim(
            "unknown",
            tried=("sum of squares of degree 6", "4,096 boxes", "induction on n"),
            seconds=10.0,
        )
    statement = StatementView(
        section=_section(lemma),
        parameters=(N, BETA, A1, S),
        hypotheses=(HIGH if high else LOW, UNIT),
        conclusion=Mathematics(
            f"{lemma}/{part}", rf"{latex} \quad\text{{for}}\quad {where},\; {also}"
        ),
        closed_form=Mathematics(
            "f = 1/(1 + (n-1)*(1+a_1)**(-beta))",
            r"f = \frac{1}{1 + \left(n-1\right) {\left(1+a_{1}\right)}^{-\beta}}",
        )
        if part[0] in "34"
        else None,
        provenance=(
            Provenance("T", "the case distinction", "the text lists two parts of two cases each"),
            Provenance("D", "the exponent 2 beta", "a product of two row sums, each to the beta"),
            Provenance("C", "the bound 1/2", "the printed constant is lost"),
        )
        if part[0] in "34"
        else (
            Provenance("T", "the case distinction", "the text lists two parts of two cases each"),
        ),
        definitions=("6.1", "6.2"),
        uses=() if part[0] in "12" else (f"{lemma}/1a", f"{lemma}/1b"),
        heading="Sparse tensor-product entries and their normalisation",
    )
    titles = {"1": "special block", "2": "other blocks", "3": "special block", "4": "other blocks"}
    return Result(
        f"{lemma}/{part}",
        f"{'Entry' if part[0] in '12' else 'Normalised entry'}, {titles[part[0]]}, "
        f"{'special' if part[1] == 'a' else 'other'} index",
        "lemma",
        ("T", "D", "C") if part[0] in "34" else ("T", "D"),
        claim,
        _entry_proof(gap),
        Numeric(412, 50, "1/68", {"n": "2", "beta": "1386/1000", "a_1": "7/10"}),
        (
            Necessity("b + c == 1", True, Counterexample({"b": "1/2", "c": "1/3"}, left="1/4")),
            Necessity("(1 + a_1)**beta >= n", (part[0] in "34" and part[1] == "a") or None),
            Necessity("s > 0", False, note="the claim is homogeneous in s"),
        ),
        Mutants(14, 12, ("f >= 51/100 for n >= 4",) if part == "3a" else (), ("f >= 1/2 - 1/n",)),
        (
            "The factor 1/2 is attained only in the limit; for n >= 4 the bound 51/100 holds."
            " This rests on a constant that stands in for a lost one.",
        )
        if part == "3a" and high
        else (),
        statement,
        Tightness("0", "1/1000", {"n": "2", "beta": "log(2)/log(17/10)"}, True, "1/2")
        if part[0] in "34"
        else Tightness(),
        () if part[0] in "12" else (f"{lemma}/1a", f"{lemma}/1b"),
        (),
    )


def _entry_proof(gap: bool) -> Proof:
    steps = (
        StepResult(
            1,
            "alpha = u_{j_3} + (n - 1) u_i",
            "proved",
            r"\alpha = {\left(1+a_{1}\right)}^{2\beta}{s}^{2\beta}"
            r" + \left(n-1\right){\left(1+a_{1}\right)}^{\beta}{s}^{2\beta}",
            "one special coordinate, the others equal",
        ),
        StepResult(
            2,
            "f = u_{j_3}/alpha",
            "proved",
            r"f = \frac{{\left(1+a_{1}\right)}^{\beta}}{{\left(1+a_{1}\right)}^{\beta} + n - 1}",
            "dividing both by the common factor",
            "17",
        ),
        StepResult(
            3,
            "(1+a_1)^beta >= n is equivalent to beta >= log(n)/log(1+a_1)",
            "refuted" if gap else "proved",
            r"\beta \ge \frac{\log n}{\log\left(1+a_{1}\right)}",
            "taking logarithms",
            counterexample=Counterexample({"n": "2", "a_1": "0"}, undefined="1/log(1 + a_1)")
            if gap
            else None,
        ),
    )
    return Proof(
        "gap" if gap else "supported",
        steps,
        (CitationResult("3.3", "serves", "linearity, as stated"),),
        "The text says “simple algebra” here." if gap else "",
    )


def _inner(lemma: str, part: str, high: bool) -> Result:
    relation, bound = (r"\ge", r"\frac{a_{1} s}{2}") if high else (r"\le", r"{n}^{x_{0}-1} a_{1} s")
    if part.startswith(("2", "5")):
        relation, bound = (
            (r"\ge", r"\frac{b s}{2}")
            if part.endswith("special") and high
            else (r"\le", r"\frac{t}{n} b s")
        )
    if part in ("3", "6"):
        relation, bound = "=", "c s"
    enclosed = (lemma, part) == ("6.11", "2.special")
    sampled = (lemma, part) == ("6.11", "5.special")
    claim = Claim("proved", "from the bound on entries, linear arithmetic", ("3.3",), seconds=0.35)
    if enclosed:
        claim = Claim("enclosed", "ball arithmetic on 2 <= n <= 1000, 1,204 boxes", seconds=7.5)
    if sampled:
        claim = Claim("sampled", "40,000 points, each decided rigorously", seconds=9.9)
    return Result(
        f"{lemma}/{part}",
        {"1": "Type I column", "3": "Type III column"}.get(
            part, "Type III column" if part == "6" else f"Type II column, part {part}"
        ),
        "lemma",
        ("T", "D"),
        claim,
        Proof(
            "supported",
            (
                StepResult(
                    1,
                    "<f, column> = sum f_i * column_i",
                    "proved",
                    r"\langle f, v\rangle = \sum_{i=1}^{n} f_{i} v_{i}",
                    "definition of the inner product",
                ),
            ),
            (
                CitationResult(f"6.{int(lemma[2:]) - 1}/3a", "serves", "the same hypotheses"),
                CitationResult("3.3", "serves", "linearity, as stated"),
            ),
        ),
        Numeric(
            96, 50, "[0.2828427124746190097603377448419396157139343750754 +/- 1e-49]", {"n": "9"}
        ),
        (Necessity("t >= 1", True, Counterexample({"t": "0"}, left="0", right="1/2")),),
        Mutants(8, 8),
        (),
        StatementView(
            section=_section(lemma),
            parameters=(N, BETA, A1, S),
            hypotheses=(HIGH if high else LOW,),
            conclusion=Mathematics(
                f"{lemma}/{part}",
                rf"\left\langle f_{{j_{{0}}}}, \left(A_{{3}} V\right)_{{*, i_{{0}}}} \right\rangle"
                rf" {relation} {bound}",
            ),
            definitions=("6.1", "6.2"),
            uses=(f"6.{int(lemma[2:]) - 1}/3a",),
            heading="Inner products with the columns",
        ),
        Tightness("1/100", "1/99", None, None, None, "approached as n grows"),
        (f"6.{int(lemma[2:]) - 1}/3a", "3.3"),
        (),
    )


def _signs(lemma: str, part: str, high: bool) -> Result:
    latex = (
        r"\Pr\left[ \langle c_{j_{0}}, \sigma\rangle \ge \left(c + \frac{1}{10}\right) s \right]"
        r" \ge \frac{1}{10}"
        if high
        else r"\Pr\left[ \left|\langle c_{j_{0}}, \sigma\rangle\right|"
        r" \le \left(c+\frac{1}{10}\right) s \right] \ge 1 - \frac{\delta}{{n}^{k}}"
    )
    claim = Claim(
        "proved",
        "Hoeffding on the small coordinates, the three large signs by hand",
        ("hoeffding",),
        {"rule": "probability-split", "events": ["S", "rest"], "bound": "1/8 - delta/n^k"},
        witness={"n": "1000", "d": "12", "t": "100", "delta": "1/100"},
        explicit_n0="1096",
        seconds=3.1,
        explanation="The three large signs agree with probability $1/8$; the rest is at most "
        "$\\frac{s}{10}$ in absolute value with probability at least $1 - \\delta n^{-k}$.",
    )
    if lemma == "6.20":
        claim = Claim(
            "error", "ZeroDivisionError in the enclosure; `python -m verify check 6.20/1`"
        )
    return Result(
        f"{lemma}/{part}",
        "The special block" if part == "1" else "Every other block",
        "lemma",
        ("T", "C"),
        claim,
        Proof("none given", note="The source prints no proof.")
        if not high
        else Proof(
            "gap",
            (
                StepResult(1, "Pr[s_i = s_j = s_k = 1] = 1/8", "proved", r"\Pr[S] = \frac{1}{8}"),
                StepResult(
                    2,
                    "1/8 - delta/n^k >= 1/10",
                    "refuted",
                    r"\frac{1}{8} - \frac{\delta}{{n}^{k}} \ge \frac{1}{10}",
                    "“together at least 1/10”",
                    "19",
                    Counterexample(
                        {"delta": "1/10", "n": "2", "k": "1"}, left="3/40", right="1/10"
                    ),
                ),
            ),
            (CitationResult("3.6", "serves", "the signs are independent and bounded"),),
        ),
        Numeric(24, 60, "1/40", {"n": "4", "d": "4"}),
        (Necessity(SPARSE.text, None, note="no proof and no counterexample without it"),),
        Mutants(6, 5, (), ("the same with c + 1/11",)),
        ("The asymptotic hypothesis is needed only through its finite form, from n = 1096 on.",)
        if high
        else (),
        StatementView(
            section=_section(lemma),
            parameters=(N, BETA, S),
            hypotheses=(SPARSE, HIGH if high else LOW),
            conclusion=Mathematics(lemma, latex),
            provenance=(
                Provenance("T", "the probability 1/10", "named in the words of the proof"),
                Provenance("C", "the threshold c + 1/10", "the printed constant is lost"),
            ),
            definitions=("6.4",),
            uses=("3.6", f"6.{int(lemma[2:]) - 1}/1"),
            heading="Random signs",
        ),
        Tightness("1/40", "1/8", {"n": "4"}, False, None, "the limit 1/8 is not attained"),
        ("3.6",),
        ("3.6",),
        orders=(
            OrderResult(
                "t*sqrt(d) = o(n^(99/100)) implies d = omega(n^(1/50))", "proved", "by logarithms"
            ),
            OrderResult(
                "t*sqrt(d) = o(n^(99/100)) implies d = omega(n^(1/25))",
                "refuted",
                "not along d = r + 3, t = r^30",
                sequences={"d": "r + 3", "t": "r^30"},
            ),
        ),
    )


def _theorem(lemma: str, cited: str, bad: bool) -> Result:
    sign = "> 0" if lemma == "6.9" else "= 0"
    return Result(
        lemma,
        f"The network's output is {'positive' if lemma == '6.9' else 'zero'}",
        "theorem",
        ("T", "C"),
        Claim(
            "attested" if lemma == "6.13" else "proved",
            "union bound over m columns",
            ("hoeffding",),
            seconds=1.2,
        ),
        Proof(
            "gap" if bad else "supported",
            (),
            (
                CitationResult(
                    cited,
                    "does not serve" if bad else "serves",
                    "it is about the other data set" if bad else "the same hypotheses",
                    instead=("6.16/1", "6.16/2") if bad else (),
                ),
            ),
        ),
        Numeric(12, 50, "1/100", {"n": "30"}),
        (),
        Mutants(5, 5),
        (f"The text cites Lemma {cited[:-2]}, which does not serve; Lemma 6.16 does.",)
        if bad
        else (),
        StatementView(
            section=_section(lemma),
            parameters=(N, BETA),
            hypotheses=(SPARSE, HIGH),
            conclusion=Mathematics(
                lemma, rf"\Pr\left[F(A_1, A_2, A_3) {sign}\right] \ge 1 - \frac{{\delta}}{{n^k}}"
            ),
            definitions=("6.4",),
            uses=(cited,),
        ),
        ancestors=(cited, "3.6"),
        weak_ancestors=("3.6",),
    )


def _cases() -> list[Result]:
    results: list[Result] = []
    for entries, inner, signs, theorem in (*CASES, *LOW_CASES):
        high = entries == "6.6"
        results += [_entry(entries, part, high) for part in ENTRY_PARTS]
        few = ("1", "2", "3", "4", "5", "6")
        results += [
            _inner(inner, part, high)
            for part in (INNER_PARTS if entries in ("6.6", "6.10") else few)
        ]
        results += [_signs(signs, part, high) for part in ("1", "2")]
        cited = "6.8/1" if theorem == "6.17" else f"{signs}/1"
        results.append(_theorem(theorem, cited, theorem == "6.17"))
    return results


def _plain(
    identifier: str,
    title: str,
    kind: str,
    latex: str,
    claim: Claim,
    proof: Proof | None = None,
    **more: Any,
) -> Result:
    return Result(
        identifier,
        title,
        kind,
        ("T", "D"),
        claim,
        proof or Proof("none given"),
        statement=StatementView(
            section=_section(identifier),
            conclusion=Mathematics(identifier, latex),
            provenance=(Provenance("T", "the statement", "its words survive"),),
            **more,
        ),
        numeric=Numeric(64, 50, "1/64", {"n": "2"}),
        mutants=Mutants(4, 4),
    )


def _facts() -> list[Result]:
    identity = Claim("proved", "both sides expand to the same polynomial", seconds=0.05)
    return [
        Result(
            "3.1",
            "A worked example",
            "example",
            (),
            Claim("unrecoverable", "its numbers are lost from the source"),
            statement=StatementView(section=_section("3.1")),
        ),
        _plain(
            "3.2",
            "Tensor trick",
            "fact",
            r"\operatorname{vec}\left(g(A_1 X A_2^{\top})\right)"
            r" = g\left((A_1 \otimes A_2) \operatorname{vec}(X)\right)",
            identity,
        ),
        _plain(
            "3.3",
            "Linearity of the inner product",
            "fact",
            r"\langle u, a v + b w\rangle = a \langle u, v\rangle + b\langle u, w\rangle",
            identity,
        ),
        _plain(
            "3.5",
            "Union bound",
            "fact",
            r"\Pr\left[\bigcup_{i=1}^{m} E_i\right] \le \sum_{i=1}^{m} \Pr[E_i]",
            Claim("proved", "induction on m", seconds=0.1),
        ),
        _plain(
            "3.6",
            "Hoeffding bound",
            "lemma",
            r"\Pr\left[\left|X - \mathbb{E} X\right| \ge u\right] \le"
            r" 2 \exp\left(-\frac{2 u^2}{\sum_{i=1}^{n} (b_i - a_i)^2}\right)",
            Claim("assumed", "Hoeffding 1963, Theorem 2", ("hoeffding",)),
        ),
    ]


def _single_query() -> list[Result]:
    results: list[Result] = []
    for identifier, parts in (("4.1", 0), ("4.2", 2), ("5.1", 2), ("5.2", 2)):
        for part in [f"/{number + 1}" for number in range(parts)] or [""]:
            refuted = identifier + part == "4.2/2"
            claim = Claim("proved", "Hoeffding with explicit weights", ("hoeffding",), seconds=2.2)
            if refuted:
                claim = Claim(
                    "refuted",
                    "exact enumeration of 16 sign vectors",
                    counterexample=Counterexample(
                        {"n": "4", "beta": "2", "M": "2", "delta": "1/20"},
                        left="1/16",
                        right="1/10",
                        command="python -m verify at 4.2/2 --set n=4 beta=2 M=2 delta=1/20",
                    ),
                    seconds=0.4,
                )
            results.append(
                _plain(
                    identifier + part,
                    "One random column" if identifier[0] == "4" else "All columns together",
                    "lemma",
                    r"\Pr\left[ \left|\langle f(A,x), \sigma\rangle\right| \le \tau \right]"
                    r" \ge 1 - \frac{\delta}{n^k}",
                    claim,
                    Proof(
                        "supported",
                        (
                            StepResult(
                                1, "alpha >= n l^beta", "proved", r"\alpha \ge n l^{\beta}", "(1)"
                            ),
                        ),
                        (CitationResult("3.6", "serves", "bounded independent terms"),),
                    ),
                    uses=("3.6",) if identifier[0] == "4" else ("4.1", "3.5"),
                    definitions=("3.7",),
                )
            )
    return results


def _main() -> list[Result]:
    results = [
        _plain(
            f"6.3/{part}",
            f"Entrywise form, part {part}",
            "claim",
            r"u_{j_0} = g\left( (A_{1, j_0, *} Q K^{\top} A_2^{\top})^{\top} \right)",
            Claim("proved", "both sides expand to the same polynomial", seconds=0.2),
            definitions=("6.2",),
            uses=("3.2",),
        )
        for part in "12"
    ]
    for part, target in (
        ("high-d1", "6.9"),
        ("high-d0", "6.13"),
        ("low-d1", "6.17"),
        ("low-d0", "6.21"),
    ):
        results.append(
            _plain(
                f"6.5/{part}",
                f"Main result, {'high' if 'high' in part else 'low'} degree, data set {part[-1]}",
                "theorem",
                r"\Pr\left[F(A_1, A_2, A_3) > 0\right] \ge 1 - \frac{\delta}{n^k}",
                Claim("proved", f"assembled from {target}", ("hoeffding",), seconds=0.9),
                Proof("supported", (), (CitationResult(target, "serves", "hypotheses follow"),)),
                uses=(target,),
            )
        )
    return results


def _section(identifier: str) -> str:
    number = int(identifier.partition("/")[0].partition(".")[2])
    if identifier[0] != "6":
        return {"3": "3 Preliminaries", "4": "4 Single query", "5": "5 Many columns"}[identifier[0]]
    if number <= 5:
        return "6 Self-attention"
    return f"6.{4 + (number - 6) // 4} Case {1 + (number - 6) // 4}"


def _certificate() -> dict[str, Any]:
    return {
        "rule": "bernstein",
        "degree": [3, 2],
        "coefficients": ["1/2", "17/20", "289/200", "4913/2000", "0", "1/100"],
        "steps": [
            {"rule": "monotone", "in": "beta"},
            {"rule": "substitute", "beta": "y/log(17/10)"},
        ],
    }


EXPLANATION = r"""Put $y = (1 + a_1)^{\beta}$. By hypothesis $y \ge n$, and

$$f = \frac{y}{y + n - 1} \ge \frac{n}{2n - 1} \ge \frac{1}{2},$$

where the first inequality holds because $y \mapsto y/(y + n - 1)$ increases: its derivative is
$(n - 1)/(y + n - 1)^2 \ge 0$. The kernel checked the polynomial inequality
$2 n - (2 n - 1) = 1 \ge 0$."""


def _edges(results: tuple[Result, ...]) -> tuple[Edge, ...]:
    edges = [
        Edge(result.id, target, "uses")
        for result in results
        for target in (*result.statement.uses, *result.statement.definitions)
    ]
    edges += [
        Edge(result.id, citation.id, "cites", citation.verdict == "serves")
        for result in results
        for citation in result.proof.citations
    ]
    return tuple(edges)


def _figures() -> tuple[Figure, ...]:
    degrees = [str(number / 4) for number in range(1, 41)]
    return (
        Figure(
            "entry-by-degree",
            "The largest entry against the degree",
            "The special coordinate of f for n = 30. It passes 1/2 where the hypothesis begins.",
            "degree β",
            "entry f",
            tuple(
                Series(
                    f"a₁ = {base}",
                    tuple(degrees),
                    tuple(
                        f"{(1 + base) ** float(x) / ((1 + base) ** float(x) + 29):.6f}"
                        for x in degrees
                    ),
                )
                for base in (0.7, 1.0, 1.5)
            ),
            (Series("where the hypothesis begins", ("6.41",), ("0.508",)),),
            "6.6/3a",
            lines=(
                Series("(1 + a_1)^beta = n", ("6.41", "6.41"), ("0", "1")),
                Series("(1 + a_1)^beta = n^x_0", ("2.9", "2.9"), ("0", "1")),
            ),
        ),
        Figure(
            "failure-by-size",
            "How likely the sum exceeds the threshold",
            "Exact probabilities, and the bound that the lemma states.",
            "n",
            "probability",
            (
                Series(
                    "exact", ("4", "8", "16", "32", "64"), ("0.12", "0.06", "0.011", "8e-4", "2e-6")
                ),
                Series(
                    "bound", ("4", "8", "16", "32", "64"), ("0.5", "0.3", "0.1", "0.02", "1e-3")
                ),
            ),
            statement="4.1",
            log_x=True,
            log_y=True,
        ),
    )


PAPER = PaperView(
    "polynomial_attention",
    "The Expressibility of Polynomial based Attention Scheme",
    "Zhao Song, Guangyi Xu, Junze Yin",
    "arXiv 2310.20051 (2023)",
    definitions=(
        Definition(
            "3.7",
            "The normalised vector",
            "definition",
            (
                Mathematics("u = (A x)^beta", r"u(A,x) = (A x)^{\circ \beta}"),
                Mathematics(
                    "f = u/alpha", r"f(A,x) = \frac{u(A,x)}{\langle u(A,x), \mathbf{1}_n\rangle}"
                ),
            ),
            ("T", "D"),
        ),
        Definition(
            "6.1",
            "The data set",
            "definition",
            (
                Mathematics("n = (d - 2) t", "n = (d - 2)\\, t"),
                Mathematics("b + c = 1", "b + c = 1"),
            ),
            ("T", "C"),
            (Provenance("C", "the ranges of a_0 and a_1", "the printed values are lost"),),
        ),
        Definition(
            "6.2",
            "Blocks",
            "definition",
            (Mathematics("x = vec(Q K')", r"x = \operatorname{vec}(Q K^{\top})"),),
        ),
        Definition(
            "6.4",
            "The network",
            "definition",
            (
                Mathematics(
                    "F = phi(sum phi_tau)",
                    r"F = \phi\left( \sum_{j_0=1}^{n} \sum_{j_1=1}^{m}"
                    r" \phi_{\tau}(\langle c_{j_0}, y_{j_1}\rangle) \right)",
                ),
            ),
        ),
        Definition(
            "1.3", "The informal main result", "theorem", note="The informal version of 6.5."
        ),
    ),
    findings=(
        "Lemma 4.2, part 2, fails for $n = 4$: the probability is $1/16$, below the stated $1/10$."
        " It holds for every $n \\ge 9$.",
        "The proof of Theorem 6.17 cites Lemma 6.8, which is about the other data set."
        " Lemma 6.16 serves.",
        "Every bound on $f$ in Lemmas 6.10, 6.14 and 6.18 holds for all $\\beta > 0$;"
        " the degree hypothesis is never used.",
    ),
    regimes=(
        RegimeResult(
            "One degree for both datasets",
            "proved",
            "(1 + a_1)^beta >= n and (1 + a_0)^beta <= n^x_0 hold for some beta exactly if ..",
            Mathematics("log(1 + a_0) <= x_0*log(1 + a_1)", r"\log a \le x_{0} \, \log b"),
            (StepResult(1, "log(n) > 0", "proved", r"\log n > 0", "in the domain"),),
            Counterexample({"a_0": "28/281", "a_1": "7/10"}),
        ),
    ),
    notes=(
        "Displayed formulas are lost from our copy of the source;"
        " each restored piece carries a tag.",
    ),
)
