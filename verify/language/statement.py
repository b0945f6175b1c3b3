"""What a paper says, declared: parameters, definitions, statements, printed proofs.

A pack builds these values and nothing else; what they imply is for the toolkit to find out.
Mathematics is written in SymPy and kept unevaluated (:mod:`verify.language.sympy_terms`).
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from verify.language.picture import Plot

Tag = Literal["T", "D", "C"]
Kind = Literal["definition", "example", "fact", "lemma", "claim", "theorem"]
Expression = Any
"""A SymPy expression or relation."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a piece of a statement comes from.

    T: forced by the text; D: derived from the definitions; C: chosen, since the source has lost it.
    """

    tag: Tag
    piece: str
    reason: str


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter with its domain and a reference value.

    ``symbol`` comes from :func:`symbols`; ``about`` says what the parameter is. ``reference`` is an
    exact number in the domain, or an expression in other parameters, at which the statement can be
    looked at. The parameter is a real number, or an integer with ``integer``; ``where`` holds the
    relations that every use of it assumes. ``determined_by`` is the value that follows from other
    parameters, so that commands need not be given it.
    """

    symbol: Any
    about: str
    reference: Any
    integer: bool = False
    where: tuple[Expression, ...] = ()
    determined_by: Expression | None = None

    @property
    def name(self) -> str:
        """The parameter's name."""
        return str(self.symbol.name)


@dataclass(frozen=True, slots=True)
class Index:
    """An index in ``1 .. size``: the statement is about every one. ``size`` is an integer."""

    symbol: Any
    size: Expression
    about: str = ""


@dataclass(frozen=True, slots=True)
class Stacked:
    """A map of the rows onto classes: ``name[j] = 1 + (j - 1) mod classes``, ``copies`` times."""

    name: str
    rows: Expression
    classes: Expression
    copies: Expression


@dataclass(frozen=True, slots=True)
class Array:
    """``name[indices] = body``: a definition, unfolded wherever ``name`` is used.

    ``name`` is that of an ``IndexedBase`` or an undefined function; ``indices`` are symbols, which
    ``body`` may use.
    """

    name: str
    indices: tuple[Any, ...]
    body: Expression


@dataclass(frozen=True, slots=True)
class Definition:
    """A numbered definition (or another item that is listed and not checked).

    ``text`` is what the paper says, ``arrays`` are what statements can use of it. An item whose
    content is lost is not ``recoverable``, and its ``note`` says what is known.
    """

    id: str
    title: str
    text: str
    arrays: tuple[Array, ...] = ()
    kind: Kind = "definition"
    provenance: tuple[Provenance, ...] = ()
    recoverable: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class ForAll:
    """The ``relation`` for every ``index`` in ``1 .. size`` but the ``exceptions``."""

    index: Any
    size: Expression
    relation: Expression
    exceptions: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Growth:
    """An asymptotic hypothesis: ``left = kind(right)`` along every sequence in the domain."""

    left: Expression
    kind: Literal["o", "omega", "O", "Theta"]
    right: Expression


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A hypothesis: a relation, or an asymptotic one with the finite form in which it is used.

    ``relation`` is what proofs use, and None for a condition in words, which is shown and not used;
    ``text`` is how the paper puts it. ``growth`` is the printed asymptotic form, ``implies`` an
    order of growth that the paper derives from it. ``listed`` says whether the text lists it among
    the statement's own conditions; what is carried over from definitions and earlier lemmas, or
    says which case of an index is meant, is not.
    """

    relation: Expression | ForAll | None
    text: str = ""
    growth: Growth | None = None
    implies: Growth | None = None
    listed: bool = True


@dataclass(frozen=True, slots=True)
class SignSum:
    """``X op threshold`` with ``X`` the sum over ``index`` in ``1 .. size`` of ``weight`` times a
    sign; the signs are independent, and +1 or -1 with probability 1/2 each.

    With ``absolute``, the absolute value of ``X`` is compared.
    """

    weight: Expression
    index: Any
    size: Expression
    op: Literal[">=", ">", "<=", "<"]
    threshold: Expression
    absolute: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """The output ``F`` of a network of ``columns`` independent columns of signs: positive or zero.

    ``F = relu(sum_rows sum_columns relu(X - threshold))`` with ``X`` as in :class:`SignSum`.
    """

    weight: Expression
    index: Any
    size: Expression
    threshold: Expression
    columns: Expression
    positive: bool
    row: Any | None = None
    rows: Expression = 1


@dataclass(frozen=True, slots=True)
class Probability:
    """``Pr[event] >= at_least``; an upper bound is one on the event's complement."""

    event: SignSum | Output
    at_least: Expression


