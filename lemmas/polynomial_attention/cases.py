"""Sections 6.4 to 6.7: two datasets in two regimes, one set of definitions.

The four cases differ in the feature (``a_1`` in D_1, ``a_0`` in D_0), in the regime of the degree,
and in the bounds that the lemmas state. Everything else is shared.
"""

from dataclasses import dataclass, replace
from typing import Any

from sympy import Integer, KroneckerDelta, Rational, Sum, log, sqrt

from lemmas.attention import dataset
from lemmas.polynomial_attention.definitions import ATTENTION
from lemmas.polynomial_attention.notation import (
    COLUMNS,
    CONSTANT,
    DEGREE,
    DEGREE_LOW,
    EXPONENT,
    FAILURE,
    FEATURE_0,
    FEATURE_1,
    GROWTH_OF_D,
    HALF,
    POLY,
    ROW_0,
    ROW_1,
    ROW_3,
    ROW_MAP,
    SCALES,
    SIGN_COLUMN,
    TENTH,
    C,
    C_k,
    D,
    T,
    a_0,
    a_1,
    alpha,
    b,
    beta,
    c,
    chosen,
    d,
    declare,
    delta,
    entry,
    f,
    i_0,
    j,
    j_0,
    j_1,
    j_3,
    k,
    k_0,
    m,
    n,
    row_class,
    s,
    sizes,
    t,
    u,
    x_0,
)
from verify.language.statement import (
    Citation,
    Expression,
    Growth,
    Hypothesis,
    Index,
    Output,
    Param,
    PrintedProof,
    Probability,
    Provenance,
    SignSum,
    Statement,
    Step,
)
from verify.language.sympy_terms import eq, ge, le, ne

Conditions = tuple[Hypothesis, ...]
Fields = dict[str, Any]

SPECIAL_COLUMN = 1 + row_class[j_3]
HERE, ELSEWHERE = "j_0 = j_3", "j_0 != j_3"
THRESHOLD = (c + TENTH) * s


@dataclass(frozen=True)
class Case:
    """What distinguishes one of Sections 6.4 to 6.7 from the others.

    ``listed`` names the conditions that the lemma on entries lists, in the text's order: their
    number and the place of the dataset survive. ``wide`` is a pair (d, t) of reference values at
    which the random signs of the section have room.
    """

    section: str
    dataset: int
    high: bool
    entries: str
    products: str
    signs: str
    theorem: str
    theorem_cites: str
    listed: tuple[str, ...]
    wide: tuple[int, int]

    @property
    def feature(self) -> Expression:
        """The a of the dataset."""
        return a_1 if self.dataset else a_0

    @property
    def separates(self) -> bool:
        """Whether this is the case in which the output is positive."""
        return self.dataset == 1 and self.high

    @property
    def degree(self) -> str:
        """The regime that the section's title names."""
        return "high" if self.high else "low"

    @property
    def special_weight(self) -> Expression:
        """The bound for f at j_3 (parts 3a and 4a of the lemma on entries)."""
        return n ** (x_0 - 1)

    def params(self, wide: bool = False) -> tuple[Param, ...]:
        """The parameters of the section's statements."""
        degree = DEGREE if self.high else DEGREE_LOW
        feature = FEATURE_1 if self.dataset else FEATURE_0
        exponent = () if self.separates else (EXPONENT,)
        columns, copies = self.wide if wide else (7, 4)
        return (*sizes(columns, copies), *SCALES, feature, degree, *exponent)

    def conditions(self) -> dict[str, Hypothesis]:
        """Every condition that a lemma of the section may list, by name."""
        a = self.feature
        found = {
            "dataset": Hypothesis(None, f"A is from dataset D_{self.dataset} (Definition 6.1)"),
            "scores": Hypothesis(None, "Q K' = 1_{d x d}, so that x = vec(Q K') = 1_{d^2}"),
            "values": Hypothesis(None, "V = I_d"),
            "sizes": Hypothesis(None, "n = (d - 2) t"),
            "scales": Hypothesis(None, "b + c = 1"),
            "power": Hypothesis(None, "g(z) = z^beta (Definition 1.2)"),
        }
        if self.separates:
            found["high"] = Hypothesis(
                ge((1 + a_1) ** beta, n), "high degree: beta >= log n / log(1 + a_1)"
            )
        elif self.high:
            # A condition on a_1, which no datum of D_0 contains: for all n and beta > 0 there is an
            # a_1 that satisfies it, so that it restricts nothing.
            found["high"] = Hypothesis(
                None, "high degree: beta >= log n / log(1 + a_1), which says nothing about D_0"
            )
        if not self.separates:
            found["low"] = Hypothesis(
                le((1 + a) ** beta, n**x_0), "the feature does not dominate: (1 + a)^beta <= n^x_0"
            )
        return found


