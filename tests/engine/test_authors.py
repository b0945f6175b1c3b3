"""Slips of authors: each with its file, its line, and what to write instead."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from lemmas.polynomial_attention import PAPER
from verify.cli import ERROR, OK, REFUTED, UNKNOWN, USAGE, run
from verify.engine.authors import problems
from verify.engine.packs import load_pack

START = """
from sympy import Function, IndexedBase, KroneckerDelta, Matrix, Rational, Sum, Symbol, Wild, true
from verify import *
from verify.language.statement import FiniteSpace

n, d, x, y, i, j = symbols("n d x y i j")
A, v = IndexedBase("A"), IndexedBase("v")
SIZE = Param(n, "rows", 4, integer=True, where=(ge(n, 1),))
WIDTH = Param(d, "columns", 3, integer=True, where=(ge(d, 1),))
REAL = Param(x, "a number", 2)


def declare(**fields):
    default = dict(id="1.1", title="T", kind="lemma", section="1", params=(SIZE, WIDTH, REAL),
                   conclusion=ge(x, x))
    return Statement(**{**default, **fields})


STATEMENT = declare(
    %s
)
PAPER = Paper("p", "P", "", "", (), (STATEMENT,))
"""


def slips(folder: Path, fields: str) -> list[str]:
    """What is said about a statement with the given fields, without its place."""
    path = folder / "slip.py"
    path.write_text(START % fields)
    paper = load_pack(str(path))
    place = f"{path}, line 19 (through line 16): 1.1: "
    found = problems(paper, paper.statements)
    assert all(message.startswith(place) for message in found), found
    return [message.removeprefix(place) for message in found]


SHARP = "kept: write ge(x, x) instead of x >= x, eq(x, y) instead of x == y, and so on"

CASES = [
    # undeclared symbols
    ("conclusion=ge(x + y, 1)", "the conclusion mentions y, which is not declared: add Param(y"),
    ("params=(Param(symbols('alpha')[0], 'a', 1),), conclusion=ge(symbols('alhpa')[0], 0)",
     "the conclusion mentions alhpa, which is not declared: did you mean alpha? Otherwise add "),
    ("hypotheses=(Hypothesis(ge(x, 1)), Hypothesis(ge(y, x)))", "hypothesis 2 mentions y, which"),
    ("conclusion=Probability(SignSum(y, i, n, '>=', 0), Rational(1, 2))",
     "the conclusion mentions y, which is not declared"),
    ("conclusion=Probability(SignSum(x, i, n, '>=', 0), Rational(1, 2) * y)",
     "the conclusion mentions y, which is not declared"),
    ("proof=PrintedProof((Step(ge(y, x), 'r'),))", "step 1 of the proof mentions y, which"),
    ("conclusion=ge(Sum(v[j], (i, 1, n)), 0)", "the conclusion mentions j, which is not declared"),
    # arity
    ("conclusion=eq(v[i], v[i, j]), indices=(Index(i, n), Index(j, d))",
     "the conclusion has v[i] with 1 index, but in the conclusion it has 2: write v[.., ..]"),
    ("conclusion=eq(A[i], 0), indices=(Index(i, n),), arrays=(Array('A', (i, j), i + j),)",
     "the conclusion has A[i] with 1 index, but its definition has 2: write A[.., ..]"),
    ("conclusion=eq(Function('g')(x, x), 0), arrays=(Array('g', (y,), y),)",
     "the conclusion has g[x, x] with 2 indices, but its definition has 1: write g[..]"),
    ("arrays=(Array('A', (i,), IndexedBase('A')[i - 1] + 1),)",
     "the definition of A comes back to A: write it without; a recursion can be said in a"),
    ("arrays=(Array('A', (i,), IndexedBase('B')[i]), Array('B', (i,), IndexedBase('A')[i]))",
     "the definition of B comes back to B: write it without; a recursion can be said in a"),
    ("arrays=(Array('A', (i,), x), Array('A', (i,), x + 1))",
     "A is defined twice: leave one of the definitions out"),
    # dimensions
    ("conclusion=ge(Sum(A[i, j], (j, 1, n)), 0), indices=(Index(i, n),), shapes={'A': (n, d)}",
     "the conclusion has A with dimensions that do not match: index 2 goes to d, but j runs to n "
     "(4 is more than 3 at the reference values): change the range, the index, or the shape"),
    ("conclusion=ge(v[0], 0), shapes={'v': (n,)}",
     "the conclusion has v with dimensions that do not match: index 1 goes to n, but it is 0 (0 is "
     "less than 1 at the reference values)"),
    ("conclusion=ge(v[n + 1], 0), shapes={'v': (n,)}",
     "the conclusion has v with dimensions that do not match: index 1 goes to n, but it is n + 1"),
    ("stacked=(Stacked('r', n, d, 2),)",
     "r stacks 2 copies of d rows, but has n rows: at the reference values 6 is not 4; change the"),
    ("stacked=(Stacked('r', n, 2, 2),)",
     "r stacks 2 copies of 2 rows, but nothing says that these are the n rows: add eq(n, (2)*(2))"),
    ("large=x, fixed=(y,)", "fixed names y, which is no parameter"),
    # assumptions of SymPy
    ("conclusion=eq(abs(Symbol('x', positive=True)), x)",
     "the conclusion has a symbol x that SymPy takes to be positive, which the statement does not"),
    ("conclusion=ge(Symbol('x', integer=True), 0)",
     "the conclusion has a symbol x that SymPy takes to be integer, which the statement does not"),
    ("conclusion=ge(IndexedBase('v', nonnegative=True)[1], 0)",
     "the conclusion has a symbol v that SymPy takes to be nonnegative, which the statement does"),
    ("conclusion=ge(Function('g', positive=True)(x), 0)",
     "the conclusion has a symbol g that SymPy takes to be positive, which the statement does not"),
    ("conclusion=ge(x**Rational(1, 3), 0)",
     "the conclusion has the root x**(1/3), and nothing says that x is not negative: SymPy"),
    ("conclusion=ge(Rational(-8)**Rational(1, 3), x)",
     "the conclusion has the root (-1)**(1/3), and nothing says that -1 is not negative"),
    ("conclusion=eq(KroneckerDelta(i, j, (1, n)), 0), indices=(Index(i, n), Index(j, n))",
     "the conclusion cannot be read: KroneckerDelta(i, j, (1, n)) has a range, which is not read"),
    ("conclusion=ge(Symbol('x\\n'), 0)", "the conclusion cannot be read: 'x\\n' is not a name"),
    # evaluated
    ("conclusion=Symbol('x', real=True) >= Symbol('x', real=True)",
     f"the conclusion was evaluated to True before it could be {SHARP}"),
    ("conclusion=x == y", f"the conclusion was evaluated to False before it could be {SHARP}"),
    ("hypotheses=(Hypothesis(true),)", "hypothesis 1 was evaluated to True before it could be"),
    # floats
    ("conclusion=ge(x, 0.7)",
     "the conclusion has the float 0.7, which is not exact: write Rational(7, 10) instead"),
    ("conclusion=ge(x**0.5, 1)",
     "the conclusion has the float 0.5, which is not exact: write Rational(1, 2) instead"),
    ("conclusion=Probability(SignSum(x, i, n, '>=', 0), 0.1)",
     "the conclusion has the float 0.1, which is not exact: write Rational(1, 10) instead"),
    ("hypotheses=(Hypothesis(ge(x, 0.1 + 0.2)),)",
     "hypothesis 1 has the float 0.30000000000000004, which is not exact: write a Rational, such"),
    ("params=(Param(x, 'a number', 0.25),)",
     "the reference value of x has the float 0.25, which is not exact: write Rational(1, 4)"),
    ("conclusion=ge(x, float('inf'))", "the conclusion cannot be read: oo of type Infinity"),
    # domains
    ("conclusion=ge(Sum(v[i], (i, 1, y)), 0), params=(Param(y, 'rows', 2),)",
     "the range of i is 1 .. y, but y is a real number: declare Param(y, .., integer=True, "
     "where=(ge(y, 1),))"),
    ("indices=(Index(i, y),), params=(REAL, Param(y, 'rows', 2, integer=True),)",
     "the range of i is 1 .. y, but nothing says that y is positive: declare Param(y, .., integer"),
    ("params=(Param(x, 'a number', 0, where=(gt(x, 0),)),)",
     "the reference value 0 of x is not in its domain, x > 0: choose another"),
    ("params=(Param(x, 'a number', y), Param(y, 'another', x))",
     "the reference values depend on each other in a circle: give one of the parameters a number"),
    # what the language does not have
    ("conclusion=ge(Sum(v[i], (i, 0, n)), 0)",
     "the conclusion cannot be read: sums run from 1, not from 0"),
    ("params=(Param(x, 'a number', {2}),)",
     "the reference value of x is {2}, which is not a SymPy"),
    ("params=(Param(x, 'a number', [2]),)",
     "the reference value of x is [2], which is not a SymPy"),
    ("conclusion='x >= 1'", "the conclusion is 'x >= 1', which is not a SymPy expression"),
    ("conclusion=ge(Function('f')(x).diff(x), 0)", "the conclusion cannot be read: "),
    ("conclusion=ge(Wild('x'), 0)", "the conclusion cannot be read: x_ is a Wild, which"),
    # assumptions that go by other names
    ("conclusion=eq(abs(Symbol('x', extended_positive=True)), x)",
     "the conclusion has a symbol x that SymPy takes to be extended_nonnegative, which the "),
    ("conclusion=ge(Symbol('x', zero=False), 0)",
     "the conclusion has a symbol x that SymPy takes to be not zero, which the statement does not"),
    ("conclusion=ge(Symbol('x', infinite=True), 0)",
     "the conclusion has a symbol x that SymPy takes to be infinite, which the statement does not"),
    # what stands in other fields
    ("arrays=(Array('A', (i,), y + i),)", "the definition of A mentions y, which is not declared"),
    ("arrays=(Array('A', (i,), 0.1 * i),)", "the definition of A has the float 0.1, which is not"),
    ("arrays=(Array('A', (i,), Symbol('x', positive=True)),)",
     "the definition of A has a symbol x that SymPy takes to be positive, which the statement"),
    ("arrays=(Array('A', (i,), x**Rational(1, 3)),)", "the definition of A has the root x**(1/3)"),
    ("arrays=(Array('A', (i, i), i),)", "A has the index i twice: give one of them another name"),
    ("arrays=(Array('A', (i,), Sum(v[j], (j, 1, x))),)",
     "the range of j is 1 .. x, but x is a real number: declare Param(x, .., integer=True"),
    ("arrays=(Array('A', (i,), v[i]), Array('v', (i, j), i))",
     "the definition of A has v[i] with 1 index, but its definition has 2"),
    ("variants=(('other', ge(y, 0)),)", "the variant 'other' mentions y, which is not declared"),
    ("indices=(Index(i, y),)", "the range of i mentions y, which is not declared: add Param(y"),
    ("hypotheses=(Hypothesis(ForAll(i, y, ge(v[i], 0))),)", "hypothesis 1 mentions y, which is"),
    ("conclusion=Probability(Output(1, i, n, 0, y, True), 0)",
     "the number of columns in the conclusion mentions y, which is not declared"),
    ("conclusion=Probability(Output(1, i, n, 0, 1, True, j, y), 0)",
     "the number of rows in the conclusion mentions y, which is not declared"),
    ("large=y", "large names y, which is no parameter: add it to params"),
    ("proof=PrintedProof((Step(FiniteSpace(n), 'r'),))",
     "step 1 of the proof is FiniteSpace(..), which is checked as the conclusion of a statement"),
    # sizes
    ("conclusion=Probability(Output(1, i, n, 0, x, True), 0)",
     "the number of columns in the conclusion is x, but x is a real number: declare Param(x, .., "),
    ("conclusion=Probability(SignSum(1, i, n / 2, '>=', 0), Rational(1, 2))",
     "the range of i is 1 .. n/2, which is not known to be an integer: write it with integer"),
    ("conclusion=Probability(SignSum(1, i, -n, '>=', 0), Rational(1, 2))",
     "the range of i is 1 .. -n, which is -4 at the reference values: a size is 0, 1, 2, and so"),
    ("conclusion=FiniteSpace(-3)",
     "the number of events in the conclusion is -3, which is -3 at the reference values"),
    ("indices=(Index(i, 2),), hypotheses=(Hypothesis(ne(i, 1)), Hypothesis(ne(i, 2)))",
     "the hypotheses leave nothing for i: there is no choice in the ranges for which all indices"),
    ("indices=(Index(i, 1), Index(j, 1)), hypotheses=(Hypothesis(ne(i, j)),)",
     "the hypotheses leave nothing for i, j: there is no choice in the ranges"),
    ("indices=(Index(i, 0),)", "the hypotheses leave nothing for i: there is no choice"),
    ("indices=(Index(i, n),), hypotheses=(Hypothesis(ne(i, i)),)",
     "a hypothesis says that i differs from itself: leave it out"),
    ("stacked=(Stacked('r', n, x, 2),)", "a size of the map r is x, but x is a real number"),
    # names
    ("params=(SIZE, REAL, Param(x, 'again', 3))", "x is declared twice: leave one out, or give it"),
    ("params=(Param(n, 'rows', Rational(1, 2), integer=True),)",
     "the reference value 1/2 of n is no integer, which n is: choose another"),
    ("uses=('1.l',)",
     "uses names 1.l, which the pack does not have: did you mean 1.1? Otherwise list it among"),
    ("definitions=('9.9',)", "definitions names 9.9, which the pack does not have: list it among"),
    ("proof=PrintedProof((), (Citation('9.9'),))", "the proof cites 9.9, which the pack does not"),
    ("proof=PrintedProof((), (Citation('1.1', {y: x}),))",
     "the citation of 1.1 substitutes y, which is no parameter and no index of it: write one of "
     "the symbols n, d, x"),
    ("proof=PrintedProof((), (Citation('1.1', {'x': x}),))",
     "the citation of 1.1 substitutes 'x', which is no parameter"),
    # values of the wrong kind
    ("hypotheses=(ge(x, 1),)",
     "hypotheses, item 1, must be a Hypothesis, got x >= 1: write Hypothesis(x >= 1)"),
    ("hypotheses=Hypothesis(ge(x, 1))",
     "hypotheses must be a tuple, got a Hypothesis: write (.., ) around it, with the comma also"),
    ("params=REAL", "params must be a tuple, got a Param: write (.., ) around it"),
    ("params=(Param('x', 'a number', 2),)",
     "params, item 1: symbol must be a symbol, got 'x': make it with x, y = symbols"),
    ("params=(Param(x, 'a number', 2, where=ge(x, 1)),)",
     "params, item 1: where must be a tuple, got x >= 1: write (.., ) around it"),
    ("indices=Index(i, n)", "indices must be a tuple, got an Index: write (.., ) around it"),
    ("arrays=(Array('A', i, i),)", "arrays, item 1: indices must be a tuple, got i: write (.., )"),
    ("arrays=(Array('A', ('i',), x),)", "arrays, item 1: indices must be a symbol, got 'i': make"),
    ("arrays=(Array(A, (i,), i),)", "arrays, item 1: name must be text, got A: write 'A'"),
    ("arrays=(Array('A B', (i,), i),)", "arrays, item 1: name cannot be read: 'A B' is not a name"),
    ("conclusion=Probability(ge(x, 0), Rational(1, 2))",
     "conclusion: event must be a SignSum or an Output, got x >= 0"),
    ("conclusion=Probability(SignSum(1, i, n, '==', 0), Rational(1, 2))",
     "conclusion: event: op must be one of >=, >, <=, <, got '=='"),
    ("conclusion=Asymptotic(Growth(n, 'oo', n**2), n)",
     "conclusion: growth: kind must be one of o, omega, O, Theta, got 'oo'; did you mean o?"),
    ("proof=PrintedProof(Step(ge(x, x), 'r'))", "proof: steps must be a tuple, got a Step: write"),
    ("proof=PrintedProof((Step(ge(x, x), 'r', given=ge(x, 1)),))",
     "proof: steps, item 1: given must be a tuple, got x >= 1: write (.., ) around it"),
    ("shapes={'v': n}", "shapes, v, must be a tuple, got n: write (.., ) around it"),
    ("shapes=(('v', n),)", "shapes must be a Mapping, got (('v', n),)"),
    ("variants=(('v',),)", "variants, item 1, must have 2 entries, got 1"),
    ("section=1", "section must be text, got 1: write '1'"),
    ("kind='lema'",
     "kind must be one of definition, example, fact, lemma, claim, theorem, got 'lema'; did you"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "message"), CASES)
def test_slips(tmp_path: Path, fields: str, message: str) -> None:
    found = slips(tmp_path, fields)
    assert any(item.startswith(message) for item in found), found


@pytest.mark.parametrize(
    "fields",
    [
        "",
        "conclusion=ge(0 * x, 0)",
        "conclusion=ge(Sum(A[i, j], (j, 1, d)), 0), indices=(Index(i, n),), shapes={'A': (n, d)}",
        "conclusion=ge(v[n], v[1]), shapes={'v': (n,)}",
        "conclusion=eq(Sum(KroneckerDelta(i, j), (j, 1, n)), 1), indices=(Index(i, n),)",
        "hypotheses=(Hypothesis(ForAll(i, n, ge(v[i], 0), (1,))),)",
        "indices=(Index(i, 2), Index(j, 2)), hypotheses=(Hypothesis(ne(i, j)),)",
        "hypotheses=(Hypothesis(None, 'words'), Hypothesis(ge(x, n), growth=Growth(x, 'o', n)))",
        "stacked=(Stacked('r', 2 * d, d, 2),), conclusion=le(IndexedBase('r')[1], d)",
        "stacked=(Stacked('r', n, 2, 2),), hypotheses=(Hypothesis(eq(n, 4)),)",
        "conclusion=ge(Symbol('x', positive=True), 0), hypotheses=(Hypothesis(gt(x, 0)),)",
        "conclusion=ge(Symbol('n', integer=True, positive=True), 1)",
        "conclusion=ge(x**Rational(1, 3), 0), hypotheses=(Hypothesis(ge(x, 0)),)",
        "conclusion=ge(Symbol('x', real=True), 0)",
        "indices=(Index(i, y),), params=(REAL, Param(y, 'rows', 2, integer=True)),"
        "hypotheses=(Hypothesis(ge(y, 2)),)",
    ],
)
def test_what_is_no_slip(tmp_path: Path, fields: str) -> None:
    assert slips(tmp_path, fields) == []


ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "pack", sorted(path.parent.name for path in (ROOT / "lemmas").glob("*/__init__.py"))
)
def test_the_packs_have_no_slips(pack: str) -> None:
    paper = import_module(f"lemmas.{pack}").PAPER
    assert paper.statements
    assert problems(paper, paper.statements) == []


def test_only_what_is_asked_for_is_looked_at() -> None:
    """A broken statement does not keep another from being checked."""
    good, other = PAPER.statements[:2]
    wrong = other.but(conclusion=True)
    paper = load_pack().__class__("p", "", "", "", (), (good, wrong))
    assert problems(paper, (good,)) == []
    assert len(problems(paper, paper.statements)) == 1


def test_the_commands_refuse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "slip.py"
    path.write_text(START % "conclusion=ge(x, 0.7)")
    for command in (["show", "1.1"], ["check", "1.1"]):
        assert run([*command, "--pack", str(path)]) == USAGE
        shown = capsys.readouterr()
        assert shown.out == ""
        assert re.fullmatch(
            r"verify: \S*slip\.py, line 19 \(through line 16\): 1\.1: the conclusion has the "
            r"float 0\.7, which is not exact: write Rational\(7, 10\) instead\n",
            shown.err,
        )
    assert run(["list", "--pack", str(path)]) == OK


def test_contradictory_hypotheses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are vacuous, not proved, and named; what has nothing to do with it is not."""
    path = tmp_path / "slip.py"
    path.write_text(
        START % "hypotheses=tuple(map(Hypothesis, (ge(x, 3), ge(d, 2), lt(x, 3)))),"
        "conclusion=ge(x, 7)"
    )
    arguments = ["check", "1.1", "--pack", str(path), "--seconds", "4", "--out", str(tmp_path)]
    assert run([*arguments, "--no-cache"]) == UNKNOWN
    captured = capsys.readouterr()
    shown = " ".join(captured.out.split())
    assert "slip.py, line 19 (through line 16): 1.1: no parameter value satisfies" in captured.err
    assert (
        "1.1 vacuous: no parameter value satisfies the hypotheses: x >= 3 and x < 3 cannot hold "
        "together; see whether one of them is mistyped" in shown
    )