@dataclass(frozen=True, slots=True)
class FiniteSpace:
    """``Pr[E_1 or .. or E_m] <= sum Pr[E_i]`` on every finite probability space."""

    events: Expression


@dataclass(frozen=True, slots=True)
class TailBound:
    """A cited tail bound for sums of independent bounded variables (general form)."""

    left: str
    bound: Expression
    source: str


@dataclass(frozen=True, slots=True)
class Asymptotic:
    """An order of growth: ``growth`` holds along all sequences along which those ``given`` do.

    Integer parameters may change along a sequence, subject to the hypotheses and to their domains;
    ``variable`` is the one that tends to infinity. Real parameters are constants.
    """

    growth: Growth
    variable: Any
    given: tuple[Growth, ...] = ()


Conclusion = Expression | Probability | FiniteSpace | TailBound | Asymptotic


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a printed proof: a relation (or probability bound) and the reason given.

    It is checked under the hypotheses of the statement and the relations ``given``; ``equation`` is
    the number that the paper gives it, ``tag`` says where it comes from (see :class:`Provenance`).
    """

    claim: Expression | Probability
    reason: str
    equation: str = ""
    given: tuple[Expression, ...] = ()
    tag: Tag = "D"


@dataclass(frozen=True, slots=True)
class Citation:
    """A citation of another statement of the pack, by its id.

    ``substitution`` maps symbols of the cited statement to expressions of the citing one. The cited
    hypotheses have to follow under it, and the cited conclusion has to give ``used_for``.
    """

    id: str
    substitution: Mapping[Any, Expression] = field(default_factory=dict)
    used_for: Expression | Probability | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class PrintedProof:
    """The proof as the text has it: steps in order, and citations."""

    steps: tuple[Step, ...] = ()
    citations: tuple[Citation, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The claim as it reads literally: without some hypotheses, for all large values of a constant.

    ``drops`` are relations of hypotheses that this reading does not have. It says that there is a
    value of ``large``, which depends on the ``fixed`` parameters alone, from which on the claim
    holds.
    """

    name: str
    large: Any
    fixed: tuple[Any, ...] = ()
    drops: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """A numbered item, or one part of it: what it assumes and what it concludes.

    ``id`` is the paper's own number, with ``/part`` for a part; ``heading`` is the title of the
    whole then. ``conclusion`` is a relation built by :func:`ge` and its like, a
    :class:`Probability`, or an :class:`Asymptotic`. ``arrays`` are the definitions that it unfolds,
    ``definitions`` and ``uses`` the ids of definitions and statements that it rests on.
    ``assumed`` names a fact that is taken from the literature.

    ``radius`` and ``variance`` are those of the printed Hoeffding step, where there is one.
    ``large`` is a constant that is read as "large enough": the toolkit finds how large. What it
    finds depends on the ``fixed`` parameters alone.
    ``variants`` are the conclusion under other conventions, each with the convention's name;
    ``readings`` those of a claim that says "for all large values" and is encoded otherwise.
    ``shapes`` gives the sizes of arrays by name, so that a use that does not fit is refused.
    ``declared_at`` is filled in: the line of the pack that an error message names.
    """

    id: str
    title: str
    kind: Kind
    section: str
    params: tuple[Param, ...]
    conclusion: Conclusion
    hypotheses: tuple[Hypothesis, ...] = ()
    indices: tuple[Index, ...] = ()
    stacked: tuple[Stacked, ...] = ()
    arrays: tuple[Array, ...] = ()
    definitions: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    proof: PrintedProof = PrintedProof()
    provenance: tuple[Provenance, ...] = ()
    tags: tuple[str, ...] = ()
    note: str = ""
    heading: str = ""
    assumed: str = ""
    radius: Expression | None = None
    variance: Expression | None = None
    large: Any | None = None
    fixed: tuple[Any, ...] = ()
    variants: tuple[tuple[str, Conclusion], ...] = ()
    readings: tuple[Reading, ...] = ()
    shapes: Mapping[str, tuple[Expression, ...]] = field(default_factory=dict)
    declared_at: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.declared_at:
            object.__setattr__(self, "declared_at", _declaring_line())

    @property
    def lemma(self) -> str:
        """The number without the part."""
        return self.id.split("/")[0]

    def variant_steps(self) -> tuple[Step, ...]:
        """The claim under other conventions, to be checked as steps are; the reason is the name."""
        return tuple(Step(claim, name) for name, claim in self.variants)

    def read_as(self, reading: Reading) -> Statement:
        """The statement in another reading."""
        kept = tuple(
            item
            for item in self.hypotheses
            if item.relation is None or item.relation not in reading.drops
        )
        return self.but(hypotheses=kept, large=reading.large, fixed=reading.fixed, readings=())

    def but(self, **changes: Any) -> Statement:
        """A copy with some fields changed: how mutants are made."""
        return replace(self, **changes)