CASES = (
    Case(
        "6.4",
        1,
        True,
        "6.6",
        "6.7",
        "6.8",
        "6.9",
        "6.8",
        ("scores", "sizes", "scales", "power", "dataset", "high"),
        (7, 4),
    ),
    Case(
        "6.5",
        0,
        True,
        "6.10",
        "6.11",
        "6.12",
        "6.13",
        "6.12",
        ("dataset", "scores", "sizes", "scales", "high", "low"),
        (10**4 + 2, 2),
    ),
    Case(
        "6.6",
        1,
        False,
        "6.14",
        "6.15",
        "6.16",
        "6.17",
        "6.8",
        ("scores", "sizes", "scales", "dataset", "low"),
        (10**50 + 2, 2),
    ),
    Case(
        "6.7",
        0,
        False,
        "6.18",
        "6.19",
        "6.20",
        "6.21",
        "6.20",
        ("dataset", "scores", "scales", "low"),
        (10**50 + 2, 2),
    ),
)

ARRAYS_BY_DATASET = {0: (dataset(a_0), *ATTENTION), 1: (dataset(a_1), *ATTENTION)}


def regime_provenance(case: Case) -> Provenance:
    """Where the condition on the degree comes from."""
    if case.separates:
        return chosen(
            "(1 + a_1)^beta >= n", "lost; the text says that it is equivalent to another condition"
        )
    return D(
        f"(1 + {case.feature})^beta <= n^x_0",
        "what the bound n^(x_0 - 1) on f needs; the title says "
        + ("high degree, which is about a_1 alone" if case.high else "low degree"),
    )


def setting(case: Case, listed: tuple[str, ...]) -> tuple[Conditions, Conditions]:
    """The listed conditions with these names, and those that are carried over without mention."""
    known = case.conditions()
    rest = tuple(replace(known[name], listed=False) for name in known if name not in listed)
    return tuple(known[name] for name in listed), rest


def statement(
    case: Case,
    number: str,
    part: str,
    title: str,
    conclusion: Expression | Probability,
    *,
    listed: Conditions,
    carried: Conditions = (),
    provenance: tuple[Provenance, ...],
    **more: Any,
) -> Statement:
    """A part of a lemma of this section, with what all of them share."""
    count = chosen(
        "the conditions",
        f"the text lists {len(listed)}, whose formulas are lost but for the dataset; "
        "which ones they are follows the use that the proofs make of them",
    )
    fields: Fields = {
        "id": f"{number}/{part}" if part else number,
        "title": title,
        "section": case.section,
        "params": case.params(),
        "conclusion": conclusion,
        "hypotheses": (*listed, *carried),
        "indices": (ROW_3,),
        "stacked": (ROW_MAP,),
        "arrays": ARRAYS_BY_DATASET[case.dataset],
        "definitions": ("6.1", "6.2"),
    }
    origin = (*provenance, regime_provenance(case), count)
    return declare(provenance=origin, **{**fields, **more})


def elsewhere(index: Expression = j_0, special: Expression = j_3) -> Conditions:
    """The hypothesis that an index is not the special one."""
    return (Hypothesis(ne(index, special), listed=False),)