def test_a_forgotten_domain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "slip.py"
    path.write_text(START.replace("Sum,", "Sum, log,", 1) % "conclusion=le(log(x), x - 1)")
    arguments = ["check", "1.1", "--pack", str(path), "--seconds", "4", "--out", str(tmp_path)]
    assert run([*arguments, "--no-cache", "--attack", "none"]) == REFUTED
    assert (
        "slip.py, line 19 (through line 16): 1.1: where x > 0 fails, the claim is undefined: a "
        "domain may have been forgotten; add that to `where`" in capsys.readouterr().err
    )


def test_every_line_is_that_of_its_statement(tmp_path: Path) -> None:
    path = tmp_path / "plain.py"
    path.write_text(
        "from verify import *\n\nx, = symbols('x')\nX = Param(x, 'x', 1)\n\n"
        "ONE = Statement('1', 'T', 'lemma', '1', (X,), ge(x, 0.5))\n"
        "TWO = Statement(\n    '2', 'T', 'lemma', '1', (X,),\n    ge(x, 1.5),\n)\n"
        "PAPER = Paper('p', 'P', '', '', (), (ONE.but(title='U'), TWO))\n"
    )
    paper = load_pack(str(path))
    assert [item.declared_at for item in paper.statements] == [
        f"{path}, line 6", f"{path}, line 7",
    ]  # fmt: skip


def test_a_fault_of_the_checker_is_no_refutation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "slip.py"
    path.write_text(START % "")

    def fail(*_: object) -> None:
        raise TypeError("two\nlines")

    monkeypatch.setattr("verify.commands_pack._items", fail)
    assert run(["list", "--pack", str(path)]) == ERROR
    shown = capsys.readouterr()
    assert re.fullmatch(
        r"verify: an error in the checker: TypeError: two lines \(\S+\.py:\d+\)\n", shown.err
    )
