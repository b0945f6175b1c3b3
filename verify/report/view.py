"""What every form of the report shows, taken from the document: groups, findings, trust."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from verify.engine.results import Counterexample, Document, Necessity, Result, StepResult
from verify.report import verdicts
from verify.report.verdicts import plural


@dataclass(frozen=True, slots=True)
class Group:
    """A numbered statement of the paper with its parts, in the order of the document."""

    id: str
    parts: tuple[Result, ...]

    @property
    def title(self) -> str:
        """The statement's own title, else what the titles of its parts have in common."""
        heading = self.parts[0].statement.heading
        if heading or len(self.parts) == 1:
            return heading or self.parts[0].title
        return _common([part.title for part in self.parts])

    @property
    def kind(self) -> str:
        return self.parts[0].kind

    @property
    def section(self) -> str:
        return self.parts[0].statement.section

    @property
    def single(self) -> bool:
        """Whether the statement is its only part."""
        return len(self.parts) == 1 and self.parts[0].id == self.id

    @property
    def claim(self) -> str:
        """The worst verdict on the claims."""
        return min((part.claim.verdict for part in self.parts), key=verdicts.claim_rank)

    @property
    def proof(self) -> str:
        """The worst verdict on the printed proofs."""
        return min((part.proof.verdict for part in self.parts), key=verdicts.proof_rank)

    @property
    def axioms(self) -> tuple[str, ...]:
        return unique(axiom for part in self.parts for axiom in part.claim.axioms)

    @property
    def seconds(self) -> float:
        return sum(part.claim.seconds for part in self.parts)


@dataclass(frozen=True, slots=True)
class Notice:
    """A line of the summary: results with the same verdict for the same reason.

    ``first`` is the first of them.
    """

    ids: tuple[str, ...]
    first: Result
    verdict: str
    words: str


def groups(document: Document) -> tuple[Group, ...]:
    """The results by the number before the first slash, in the order of first appearance."""
    found: dict[str, list[Result]] = {}
    for result in document.results:
        found.setdefault(base(result.id), []).append(result)
    return tuple(Group(key, tuple(parts)) for key, parts in found.items())


def base(identifier: str) -> str:
    """The statement that a part belongs to: ``6.6`` for ``6.6/1a``."""
    return identifier.partition("/")[0] or identifier


def unique(items: Iterable[str]) -> tuple[str, ...]:
    """The items without repetition, in order."""
    return tuple(dict.fromkeys(items))


def title(document: Document) -> str:
    """What the report is about."""
    return document.paper.title if document.paper else "Claims"


def attention(document: Document) -> tuple[Notice, ...]:
    """Claims that failed or stayed open, the failed first, each with its reason."""
    chosen = [r for r in document.results if r.claim.verdict in verdicts.ATTENTION]
    chosen.sort(key=lambda result: verdicts.ATTENTION.index(result.claim.verdict))
    return _notices((result, result.claim.verdict, why(result)) for result in chosen)


def gaps(document: Document) -> tuple[Notice, ...]:
    """Printed proofs that do not support their claim, each with the first thing that fails."""
    return _notices(
        (result, result.proof.verdict, gap(result))
        for result in document.results
        if result.proof.verdict == "gap"
    )


def unsaid_gaps(document: Document) -> tuple[Notice, ...]:
    """Gaps that the findings of the whole paper do not say already."""
    said = document.paper.findings if document.paper else ()
    return tuple(gap for gap in gaps(document) if not any(gap.words in text for text in said))


def own_findings(document: Document) -> tuple[tuple[str, str], ...]:
    """Findings on single parts that the findings of the whole paper do not say already."""
    said = document.paper.findings if document.paper else ()
    return tuple(
        (result.id, finding)
        for result in document.results
        for finding in result.findings
        if not any(finding in text for text in said)
    )


def _notices(rows: Iterable[tuple[Result, str, str]]) -> tuple[Notice, ...]:
    found: dict[tuple[str, str], list[Result]] = {}
    for result, verdict, words in rows:
        found.setdefault((verdict, words), []).append(result)
    return tuple(
        Notice(tuple(result.id for result in same), same[0], *key) for key, same in found.items()
    )


def why(result: Result) -> str:
    """One sentence on why the claim is not proved; empty where it is."""
    claim = result.claim
    if claim.verdict == "refuted" and claim.counterexample:
        return "fails at " + at(claim.counterexample)
    if claim.verdict == "unknown":
        return "tried: " + ", ".join(claim.tried) if claim.tried else "not decided"
    if claim.verdict == "proved":
        return ""
    said = claim.explanation.strip().partition("\n")[0]
    return said or claim.method or verdicts.CLAIM[claim.verdict].meaning


