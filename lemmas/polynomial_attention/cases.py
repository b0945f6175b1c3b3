"""Sections 6.4 to 6.7: two datasets in two regimes, one set of definitions.

The four cases differ in the feature (``a_1`` in D_1, ``a_0`` in D_0), in the regime of the degree, and
in the bounds that the lemmas state. Everything else is shared.
"""

from dataclasses import dataclass

from sympy import Integer, Rational, log, sqrt

from lemmas.polynomial_attention.definitions import ATTENTION, dataset
from lemmas.polynomial_attention.notation import (
    COLUMNS, CONSTANT, DEGREE, DEGREE_LOW, EXPONENT, FAILURE, FEATURE_0, FEATURE_1, HALF, POLY,
    ROW_0, ROW_1, ROW_3, ROW_MAP, SCALES, SIGN_COLUMN, SIZES, TENTH, A, C, C_k, D, T, a_0, a_1,
    alpha, b, beta, c, chosen, d, delta, entry, f, i_0, j_0, j_1, j_3, k, k_0, m, n, row_class,
    s, t, u, x_0,
)
from verify.language.statement import (
    Citation, Growth, Hypothesis, Output, PrintedProof, Probability, SignSum, Statement, Step,
)
from verify.language.sympy_terms import eq, ge, le, ne

SPECIAL_COLUMN = 1 + row_class[j_3]
HERE, ELSEWHERE = "j_0 = j_3", "j_0 != j_3"


@dataclass(frozen=True)
class Case:
    """What distinguishes one of Sections 6.4 to 6.7 from the others."""

    section: str
    dataset: int
    high: bool
    entries: str
    products: str
    signs: str
    theorem: str
    theorem_cites: str
    conditions: tuple[int, int, int, int]

    @property
    def feature(self):
        return a_1 if self.dataset else a_0

    @property
    def separates(self):
        """Whether this is the case in which the output is positive."""
        return self.dataset == 1 and self.high

    @property
    def regime(self):
        grown = (1 + self.feature) ** beta
        return ge(grown, n) if self.separates else le(grown, n**x_0)

    @property
    def params(self):
        degree = DEGREE if self.high else DEGREE_LOW
        feature = FEATURE_1 if self.dataset else FEATURE_0
        exponent = () if self.separates else (EXPONENT,)
        return (*SIZES, *SCALES, feature, degree, *exponent)

    @property
    def special_weight(self):
        """The bound for f at j_3 (parts 3a and 4a of the lemma on entries)."""
        return n ** (x_0 - 1)


CASES = (
    Case("6.4", 1, True, "6.6", "6.7", "6.8", "6.9", "6.8", (6, 4, 2, 6)),
    Case("6.5", 0, True, "6.10", "6.11", "6.12", "6.13", "6.12", (6, 4, 2, 5)),
    Case("6.6", 1, False, "6.14", "6.15", "6.16", "6.17", "6.8", (5, 4, 2, 5)),
    Case("6.7", 0, False, "6.18", "6.19", "6.20", "6.21", "6.20", (4, 4, 2, 5)),
)

ARRAYS_BY_DATASET = {0: (dataset(a_0), *ATTENTION), 1: (dataset(a_1), *ATTENTION)}


def setting(case):
    """The conditions that every lemma of a section lists."""
    return (
        Hypothesis(None, f"A is from dataset D_{case.dataset} (Definition 6.1)"),
        Hypothesis(None, "Q K' = 1_{d x d}, so x = vec(Q K') = 1_{d^2}"),
        Hypothesis(case.regime, "high degree" if case.separates else "low degree"),
        Hypothesis(None, "n = t (d - 2)"),
        Hypothesis(None, "b + c = 1"),
        Hypothesis(None, "V = I_d"),
    )


def statement(case, number, part, title, conclusion, **more):
    """A part of a lemma of this section, with what all of them share."""
    conditions = more.pop("conditions", 4)
    hypotheses = setting(case)[:conditions] + more.pop("more_hypotheses", ())
    return Statement(
        id=f"{number}/{part}" if part else number,
        title=title,
        section=case.section,
        params=more.pop("params", case.params),
        conclusion=conclusion,
        hypotheses=hypotheses,
        indices=more.pop("indices", (ROW_3,)),
        stacked=(ROW_MAP,),
        arrays=ARRAYS_BY_DATASET[case.dataset],
        definitions=more.pop("definitions", ("6.1", "6.2")),
        tags=("T", "C"),
        **more,
    )