def entries(case: Case) -> tuple[Statement, ...]:
    """Lemmas 6.6, 6.10, 6.14, 6.18: entries of the tensor product, and normalisation."""
    grown = (1 + case.feature) ** beta
    unit = s ** (2 * beta)
    product = {"6.6": "tensor product", "6.10": "tensor"}.get(case.entries, "circ product")
    rows = (
        ("1a", j_3, j_3, grown**2 * unit, f"the {product} of two 3-sparse vectors"),
        ("1b", j_3, j_1, grown * unit, "a 3-sparse vector with a 2-sparse one"),
        ("2a", j_0, j_3, grown * unit, ""),
        ("2b", j_0, j_1, unit, "the tensor of two 2-sparse vectors"),
    )
    return (
        *(_entry(case, *row) for row in rows),
        *(
            _normalised(case, part, row, column, grown, unit)
            for part, row, column in (
                ("3a", j_3, j_3),
                ("3b", j_3, j_1),
                ("4a", j_0, j_3),
                ("4b", j_0, j_1),
            )
        ),
    )


def _entry(
    case: Case, part: str, row: Expression, column: Expression, value: Expression, reason: str
) -> Statement:
    number = case.entries
    indices, other = _indices(row, column)
    listed, carried = setting(case, case.listed)
    first, second = ((1 + case.feature) * s if index == j_3 else s for index in (row, column))
    defined = "Definitions 6.1 and 6.2" if case.high else "Definition 6.1"
    proof = PrintedProof(
        (
            Step(eq(u[row, column], (first * second) ** beta), f"{defined}; {reason}", tag="T"),
            Step(
                eq((first * second) ** beta, value),
                "the definition of g (Definition 1.2) or simple algebra; b + c = 1",
                tag="T",
            ),
        )
    )
    if part == "2a":
        proof = PrintedProof((), (Citation(f"{number}/1b", text="the same case as Part 1b"),))
    note = ""
    if part == "1a" and number == "6.6":
        note = "The text counts two second steps: 'the second step follows from algebra' is twice."
    return statement(
        case,
        number,
        part,
        f"Entry of u for {_where(row, column)}",
        eq(u[row, column], value),
        heading="Entries of the tensor product and normalisation",
        kind="lemma",
        listed=listed,
        carried=(*carried, *other),
        indices=indices,
        definitions=("1.2", "6.1", "6.2"),
        proof=proof,
        note=note,
        provenance=(
            T("the value", "forced by the definitions and the reason given"),
            D("row sums (1 + a) s and s", "Definition 6.1 with b + c = 1"),
        ),
    )


def _indices(row: Expression, column: Expression) -> tuple[tuple[Index, ...], Conditions]:
    indices = [ROW_3]
    other: Conditions = ()
    if row == j_0:
        indices.append(ROW_0)
        other += elsewhere(j_0)
    if column == j_1:
        indices.append(ROW_1)
        other += elsewhere(j_1)
    return tuple(indices), other


def _where(row: Expression, column: Expression) -> str:
    left = HERE if row == j_3 else ELSEWHERE
    return f"{left} and {'j_1 = j_3' if column == j_3 else 'j_1 != j_3'}"


def _normalised(
    case: Case,
    part: str,
    row: Expression,
    column: Expression,
    grown: Expression,
    unit: Expression,
) -> Statement:
    number = case.entries
    indices, other = _indices(row, column)
    listed, carried = setting(case, case.listed)
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
    row_sum, last, tag = _reasons(case, part)
    steps = (
        Step(eq(f[row, column], u[row, column] / alpha[row]), "the definition of f", tag="T"),
        Step(eq(alpha[row], whole), row_sum, tag="T" if tag else "D"),
        Step(relation(top / whole, conclusion.rhs, evaluate=False), last, tag="T" if tag else "D"),
    )
    return statement(
        case,
        number,
        part,
        f"Normalised entry for {_where(row, column)}",
        conclusion,
        heading="Entries of the tensor product and normalisation",
        kind="lemma",
        listed=listed,
        carried=(*carried, *other),
        indices=indices,
        uses=tuple(f"{number}/{x}" for x in cited),
        proof=PrintedProof(steps),
        provenance=(
            T("the chain of steps", "each step's reason is given")
            if tag
            else D("the chain of steps", "the text says 'We can show' and gives no reason"),
            chosen(f"the bound {conclusion.rhs}"),
        ),
    )