def at(counterexample: Counterexample) -> str:
    """The point of a counterexample in one line, long values shortened."""
    point = ", ".join(f"{name} = {short(value)}" for name, value in counterexample.point.items())
    if counterexample.undefined is not None:
        return f"{point or 'every point'}, where {counterexample.undefined} is undefined"
    if counterexample.left is not None and counterexample.right is not None:
        sides = f"left {short(counterexample.left)}, right {short(counterexample.right)}"
        return f"{point} ({sides})" if point else sides
    return point


def gap(result: Result) -> str:
    """The first step or citation of the printed proof that does not hold."""
    step = failing_step(result)
    if step:
        return f"step {step.index}: {step.text} ({step.verdict})"
    for citation in result.proof.citations:
        if citation.verdict != "serves":
            return f"citation of {citation.id} {citation.verdict}: {citation.why}".rstrip(": ")
    return result.proof.note


def failing_step(result: Result) -> StepResult | None:
    """The first step of the printed proof that does not hold."""
    return next((s for s in result.proof.steps if s.verdict in verdicts.ATTENTION), None)


def reproduces(result: Result) -> str:
    """The command that shows that a claim or a step of its printed proof fails, if there is one."""
    step = failing_step(result)
    found = result.claim.counterexample or (step.counterexample if step else None)
    return found.command if found else ""


def short(value: str, limit: int = 24) -> str:
    """A number as it stands, or, if it is long, an approximation that says so."""
    if len(value) <= limit:
        return value
    number = approximate(value)
    return f"≈ {number:.6g}" if number is not None else value[: limit - 1] + "…"


_BALL = re.compile(r"^\[?\s*([-+0-9.eE]+)(?:\s*\+/-\s*[-+0-9.eE]+)?\s*\]?$")


def approximate(value: str | None) -> float | None:
    """A float near a rational ``p/q``, decimal or ball, to sort and to show; it decides nothing."""
    if value is None:
        return None
    found = _BALL.match(value)
    text = found.group(1) if found else value
    if len(text) > 10_000 or re.search(r"[eE][-+]?\d{5}", text):
        return None
    try:
        return float(Fraction(text))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def command(document: Document, result: Result) -> str:
    """The command that runs one statement again: of the pack of the run, or a one-off claim."""
    start = ["python", "-m", "verify"]
    statement = result.statement
    if document.paper is None and statement.holds:
        integers = [name for name, kind in statement.variables.items() if kind == "int"]
        wheres = [word for where in statement.where for word in ("--where", where)]
        words = ["claim", statement.holds, *wheres, *(["--int", *integers] if integers else [])]
        return shlex.join([*start, *words])
    return shlex.join([*start, "check", result.id, *_pack(document)])


def _pack(document: Document) -> list[str]:
    try:
        words = shlex.split(document.run.command)
    except ValueError:
        return []
    for position, word in enumerate(words):
        if word == "--pack" and position + 1 < len(words):
            return words[position : position + 2]
        if word.startswith("--pack="):
            return [word]
    return []


def axioms(document: Document) -> dict[str, tuple[str, ...]]:
    """Each cited fact that some result rests on, with those results."""
    found: dict[str, list[str]] = {}
    for result in document.results:
        for axiom in result.claim.axioms:
            found.setdefault(axiom, []).append(result.id)
    return {axiom: tuple(ids) for axiom, ids in sorted(found.items())}


def with_verdict(document: Document, *wanted: str) -> tuple[str, ...]:
    """The ids of the results with one of these claim verdicts."""
    return tuple(result.id for result in document.results if result.claim.verdict in wanted)