def elsewhere(index=j_0, special=j_3):
    """The hypothesis that an index is not the special one."""
    return (Hypothesis(ne(index, special)),)


def entries(case):
    """Lemmas 6.6, 6.10, 6.14, 6.18: entries of the tensor product, and normalisation."""
    a, number = case.feature, case.entries
    grown = (1 + a) ** beta
    unit = s ** (2 * beta)
    product = "tensor product" if case.entries in ("6.6", "6.10") else "circ product"
    rows = (
        ("1a", j_3, j_3, grown**2 * unit, f"{product} of two 3-sparse vectors"),
        ("1b", j_3, j_1, grown * unit, "3-sparse times 2-sparse"),
        ("2a", j_0, j_3, grown * unit, "the same case as Part 1b"),
        ("2b", j_0, j_1, unit, "tensor of two 2-sparse vectors"),
    )
    found = []
    for part, row, column, value, reason in rows:
        indices, other = _indices(row, column)
        row_sum = [(1 + a) * s if index == j_3 else s for index in (row, column)]
        steps = (
            Step(eq(u[row, column], (row_sum[0] * row_sum[1]) ** beta),
                 f"Definitions 6.1 and 6.2, {reason}, b + c = 1", tag="T"),
            Step(eq((row_sum[0] * row_sum[1]) ** beta, value), "the definition of g", tag="T"),
        )
        same = part == "2a"
        found.append(
            statement(
                case, number, part, f"Entry of u for {_where(row, column)}",
                eq(u[row, column], value), kind="lemma", conditions=case.conditions[0],
                indices=indices, more_hypotheses=other, definitions=("1.2", "6.1", "6.2"),
                proof=PrintedProof(
                    () if same else steps,
                    (Citation(f"{number}/1b", text="the same case as Part 1b"),) if same else (),
                ),
                provenance=(
                    T("the value", "forced by the definitions and the reason given"),
                    D("row sums (1 + a) s and s", "Definition 6.1 with b + c = 1"),
                ),
            )
        )
    for part, row, column in (
        ("3a", j_3, j_3), ("3b", j_3, j_1), ("4a", j_0, j_3), ("4b", j_0, j_1),
    ):
        found.append(_normalised(case, part, row, column, grown, unit))
    return found


def _indices(row, column):
    indices = [ROW_3]
    other = ()
    if row == j_0:
        indices.append(ROW_0)
        other += elsewhere(j_0)
    if column == j_1:
        indices.append(ROW_1)
        other += elsewhere(j_1)
    return tuple(indices), other


def _where(row, column):
    left = HERE if row == j_3 else ELSEWHERE
    return f"{left} and {'j_1 = j_3' if column == j_3 else 'j_1 != j_3'}"


def _normalised(case, part, row, column, grown, unit):
    number = case.entries
    indices, other = _indices(row, column)
    base = grown if row == j_3 else Integer(1)
    special, regular = base * grown * unit, base * unit
    top = special if column == j_3 else regular
    whole = special + (n - 1) * regular
    if column != j_3:
        conclusion = le(f[row, column], 1 / n)
    elif case.separates:
        conclusion = ge(f[row, column], HALF)
    else:
        conclusion = le(f[row, column], case.special_weight)
    relation = type(conclusion)
    cited = ("1a", "1b") if row == j_3 else ("2a", "2b")
    steps = (
        Step(eq(f[row, column], u[row, column] / alpha[row]), "the definition of f", tag="T"),
        Step(eq(alpha[row], whole), f"Parts {cited[0]} and {cited[1]}", tag="T"),
        Step(relation(top / whole, conclusion.rhs, evaluate=False), _last_reason(case, part)),
    )
    return statement(
        case, number, part, f"Normalised entry for {_where(row, column)}", conclusion,
        kind="lemma", conditions=case.conditions[0], indices=indices, more_hypotheses=other,
        uses=tuple(f"{number}/{x}" for x in cited),
        proof=PrintedProof(steps),
        provenance=(
            T("the chain of steps", "each step's reason is given"),
            chosen(f"the bound {conclusion.rhs}"),
        ),
    )