def _reasons(case: Case, part: str) -> tuple[str, str, bool]:
    """The reasons of the row sum and of the last step, and whether the text gives them."""
    if case.high and case.dataset:
        parts = "Part 1a and Part 1b" if part[0] == "3" else "Part 2a and Part 2b"
        return (
            parts,
            {
                "3a": "the degree condition, 'which is equivalent to' beta >= log n / log(1 + a_1)",
                "3b": "a reason that is lost; simple algebra",
            }.get(part, "simple algebra"),
            True,
        )
    if case.high:
        return (
            "Part 1 and Part 2",
            {
                "3a": "a reason that is lost; simple algebra; a last reason that is lost",
                "3b": "a reason that is lost; simple algebra",
            }.get(part, "simple algebra"),
            True,
        )
    if part == "3a":
        coordinates = "u_{j_0} has n - 1 equal coordinates and only one other"
        row_sum = f"{coordinates}; Part 1a" if case.dataset else "Part 1"
        return row_sum, "simple algebra", True
    if part == "3b":
        return "Part 1", "simple algebra", True
    return "Part 2, though the text gives no reason", "no reason given", False


def products(case: Case) -> tuple[Statement, ...]:
    """Lemmas 6.7, 6.11, 6.15, 6.19: the entries of c."""
    found: list[Statement] = []
    listed, carried = setting(case, ("dataset", "scores", "values", case.degree))
    for first, row in ((1, j_3), (4, j_0)):
        part = "3" if row == j_3 else "4"
        shared: Fields = {
            "heading": "Inner products of the attention weights with the columns",
            "kind": "lemma",
            "listed": listed,
            "carried": carried if row == j_3 else (*carried, *elsewhere()),
            "indices": (ROW_3,) if row == j_3 else (ROW_3, ROW_0),
            "uses": (f"{case.entries}/{part}a", f"{case.entries}/{part}b"),
        }
        found += [
            _type_one(case, str(first), row, shared),
            *_type_two(case, str(first + 1), row, shared),
            _type_three(case, str(first + 2), row, shared),
        ]
    return tuple(found)


def _at(row: Expression) -> str:
    return HERE if row == j_3 else ELSEWHERE


def _cite(case: Case, row: Expression, part: str, used_for: Expression | None) -> Citation:
    number = "3" if row == j_3 else "4"
    return Citation(
        f"{case.entries}/{number}{part}",
        used_for=used_for,
        text=f"Part {number} of Lemma {case.entries}",
    )


def _same(case: Case, row: Expression, reason: str) -> str:
    """The reason, or the text's remark that Parts 4 to 6 of Lemma 6.7 are as Parts 1 to 3."""
    if case.separates and row != j_3:
        return f"'the same as Part 1, 2, 3': {reason}"
    return reason


def _weight_bound(case: Case, row: Expression) -> Expression:
    if case.separates:
        return ge(f[row, j_3], HALF)
    return le(f[row, j_3], case.special_weight)


def _type_one(case: Case, part: str, row: Expression, shared: Fields) -> Statement:
    a = case.feature
    value = f[row, j_3] * a * s
    bound = a * s / 2 if case.separates else case.special_weight * a * s
    relation = ge if case.separates else le
    citation = _cite(case, row, "a", _weight_bound(case, row))
    steps = (
        Step(
            eq(entry[row, 1], value),
            _same(case, row, "the Type I column is one-hot (Definition 6.1)"),
            tag="T",
        ),
        Step(relation(value, bound), _same(case, row, citation.text), tag="T"),
    )
    return statement(
        case,
        case.products,
        part,
        f"Type I coordinate for {_at(row)}",
        relation(entry[row, 1], bound),
        proof=PrintedProof(steps, (citation,)),
        provenance=(
            T("Type I column and the bound on f", "named in the proof"),
            chosen(f"the factor {'1/2' if case.separates else 'n^(x_0 - 1)'}"),
        ),
        **shared,
    )