def duration(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if not seconds:
        return ""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def plain(text: str) -> str:
    """Prose with its ``$..$`` formulas in the characters of a terminal, to be read only."""
    return _FORMULA.sub(lambda found: _characters(found[1] or found[2]), text)


_FORMULA = re.compile(r"\$\$([^$]+)\$\$|\$([^\s$](?:[^$\n]*[^\s$])?)\$(?!\d)")
_SYMBOLS = {
    **{"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε"},
    **{"eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ"},
    **{"nu": "ν", "xi": "ξ", "rho": "ρ", "sigma": "σ", "tau": "τ"},
    **{"phi": "φ", "psi": "ψ", "omega": "ω", "pi": "π"},
    **{
        "ge": " ≥ ",
        "geq": " ≥ ",
        "le": " ≤ ",
        "leq": " ≤ ",
        "ne": " ≠ ",
        "neq": " ≠ ",
        "cdot": "·",
    },
    **{
        "times": " × ",
        "in": " ∈ ",
        "infty": "∞",
        "to": " → ",
        "sum": "Σ",
        "langle": "⟨",
        "rangle": "⟩",
    },
    **{"left": "", "right": "", "quad": " ", "mathrm": "", "operatorname": "", "mapsto": " ↦ "},
}


def _characters(latex: str) -> str:
    latex = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", _quotient, latex)
    latex = re.sub(r"\\text\{([^{}]*)\}", r"\1", latex)
    latex = re.sub(r"\\[,;:! ]", " ", latex)
    latex = re.sub(r"\\([A-Za-z]+)\s?", lambda found: _SYMBOLS.get(found[1], found[1] + " "), latex)
    latex = re.sub(r"\{(\w|\d+)\}", r"\1", latex)
    return " ".join(latex.split())


def _quotient(found: re.Match[str]) -> str:
    top, bottom = (part if re.fullmatch(r"\w+", part) else f"({part})" for part in found.groups())
    return f"{top}/{bottom}"


def printable(text: str) -> str:
    """The text without the characters that steer a terminal or are not allowed in XML."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def _common(titles: list[str]) -> str:
    """The words with which all titles begin, without trailing punctuation; there may be none."""
    rows = [title.split() for title in titles]
    shared: list[str] = []
    for words in zip(*rows, strict=False):
        if len(set(words)) > 1:
            break
        shared.append(words[0])
    while shared and shared[-1].strip(",;:()").lower() in ("part", "case", "for", "and", "the", ""):
        shared.pop()
    return " ".join(shared).rstrip(",;:( ")


def point(values: dict[str, str]) -> str:
    """``n = 3, beta = 17/8``, long values shortened."""
    return ", ".join(_equal(name, short(value)) for name, value in values.items())


def _equal(name: str, value: str) -> str:
    """``n = 3``, or ``n ≈ 1e-30`` for a value that is shown by an approximation."""
    return f"{name} {value}" if value.startswith("≈") else f"{name} = {value}"


def tightness(result: Result) -> str:
    """How tight the claim is, in one line; empty where nothing is known."""
    found = result.tightness
    pieces = []
    if found.lower is not None and found.lower == found.upper:
        pieces.append(f"over the whole domain the smallest margin is {short(found.lower)}")
    elif found.lower is not None and found.upper is not None:
        interval = f"[{short(found.lower)}, {short(found.upper)}]"
        pieces.append(f"over the whole domain the smallest margin lies in {interval}")
    elif found.lower is not None:
        pieces.append(f"over the whole domain the margin is at least {short(found.lower)}")
    elif found.upper is not None:
        pieces.append(f"the margin gets as small as {short(found.upper)}")
    if found.attained is not None and pieces:
        pieces.append("attained" if found.attained else "not attained")
    if found.at:
        pieces.append(f"{'' if found.attained else 'near '}at {point(found.at)}".strip())
    if found.best_constant is not None:
        pieces.append(f"best constant {short(found.best_constant)}")
    if found.note:
        pieces.append(found.note)
    return "; ".join(pieces)


def needed(need: Necessity) -> str:
    """Whether a hypothesis is needed, in words."""
    words = {True: "needed", False: "not needed", None: "not known to be needed"}[need.needed]
    return f"{words} ({need.note})" if need.note else words


def numeric(result: Result) -> str:
    """What evaluation at points showed, in one line; empty where none was tried."""
    found = result.numeric
    if not found.points:
        return "nothing that could be evaluated at a point" if found.digits else ""
    line = f"{plural(found.points, 'point')} at {found.digits} digits"
    if found.min_margin is not None:
        line += f", smallest margin of these points: {short(found.min_margin)}"
        if found.worst_point:
            line += f" at {point(found.worst_point)}"
    count = len(found.disagreements)
    return line + (
        f", {plural(count, 'disagreement')} between Arb and mpmath"
        if count
        else ", Arb and mpmath agree"
    )


def coverage(result: Result) -> str:
    """How near to the boundaries of the hypotheses the points lie; empty where nobody looked."""
    found = result.numeric.boundaries
    if not found:
        return ""
    on = sum(item.reached for item in found)
    pieces = [f"points on the boundary of {on} of {plural(len(found), 'hypothesis', 'hypotheses')}"]
    for item in found:
        if not item.reached:
            how = "not approached" if item.nearest is None else f"nearest {short(item.nearest)}"
            pieces.append(f"{item.hypothesis}: {how}")
    return "; ".join(pieces)


def mutants(result: Result) -> str:
    """What became of changed claims, in one line; empty where none was tried."""
    found = result.mutants
    if not found.tried:
        return ""
    line = f"{found.caught} of {plural(found.tried, 'changed claim')} refuted"
    if found.provable:
        line += f", {len(found.provable)} provable: the claim can be strengthened"
    if found.undecided:
        line += f", {len(found.undecided)} undecided"
    return line
