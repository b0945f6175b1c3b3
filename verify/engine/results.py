"""The results file: one JSON document per run, as immutable values.

Fields may be added in later versions of schema 1, never removed or given another meaning. Numbers
that matter are strings: exact rationals ``p/q`` or balls ``[mid +/- rad]``. Everything is the same
for the same inputs and seed, but for fields whose names contain ``seconds``.
"""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import msgspec

from verify import __version__

SCHEMA = 1

Verdict = Literal[
    "proved",
    "attested",
    "enclosed",
    "sampled",
    "refuted",
    "assumed",
    "vacuous",
    "unknown",
    "error",
    "unrecoverable",
]
ProofVerdict = Literal["supported", "gap", "none given", "unknown"]


class Mathematics(msgspec.Struct, frozen=True):
    """A formula in the forms that a reader needs: ASCII text and LaTeX."""

    text: str
    latex: str = ""


class Counterexample(msgspec.Struct, frozen=True):
    """A point of the domain at which the claim fails, re-evaluated in the original claim."""

    point: dict[str, str]
    undefined: str | None = None
    command: str = ""
    left: str | None = None
    right: str | None = None


class Claim(msgspec.Struct, frozen=True):
    """What was found out about the statement itself."""

    verdict: Verdict
    method: str = ""
    axioms: tuple[str, ...] = ()
    certificate: dict[str, Any] | None = None
    counterexample: Counterexample | None = None
    witness: dict[str, str] | None = None
    margin: str | None = None
    explicit_n0: str | None = None
    seconds: float = 0.0
    explanation: str = ""
    tried: tuple[str, ...] = ()


class StepResult(msgspec.Struct, frozen=True):
    """One step of the printed proof: ``left relation right`` and the reason that the text gives.

    ``given`` are the conditions under which it is checked beside the hypotheses of the statement.
    """

    index: int
    text: str
    verdict: Verdict
    latex: str = ""
    reason: str = ""
    equation: str = ""
    counterexample: Counterexample | None = None
    certificate: dict[str, Any] | None = None
    given: str = ""
    given_latex: str = ""


class CitationResult(msgspec.Struct, frozen=True):
    """A citation, checked both ways: hypotheses at hand, and conclusion as used."""

    id: str
    verdict: Literal["serves", "does not serve", "unknown"]
    why: str
    counterexample: Counterexample | None = None
    instead: tuple[str, ...] = ()


class Proof(msgspec.Struct, frozen=True):
    """The verdict on the printed proof, kept apart from the claim's."""

    verdict: ProofVerdict
    steps: tuple[StepResult, ...] = ()
    citations: tuple[CitationResult, ...] = ()
    note: str = ""


class Boundary(msgspec.Struct, frozen=True):
    """How near to the boundary of a hypothesis the claim was evaluated: on it, or so far away."""

    hypothesis: str
    reached: bool
    nearest: str | None = None


class Numeric(msgspec.Struct, frozen=True):
    """Arb and mpmath side by side at the reference point and at adversarial ones."""

    points: int = 0
    digits: int = 0
    min_margin: str | None = None
    worst_point: dict[str, str] | None = None
    disagreements: tuple[str, ...] = ()
    boundaries: tuple[Boundary, ...] = ()


class Necessity(msgspec.Struct, frozen=True):
    """Whether the claim needs a hypothesis; ``needed`` is None where that is not known."""

    hypothesis: str
    needed: bool | None
    counterexample: Counterexample | None = None
    note: str = ""


class Mutants(msgspec.Struct, frozen=True):
    """Changed claims: how many were tried and caught, which are provable, which undecided."""

    tried: int = 0
    caught: int = 0
    provable: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


class Tightness(msgspec.Struct, frozen=True):
    """Rigorous bounds on the infimum of the margin over the domain, and where it is approached."""

    lower: str | None = None
    upper: str | None = None
    at: dict[str, str] | None = None
    attained: bool | None = None
    best_constant: str | None = None
    note: str = ""


class Provenance(msgspec.Struct, frozen=True):
    """Why a piece of the statement is as it is: forced by the text, derived, or chosen."""

    tag: Literal["T", "D", "C"]
    piece: str
    reason: str