def _type_two(case: Case, part: str, row: Expression, shared: Fields) -> tuple[Statement, ...]:
    general = shared | {"indices": (*shared["indices"], SIGN_COLUMN)}
    provenance = (
        T("entries of f bounded, at most t nonzero entries", "named in the proof of Part 2"),
        chosen("the factors", "the bounds are lost; these follow from the bounds on f"),
    )
    citations = (
        _cite(case, row, "a", _weight_bound(case, row)),
        _cite(case, row, "b", None),
    )
    if not case.high:
        bound = _type_two_bound(case)
        step = Step(
            le(entry[row, 1 + k_0], bound),
            "each entry of f is at least 0 and bounded; each entry of the column is at least 0 "
            "and at most b s, and it is t-sparse",
            tag="T",
        )
        return (
            statement(
                case,
                case.products,
                part,
                f"Type II coordinates for {_at(row)}",
                ge(entry[row, 1 + k_0], 0) & le(entry[row, 1 + k_0], bound),
                proof=PrintedProof((step,), citations),
                provenance=provenance,
                **general,
            ),
        )
    if case.separates:
        special = ge(entry[row, SPECIAL_COLUMN], b * s / 2)
        reason = "one coordinate of f is at least 1/2; the column is b s there"
    else:
        special = le(entry[row, SPECIAL_COLUMN], (case.special_weight + t / n) * b * s)
        reason = "one entry of f is at most n^(x_0 - 1), the others at most 1/n; t-sparse column"
    rest = general | {"carried": (*shared["carried"], *elsewhere(k_0, row_class[j_3]))}
    return (
        statement(
            case,
            case.products,
            f"{part}.special",
            f"The special Type II coordinate for {_at(row)}",
            special,
            proof=PrintedProof((Step(special, _same(case, row, reason), tag="T"),), citations),
            provenance=provenance,
            **shared,
        ),
        statement(
            case,
            case.products,
            f"{part}.rest",
            f"The other Type II coordinates for {_at(row)}",
            le(entry[row, 1 + k_0], _type_two_bound(case)),
            proof=PrintedProof(
                (
                    Step(
                        le(entry[row, 1 + k_0], t * (1 / n) * b * s),
                        _same(
                            case,
                            row,
                            "entries of f are at most 1/n; at most t entries of the "
                            "column are b s, the rest are zeros; simple algebra",
                        ),
                        tag="T",
                    ),
                ),
                (citations[1],),
            ),
            provenance=provenance,
            **rest,
        ),
    )


def _type_three(case: Case, part: str, row: Expression, shared: Fields) -> Statement:
    total = Sum(f[row, j], (j, 1, n))
    fact = Citation("3.3", text="Fact 3.3")
    if case.separates:
        steps = (
            Step(eq(total, 1), _same(case, row, "f is a normalised vector"), "17", tag="T"),
            Step(
                eq(entry[row, d], c * s * total),
                _same(case, row, "the definition of c, the Type III column, Fact 3.3"),
                tag="T",
            ),
            Step(eq(entry[row, d], c * s), _same(case, row, "Eq. (17)"), tag="T"),
        )
        proof = PrintedProof(steps, (fact,))
        provenance = T("the value", "f is normalised and the Type III column is constant")
    else:
        cited = _cite(case, row, "a", None)
        step = Step(eq(entry[row, d], c * s), f"{cited.text} and the Type III column", tag="T")
        proof = PrintedProof(
            (step,),
            (cited,),
            note=f"{cited.text} bounds single entries of f. What the value needs is that they sum "
            "to 1, which is Eq. (17) in the proof of Lemma 6.7.",
        )
        provenance = T("the value", "the Type III column is constant, and the text says so much")
    return statement(
        case,
        case.products,
        part,
        f"Type III coordinate for {_at(row)}",
        eq(entry[row, d], c * s),
        proof=proof,
        provenance=(provenance, D("c s", "Definition 6.1, and f sums to 1")),
        **{**shared, "uses": (*shared["uses"], "3.3")},
    )


def _type_two_bound(case: Case) -> Expression:
    """The printed bound of a Type II coordinate other than the special one."""
    return t / n * b * s if case.high else t * case.special_weight * b * s


def _radius(case: Case, power: Expression) -> tuple[Expression, Expression]:
    """The Hoeffding radius of the printed step, and the variance that it belongs to."""
    bound = _type_two_bound(case)
    return C_k(power) * sqrt(log(n / delta)) * sqrt(d) * bound, d * bound**2


def finite_form(case: Case, power: Expression) -> Expression:
    """The growth hypothesis as it is used: fixed terms and radius fit into 0.1 s."""
    radius, _ = _radius(case, power)
    fixed = case.special_weight * case.feature * s
    if case.high:
        fixed += (case.special_weight + t / n) * b * s
    return le(fixed + radius, TENTH * s)