def _last_reason(case, part):
    if part == "3a" and case.separates:
        return "the degree condition, which is equivalent to beta >= log n / log(1 + a_1)"
    return "simple algebra"


def products(case):
    """Lemmas 6.7, 6.11, 6.15, 6.19: the entries of c."""
    found = []
    for first, row in ((1, j_3), (4, j_0)):
        indices = (ROW_3,) if row == j_3 else (ROW_3, ROW_0)
        other = () if row == j_3 else elsewhere()
        where = HERE if row == j_3 else ELSEWHERE
        cited = "3" if first == 1 else "4"
        shared = {
            "kind": "lemma", "conditions": case.conditions[1], "indices": indices,
            "more_hypotheses": other,
            "uses": (f"{case.entries}/{cited}a", f"{case.entries}/{cited}b"),
        }
        found += [
            _type_one(case, str(first), row, where, shared),
            *_type_two(case, str(first + 1), row, where, shared),
            _type_three(case, str(first + 2), row, where, shared),
        ]
    return found


def _cite(case, row, part, used_for):
    number = f"{case.entries}/{'3' if row == j_3 else '4'}{part}"
    return Citation(number, used_for=used_for, text=f"Part {number[-2]} of Lemma {case.entries}")


def _weight_bound(case, row):
    if case.separates:
        return ge(f[row, j_3], HALF)
    return le(f[row, j_3], case.special_weight)


def _type_one(case, part, row, where, shared):
    a = case.feature
    value = f[row, j_3] * a * s
    bound = a * s / 2 if case.separates else case.special_weight * a * s
    relation = ge if case.separates else le
    steps = (
        Step(eq(entry[row, 1], value), "the Type I column is one-hot (Definition 6.1)", tag="T"),
        Step(relation(value, bound), f"Part 3 or 4 of Lemma {case.entries}", tag="T"),
    )
    return statement(
        case, case.products, part, f"Type I coordinate for {where}",
        relation(entry[row, 1], bound),
        proof=PrintedProof(steps, (_cite(case, row, "a", _weight_bound(case, row)),)),
        provenance=(T("Type I column and the f-bound", "named in the proof"), chosen("the constant")),
        **shared,
    )


def _type_two(case, part, row, where, shared):
    general = shared | {"indices": (*shared["indices"], SIGN_COLUMN)}
    rest = general | {
        "more_hypotheses": shared["more_hypotheses"] + elsewhere(k_0, row_class[j_3])
    }
    reason = (T("entries of f bounded, at most t nonzero", "named in the proof"), chosen("the constant"))
    citations = (
        _cite(case, row, "a", _weight_bound(case, row)),
        _cite(case, row, "b", None),
    )
    if not case.high:
        bound = t * case.special_weight * b * s
        step = Step(le(entry[row, 1 + k_0], bound),
                    "each entry of f is bounded, and the column is t-sparse", tag="T")
        return [
            statement(
                case, case.products, part, f"Type II coordinates for {where}",
                ge(entry[row, 1 + k_0], 0) & le(entry[row, 1 + k_0], bound),
                proof=PrintedProof((step,), citations), provenance=reason, **general,
            )
        ]
    if case.separates:
        special = ge(entry[row, SPECIAL_COLUMN], b * s / 2)
    else:
        special = le(entry[row, SPECIAL_COLUMN], (case.special_weight + t / n) * b * s)
    return [
        statement(
            case, case.products, f"{part}.special", f"The special Type II coordinate for {where}",
            special, proof=PrintedProof((), citations), provenance=reason, **shared,
        ),
        statement(
            case, case.products, f"{part}.rest", f"The other Type II coordinates for {where}",
            le(entry[row, 1 + k_0], t / n * b * s),
            proof=PrintedProof(
                (Step(le(entry[row, 1 + k_0], t * (1 / n) * b * s),
                      "entries of f are at most 1/n, at most t are met", tag="T"),),
                (citations[1],),
            ),
            provenance=reason, **rest,
        ),
    ]