def _declaring_line() -> str:
    """The line of a pack that is being run: at the level of its module, and in a helper if any."""
    frame = sys._getframe(2)
    places: list[tuple[str, int]] = []
    while frame.f_back is not None:
        if not str(frame.f_globals.get("__name__", "")).startswith("verify."):
            places.append((frame.f_code.co_filename, frame.f_lineno))
            if frame.f_code.co_name == "<module>":
                break
        frame = frame.f_back
    if not places:
        return ""
    (inner, line), (outer, number) = places[0], places[-1]
    if inner.rpartition("/")[0] != outer.rpartition("/")[0]:
        # Beyond the pack's own folder is whoever loads it.
        return f"{inner}, line {line}"
    if (inner, line) == (outer, number):
        return f"{outer}, line {number}"
    through = f"line {line}" if inner == outer else f"{inner}, line {line}"
    return f"{outer}, line {number} (through {through})"


@dataclass(frozen=True, slots=True)
class Regime:
    """Conditions that are to hold at once for some value of ``choice``.

    Each is ``base**choice op bound`` with a base above 1. Asked is the exact condition on the other
    parameters, and from which value of ``threshold`` on it holds for all others in their domains.
    ``statements`` are those that assume the conditions.
    """

    title: str
    choice: Any
    relations: tuple[Expression, ...]
    params: tuple[Param, ...]
    threshold: Any
    statements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Threshold:
    """Along a sequence of sizes: from which value of ``variable`` on statements can be used.

    ``settings`` give the other parameters, as numbers or in terms of the variable; what is left out
    has its reference value. ``statement`` is one statement, or "" for every probability bound that
    has the variable among its parameters. ``finite`` is the finite form of its growth hypothesis,
    or None for all of its hypotheses that are about numbers. ``values`` are those that the sizes
    allow; without any, all integers.
    """

    title: str
    statement: str
    finite: Expression | None
    variable: Any
    settings: Mapping[Any, Expression]
    values: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A pack: one paper's definitions and statements, and where it comes from.

    ``name`` is a short one, ``title``, ``authors`` and ``source`` are the paper's.
    ``expected`` records verdicts that are known not to be ``proved``, by id. ``origin`` is filled
    in when the pack is loaded: what ``--pack`` was given.
    """

    name: str
    title: str
    authors: str
    source: str
    definitions: tuple[Definition, ...]
    statements: tuple[Statement, ...]
    expected: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()
    regimes: tuple[Regime, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    origin: str = field(default="", compare=False, repr=False)

    @property
    def option(self) -> str:
        """The option that names this pack in a command, with the space before it."""
        return f" --pack {shlex.quote(self.origin)}" if self.origin else ""