def _growth(case: Case) -> Hypothesis:
    """The second listed condition of the lemmas on random signs."""
    if case.separates:
        return Hypothesis(
            None,
            "t sqrt(d) = o(n^0.99)",
            growth=Growth(t * sqrt(d), "o", n ** Rational(99, 100)),
            implies=Growth(d, "omega", GROWTH_OF_D),
        )
    return Hypothesis(
        finite_form(case, k),
        "t sqrt(d) = o(n^(1 - x_0 - 0.01))",
        growth=Growth(t * sqrt(d), "o", n ** (1 - x_0 - Rational(1, 100))),
        implies=Growth(d, "omega", n ** (2 * x_0 + Rational(2, 100))),
    )


def signs(case: Case) -> tuple[Statement, ...]:
    """Lemmas 6.8, 6.12, 6.16, 6.20: inner products with random signs."""
    return tuple(_signs(case, part, row) for part, row in (("1", j_3), ("2", j_0)))


def _signs(case: Case, part: str, row: Expression) -> Statement:
    first = 1 if row == j_3 else 4
    if case.separates:
        event = SignSum(entry[row, i_0], i_0, d, ">=", THRESHOLD)
        bound = TENTH
        finite = D("the finite form", "Hoeffding's radius is at most 0.1 s; only the proof has it")
    else:
        event = SignSum(entry[row, i_0], i_0, d, "<=", THRESHOLD, absolute=True)
        bound = 1 - delta / n**k
        finite = D("the finite form", "Hoeffding's radius and the fixed terms fit into 0.1 s")
    radius, variance = _radius(case, k)
    standing, carried = setting(case, ("dataset",))
    no_proof = PrintedProof(note="The text gives no proof.")
    return statement(
        case,
        case.signs,
        part,
        f"Random signs for {_at(row)}",
        Probability(event, bound),
        heading="Inner products with random signs",
        kind="lemma",
        listed=(*standing, _growth(case)),
        carried=carried if row == j_3 else (*carried, *elsewhere()),
        indices=(ROW_3,) if row == j_3 else (ROW_3, ROW_0),
        params=(*case.params(wide=True), FAILURE, POLY),
        definitions=("3.4", "6.1", "6.2"),
        uses=tuple(
            item.id for item in products(case) if first <= _part_number(item.id) < first + 3
        ),
        radius=radius,
        variance=variance,
        proof=_signs_proof(case, row) if case.separates else no_proof,
        provenance=(
            T("the growth of t sqrt(d)", "'since n = t (d - 2) .., this implies ..'"),
            chosen("0.1, 1/10 and the exponents"),
            finite,
        ),
    )


def _part_number(identifier: str) -> int:
    return int(identifier.split("/")[1].split(".", maxsplit=1)[0])


def _signs_proof(case: Case, row: Expression) -> PrintedProof:
    """Lemma 6.8: equations (18) to (20), the set S of three indices, Hoeffding on the rest."""
    a = case.feature
    first = 1 if row == j_3 else 4
    facts = (
        (f"{case.products}/{first}", ge(entry[row, 1], a * s / 2), "18"),
        (f"{case.products}/{first + 1}.special", ge(entry[row, SPECIAL_COLUMN], b * s / 2), "19"),
        (f"{case.products}/{first + 2}", eq(entry[row, d], c * s), "20"),
    )
    outside = 1
    for special in (Integer(1), SPECIAL_COLUMN, d):
        outside *= 1 - KroneckerDelta(i_0, special)
    rest = SignSum(entry[row, i_0] * outside, i_0, d, "<=", TENTH * s, absolute=True)
    radius, _ = _radius(case, k)
    steps = (
        *(
            Step(fact, f"Part {_part_number(number)} of Lemma {case.products}", equation, tag="T")
            for number, fact, equation in facts
        ),
        Step(
            Probability(rest, 1 - delta / n**k),
            "Hoeffding inequality (Lemma 3.6) for the indices outside S; 'the last step due to "
            ".. and ..', both lost",
            given=(le(radius, TENTH * s),),
            tag="T",
        ),
        Step(
            ge(a * s / 2 + b * s / 2 + c * s - TENTH * s, THRESHOLD),
            "if the three signs of S are +1: Eq. (18), Eq. (19) and Eq. (20); a reason that is "
            "lost",
            tag="T",
        ),
        Step(
            ge((1 - delta / n**k) / 8, TENTH),
            "the three signs are +1 with probability 1/8; combining the two events, which "
            "concern different signs",
            tag="T",
        ),
    )
    citations = (
        *(
            Citation(
                number, used_for=fact, text=f"Part {_part_number(number)} of Lemma {case.products}"
            )
            for number, fact, _ in facts
        ),
        Citation("3.6", text="Lemma 3.6"),
    )
    note = "" if row == j_3 else "The text says: the proof is the same as Part 1."
    return PrintedProof(steps, citations, note)