def _type_three(case, part, row, where, shared):
    from sympy import Sum  # noqa: PLC0415

    from lemmas.polynomial_attention.notation import j  # noqa: PLC0415

    total = Sum(f[row, j], (j, 1, n))
    steps = (
        Step(eq(total, 1), "f is a normalised vector", "17", tag="T"),
        Step(eq(entry[row, d], c * s * total), "Definition 6.1 and Fact 3.3", tag="T"),
        Step(eq(entry[row, d], c * s), "Eq. (17)", tag="T"),
    )
    return statement(
        case, case.products, part, f"Type III coordinate for {where}", eq(entry[row, d], c * s),
        proof=PrintedProof(steps, (Citation("3.3", text="Fact 3.3"),)),
        provenance=(T("the value", "f is normalised and the column is constant"),),
        **{**shared, "uses": (*shared["uses"], "3.3")},
    )


def _type_two_bound(case):
    """The printed bound of a Type II coordinate other than the special one."""
    return t / n * b * s if case.high else t * case.special_weight * b * s


def _radius(case, power):
    """The Hoeffding radius of the printed step, and the variance that it belongs to."""
    bound = _type_two_bound(case)
    return C_k(power) * sqrt(log(n / delta)) * sqrt(d) * bound, d * bound**2


def _finite_form(case, power):
    """The growth hypothesis as it is used: fixed terms and radius fit into 0.1 s."""
    radius, _ = _radius(case, power)
    fixed = case.special_weight * case.feature * s
    if case.high:
        fixed += (case.special_weight + t / n) * b * s
    return le(fixed + radius, TENTH * s)


def _growth(case, power):
    if case.separates:
        return Hypothesis(
            None, "t sqrt(d) = o(n^0.99)",
            growth=Growth(t * sqrt(d), "o", n ** Rational(99, 100)),
            implies=Growth(d, "omega", n ** Rational(2, 100)),
        )
    return Hypothesis(
        _finite_form(case, power), "t sqrt(d) = o(n^(1 - x_0 - 0.01))",
        growth=Growth(t * sqrt(d), "o", n ** (1 - x_0 - Rational(1, 100))),
        implies=Growth(d, "omega", n ** (2 * x_0 + Rational(2, 100))),
    )


def signs(case):
    """Lemmas 6.8, 6.12, 6.16, 6.20: inner products with random signs."""
    found = []
    threshold = (c + TENTH) * s
    for part, row in (("1", j_3), ("2", j_0)):
        first = 1 if row == j_3 else 4
        indices = (ROW_3,) if row == j_3 else (ROW_3, ROW_0)
        other = () if row == j_3 else elsewhere()
        if case.separates:
            event = SignSum(entry[row, i_0], i_0, d, ">=", threshold)
            bound = TENTH
        else:
            event = SignSum(entry[row, i_0], i_0, d, "<=", threshold, absolute=True)
            bound = 1 - delta / n**k
        radius, variance = _radius(case, k) if not case.separates else (None, None)
        found.append(
            statement(
                case, case.signs, part, f"Random signs for {HERE if row == j_3 else ELSEWHERE}",
                Probability(event, bound), kind="lemma", conditions=4, indices=indices,
                params=(*case.params, FAILURE, POLY),
                more_hypotheses=(_growth(case, k), *other),
                definitions=("3.4", "6.1", "6.2"),
                uses=tuple(x.id for x in products(case) if _part_number(x.id) in range(first, first + 3)),
                radius=radius, variance=variance,
                proof=_signs_proof(case, row) if case.separates else PrintedProof(),
                provenance=(
                    T("the growth of t sqrt(d)", "the text says what it implies for d"),
                    chosen("0.1, 1/10 and the exponents"),
                    D("the finite form", "the Hoeffding radius and the fixed terms fit into 0.1 s"),
                ),
            )
        )
    return found


def _part_number(identifier):
    return int(identifier.split("/")[1].split(".")[0])