class Hypothesis(msgspec.Struct, frozen=True):
    """A hypothesis as shown; ``finite`` is the form in which an asymptotic one is used."""

    text: str
    latex: str = ""
    finite: str | None = None


class StatementView(msgspec.Struct, frozen=True):
    """The statement in readable mathematics.

    ``heading`` is the title of the lemma that a part belongs to; ``title`` is then the part's own.
    """

    section: str = ""
    parameters: tuple[Mathematics, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    conclusion: Mathematics = Mathematics("")
    closed_form: Mathematics | None = None
    note: str = ""
    provenance: tuple[Provenance, ...] = ()
    definitions: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    holds: str = ""
    variables: dict[str, str] = {}
    heading: str = ""


class AtHypothesis(msgspec.Struct, frozen=True, omit_defaults=True):
    """A hypothesis at one parameter point, of which an ``asymptotic`` one says nothing."""

    text: str
    holds: bool | None
    asymptotic: bool = False


class AtOutput(msgspec.Struct, frozen=True):
    """The output F of a network for one matrix of signs.

    ``value`` is by structure, ``literal`` by the definition; where that is null, ``note`` says why.
    """

    value: str
    positive: bool | None
    literal: str | None = None
    note: str = ""


class At(msgspec.Struct, frozen=True):
    """The statement at one parameter point.

    A side without a value is null, and ``undefined`` then the subexpression that has none, or none
    that is known where ``holds`` is null.
    """

    hypotheses: tuple[AtHypothesis, ...]
    left: str | None
    relation: str
    right: str | None
    holds: bool | None
    margin: str | None
    point: dict[str, str] = {}
    note: str = ""
    undefined: str | None = None
    output: AtOutput | None = None


class OrderResult(msgspec.Struct, frozen=True):
    """Whether one order of growth implies another: ``text``, and the argument or a counterexample.

    A counterexample gives sequences, as expressions in an index ``r``, and values of constants.
    """

    text: str
    verdict: Verdict
    why: str = ""
    certificate: dict[str, Any] | None = None
    sequences: dict[str, str] | None = None


class Result(msgspec.Struct, frozen=True):
    """Everything that the run found out about one statement.

    ``expected`` is the verdict that the pack records, where it does: as good or better passes.
    ``orders`` are the implications between orders of growth that the hypotheses state. ``variants``
    are the claim under other conventions, each with the name of its convention as the reason.
    """

    id: str
    title: str
    kind: str
    tags: tuple[str, ...]
    claim: Claim
    proof: Proof = Proof("none given")
    numeric: Numeric = Numeric()
    necessity: tuple[Necessity, ...] = ()
    mutants: Mutants = Mutants()
    findings: tuple[str, ...] = ()
    statement: StatementView = StatementView()
    tightness: Tightness = Tightness()
    ancestors: tuple[str, ...] = ()
    weak_ancestors: tuple[str, ...] = ()
    at: At | None = None
    expected: Verdict | None = None
    orders: tuple[OrderResult, ...] = ()
    variants: tuple[StepResult, ...] = ()


class Tool(msgspec.Struct, frozen=True):
    """What computed the results."""

    version: str
    python: str
    platform: str
    libraries: dict[str, str]


class Run(msgspec.Struct, frozen=True):
    """How the run was set up."""

    seed: int
    precision_bits: int
    seconds: float
    command: str = ""
    budget_seconds: float = 10.0
    complete: bool = True


class Definition(msgspec.Struct, frozen=True):
    """A definition, or another numbered item that is listed and not checked."""

    id: str
    title: str
    kind: str
    body: tuple[Mathematics, ...] = ()
    tags: tuple[str, ...] = ()
    provenance: tuple[Provenance, ...] = ()
    note: str = ""


class RegimeResult(msgspec.Struct, frozen=True):
    """Whether conditions of several statements can hold at once, and exactly when.

    ``steps`` are the obligations that the answer rests on; ``verdict`` is ``proved`` where all of
    them are.
    """

    title: str
    verdict: Verdict
    text: str
    condition: Mathematics = Mathematics("")
    steps: tuple[StepResult, ...] = ()
    counterexample: Counterexample | None = None


OF = ", of "
"""In the title of a threshold, between the question and the statements that it is about."""


class ThresholdResult(msgspec.Struct, frozen=True):
    """From which size on a finite form holds, and from which on the claim itself does.

    ``least`` is exact for the finite form; ``exact`` is the least listed size from which on the
    claim holds at all listed ones. ``steps`` prove that the finite form holds for all larger sizes.
    ``fails`` has for each claim the largest size found at which it fails, or "".
    """

    title: str
    verdict: Verdict
    text: str
    least: str | None = None
    exact: str | None = None
    steps: tuple[StepResult, ...] = ()
    fails: tuple[str, ...] = ()


class Topic(msgspec.Struct, frozen=True):
    """Findings of one kind; the ``leading`` ones weigh most. ``gist``: what they are about."""

    title: str
    findings: tuple[str, ...]
    gist: str = ""
    leading: bool = False


class PaperView(msgspec.Struct, frozen=True):
    """The paper that was checked; ``topics`` are its findings again, sorted by what they say."""

    name: str
    title: str
    authors: str = ""
    source: str = ""
    definitions: tuple[Definition, ...] = ()
    findings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    regimes: tuple[RegimeResult, ...] = ()
    thresholds: tuple[ThresholdResult, ...] = ()
    topics: tuple[Topic, ...] = ()


class Edge(msgspec.Struct, frozen=True):
    """``source`` rests on ``target``; ``kind`` is ``uses`` or ``cites``."""

    source: str
    target: str
    kind: Literal["uses", "cites"]
    serves: bool | None = None


class Series(msgspec.Struct, frozen=True):
    """Points of a plot; coordinates are decimal strings."""

    label: str
    x: tuple[str, ...]
    y: tuple[str, ...]


class Figure(msgspec.Struct, frozen=True):
    """Data of one picture of the report; ``lines`` are straight ones, such as borders."""

    id: str
    title: str
    caption: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    marks: tuple[Series, ...] = ()
    statement: str = ""
    log_x: bool = False
    log_y: bool = False
    lines: tuple[Series, ...] = ()


class Document(msgspec.Struct, frozen=True):
    """A results file."""

    schema: int
    tool: Tool
    run: Run
    results: tuple[Result, ...]
    paper: PaperView | None = None
    edges: tuple[Edge, ...] = ()
    figures: tuple[Figure, ...] = ()
    problems: tuple[str, ...] = ()


class ResultsError(ValueError):
    """A results file that cannot be read: says which and why."""


def this_tool() -> Tool:
    """The versions of the toolkit, of Python and of the libraries that matter."""
    libraries = {}
    for library in (
        "python-flint",
        "sympy",
        "mpmath",
        "numpy",
        "hypothesis",
        "z3-solver",
        "highspy",
    ):
        try:
            libraries[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            libraries[library] = "not installed"
    return Tool(
        version=__version__,
        python=".".join(map(str, sys.version_info[:3])),
        platform=f"{platform.system()} {platform.machine()}",
        libraries=libraries,
    )


def encode(document: Document) -> bytes:
    """The document as indented JSON, ending in a newline."""
    return indented(document)


def indented(value: object) -> bytes:
    """A value as indented JSON, ending in a newline."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def decode(data: bytes, name: str = "the results") -> Document:
    """Read a document back.

    Raises:
        ResultsError: the bytes are not a results file of this schema.
    """
    try:
        document = msgspec.json.decode(data, type=Document)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ResultsError(f"{name} is not a results file: {error}") from error
    if document.schema != SCHEMA:
        raise ResultsError(
            f"{name} has schema {document.schema}; this version reads schema {SCHEMA}"
        )
    return document


def load(path: Path) -> Document:
    """Read a results file, or standard input for ``-``.

    Raises:
        ResultsError: the file cannot be read, or is not a results file.
    """
    if str(path) == "-":
        return decode(sys.stdin.buffer.read() if sys.stdin else b"", "standard input")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ResultsError(f"cannot read {path}: {error.strerror}") from error
    return decode(data, str(path))