RANGE_OF_D = Hypothesis(le(d, n), "d in [omega(n^0.02), n]", growth=Growth(d, "omega", GROWTH_OF_D))
TAU = Hypothesis(None, "tau = (c + 0.1) s")
MANY_COLUMNS = Hypothesis(ge(m, C * log(n / delta)), "m = C log(n / delta), rounded up")
ANY_COLUMNS = Hypothesis(None, "m = C log(n / delta), rounded up")
FEW_COLUMNS = Hypothesis(
    le(m, n**2 / (4 * delta ** (k + 1))),
    "m is small enough for the union bound over m columns and both kinds of rows",
    listed=False,
)


def theorem(case: Case) -> Statement:
    """Theorems 6.9, 6.13, 6.17, 6.21: the output of the network."""
    positive = case.separates
    event = Output(
        entry[j_0, i_0], i_0, d, threshold=THRESHOLD, columns=m, positive=positive, row=j_0, rows=n
    )
    names = ("dataset", "scores", "high") if positive else ("dataset", case.degree)
    standing, carried = setting(case, names)
    params = (*case.params(wide=True), FAILURE, POLY, COLUMNS)
    provenance: tuple[Provenance, ...] = (
        T("the citation", f"the text says: it follows from using Lemma {case.theorem_cites}"),
        chosen("the range of d, tau, m and the probability"),
    )
    if positive:
        fields: Fields = {"params": (*params, CONSTANT), "large": C, "fixed": (k,)}
        listed = (RANGE_OF_D, TAU, MANY_COLUMNS, *standing)
    else:
        radius, variance = _radius(case, k + 1)
        fields = {"params": params, "radius": radius, "variance": variance}
        listed = (RANGE_OF_D, TAU, ANY_COLUMNS, *standing)
        room = Hypothesis(
            finite_form(case, k + 1),
            f"the finite form of the growth condition of Lemma {case.signs}, with k + 1 for k",
            listed=False,
        )
        carried = (*carried, room, FEW_COLUMNS)
        provenance += (
            D(
                "the finite form of the growth condition, with k + 1 for k",
                "each column may fail with probability 2 (delta / n)^(k + 2) only",
            ),
            D("m <= n^2 / (4 delta^(k + 1))", "the union over m columns and two kinds of rows"),
        )
    return statement(
        case,
        case.theorem,
        "",
        f"{'F > 0' if positive else 'F = 0'} on D_{case.dataset}, {case.degree} degree",
        Probability(event, 1 - delta / n**k),
        heading="Output of the network",
        kind="theorem",
        listed=listed,
        carried=carried,
        definitions=("3.8", "3.10", "6.1", "6.2", "6.4"),
        uses=(f"{case.signs}/1", f"{case.signs}/2"),
        proof=PrintedProof((), (_theorem_citation(case),)),
        provenance=provenance,
        **fields,
    )


def _theorem_citation(case: Case) -> Citation:
    """The lemma that the text cites, and what the theorem needs of it."""
    text = f"Lemma {case.theorem_cites}"
    if case.separates:
        event = SignSum(entry[j_3, i_0], i_0, d, ">", THRESHOLD)
        return Citation(f"{case.theorem_cites}/1", {}, Probability(event, TENTH), text)
    event = SignSum(entry[j_3, i_0], i_0, d, "<=", THRESHOLD, absolute=True)
    needed = Probability(event, 1 - delta / n ** (k + 1))
    return Citation(f"{case.theorem_cites}/1", {k: k + 1}, needed, text)


def section(case: Case) -> tuple[Statement, ...]:
    """All statements of one section."""
    return (*entries(case), *products(case), *signs(case), theorem(case))