def _signs_proof(case, row):
    """Lemma 6.8: equations (18) to (20), the set S of three indices, Hoeffding on the rest."""
    a = case.feature
    if row != j_3:
        return PrintedProof((), (Citation(f"{case.signs}/1", text="the proof is the same as Part 1"),))
    radius, variance = _radius(case, k)
    rest = SignSum(entry[row, i_0], i_0, d, "<=", TENTH * s, absolute=True)
    steps = (
        Step(ge(entry[row, 1], a * s / 2), "Part 1 of Lemma 6.7", "18", tag="T"),
        Step(ge(entry[row, SPECIAL_COLUMN], b * s / 2), "Part 2 of Lemma 6.7", "19", tag="T"),
        Step(eq(entry[row, d], c * s), "Part 3 of Lemma 6.7", "20", tag="T"),
        Step(ge(a * s / 2 + b * s / 2 + c * s - TENTH * s, (c + TENTH) * s),
             "the three signs of S are +1 (probability 1/8) and the rest is at least -0.1 s"),
        Step(ge(Rational(1, 8) - delta / n**k, TENTH), "combining the two events"),
    )
    del radius, variance, rest
    citations = (
        Citation("6.7/1", used_for=ge(entry[row, 1], a * s / 2), text="Part 1 of Lemma 6.7"),
        Citation("6.7/2.special", used_for=ge(entry[row, SPECIAL_COLUMN], b * s / 2), text="Part 2 of Lemma 6.7"),
        Citation("6.7/3", used_for=eq(entry[row, d], c * s), text="Part 3 of Lemma 6.7"),
        Citation("3.6", text="Lemma 3.6"),
    )
    return PrintedProof(steps, citations)


def theorem(case):
    """Theorems 6.9, 6.13, 6.17, 6.21: the output of the network."""
    positive = case.separates
    threshold = (c + TENTH) * s
    event = Output(
        entry[j_0, i_0], i_0, d, threshold=threshold, columns=m, positive=positive, row=j_0, rows=n
    )
    more = (
        Hypothesis(None, "d in [omega(n^0.02), n]", growth=Growth(d, "omega", n ** Rational(2, 100))),
        Hypothesis(None, "tau = (c + 0.1) s"),
    )
    params = (*case.params, FAILURE, POLY, COLUMNS)
    radius = variance = None
    if positive:
        more += (Hypothesis(ge(m, C * log(n / delta)), "m = C log(n / delta), rounded up"),)
        params += (CONSTANT,)
    else:
        radius, variance = _radius(case, k + 1)
        more += (
            Hypothesis(
                _finite_form(case, k + 1),
                "the finite form of the growth condition, with room for the union over m",
            ),
            Hypothesis(le(m, n**2 / (4 * delta ** (k + 1))), "m small enough for the union bound"),
        )
    result = "F > 0" if positive else "F = 0"
    return statement(
        case, case.theorem, "", f"{result} on D_{case.dataset}, {'high' if case.high else 'low'} degree",
        Probability(event, 1 - delta / n**k), kind="theorem", conditions=4, params=params,
        more_hypotheses=more, definitions=("3.8", "3.10", "6.1", "6.2", "6.4"),
        uses=(f"{case.signs}/1", f"{case.signs}/2"),
        radius=radius, variance=variance, large=C if positive else None,
        proof=PrintedProof((), (Citation(f"{case.theorem_cites}/1", used_for=_needed(case), text=f"Lemma {case.theorem_cites}"),)),
        provenance=(
            T("the citation", f"the text says: follows from Lemma {case.theorem_cites}"),
            chosen("the range of d, tau and m"),
        ),
    )


def _needed(case):
    """What the theorem needs from the lemma that it cites."""
    threshold = (c + TENTH) * s
    if case.separates:
        return Probability(SignSum(entry[j_3, i_0], i_0, d, ">", threshold), TENTH)
    return Probability(
        SignSum(entry[j_3, i_0], i_0, d, "<=", threshold, absolute=True), 1 - delta / n**k
    )


def section(case):
    """All statements of one section."""
    return (*entries(case), *products(case), *signs(case), theorem(case))
