"""Why a claim holds, in one line of mathematics, read off its certificate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verify.kernel.check import Sequent, unfolded
from verify.kernel.context import Context, read_formula, read_term, refutation_context
from verify.kernel.poly import Refused, Ring, sign_polynomial
from verify.language.render import text, unicode
from verify.language.term import FALSE, Formula, Rel, Sym, Term, map_terms, nnf, replace

LONGEST = 400

_PHRASES = {
    "given": "it is among the hypotheses",
    "line": "it has one unknown, and the real roots of its polynomials, isolated exactly, leave no "
    "place where it fails",
    "fact": "it is a known fact about the function",
    "integral": "integers are rounded",
    "enumerate": "each value of the integer is checked",
    "induct": "by induction",
    "cases": "by cases",
    "split": "by cases",
}


def explain(sequent: Sequent, certificate: Mapping[str, Any]) -> str:
    """One line that says why the certificate proves the claim.

    For a combination of hypotheses this is an identity in which every part on the right is
    nonnegative; for other rules a short phrase.
    """
    try:
        shown = _explain(sequent.context(), nnf(sequent.conclusion), certificate)
    except (Refused, ValueError, KeyError, IndexError):
        shown = str(certificate.get("rule"))
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 2].rsplit(" ", 1)[0] + " .."


def _explain(context: Context, goal: Formula, data: Mapping[str, Any]) -> str:
    while True:
        match data["rule"]:
            case "cut":
                context, data = context.having(read_formula(data["fact"])), data["then"]
            case "absurd":
                goal, data = FALSE, data["then"]
            case "unfold":
                goal, data = unfolded(goal, context.theory), data["then"]
            case "rewrite":
                table: dict[Term, Term] = {read_term(data["term"]): read_term(data["by"])}
                goal = map_terms(goal, lambda side, t=table: replace(side, t))  # type: ignore[misc]
                data = data["then"]
            case "replace":
                table = {Sym(data["var"]): read_term(data["by"])}
                context = context.replacing(table, context.integers)
                goal = map_terms(goal, lambda side, t=table: replace(side, t))  # type: ignore[misc]
                data = data["then"]
            case "refute":
                return _identity(context, goal, data)
            case "boxes":
                return f"by cutting the box {_box(data['box'])} into {_leaves(data['tree'])} pieces"
            case "slope":
                return (
                    f"both sides are compared at {data['var']} = {data['from']}, and the sign of "
                    f"the derivative in {data['var']} does the rest"
                )
            case "all":
                return f"in {len(data['parts'])} parts"
            case rule:
                return _PHRASES.get(str(rule), str(rule))


def _box(box: Mapping[str, Any]) -> str:
    return " x ".join(f"{name} in [{low}, {high}]" for name, (low, high) in box.items())


def _leaves(tree: Any) -> int:
    count, stack = 0, [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, list | tuple) and len(node) == 4:
            stack += [node[2], node[3]]
        else:
            count += 1
    return count


def _identity(context: Context, goal: Formula, data: Mapping[str, Any]) -> str:
    start = len(context.facts)
    inner = refutation_context(context, goal)
    sides: list[Term] = [side for fact in inner.facts for side in (fact.left, fact.right)]
    extra = [read_term(root) for _, _, roots in data["products"] for root in roots]
    extra += [read_term(multiplier) for _, multiplier in data["equations"]]
    ring = Ring([*sides, *extra])
    left: list[str] = []
    right: list[str] = []
    for coefficient, facts, roots in data["products"]:
        factors = [_factor(ring, inner.facts[i]) for i in facts if i < start]
        factors += [f"({unicode(read_term(root))})²" for root in roots]
        own = [_factor(ring, inner.facts[i], negate=True) for i in facts if i >= start]
        size = "" if coefficient == "1" and (own or factors) else coefficient
        shown = "·".join(part for part in (size, *own, *factors) if part)
        (left if own else right).append(shown)
    for index, multiplier in data["equations"]:
        right.append(f"({unicode(read_term(multiplier))})·{_factor(ring, inner.facts[index])}")
    if not left:
        return f"the hypotheses contradict each other: 0 = {' + '.join(right)} > 0"
    if isinstance(goal, Rel) and not right:
        return "both sides are the same"
    return f"{' + '.join(left)} = {' + '.join(right)}, where no part on the right is negative"


def _factor(ring: Ring, fact: Rel, negate: bool = False) -> str:
    polynomial = sign_polynomial(ring, fact)
    if (fact.op in ("<", "<=")) != negate:
        polynomial = -polynomial
    term = ring.term(polynomial)
    shown = unicode(term)
    return shown if len(polynomial) == 1 and not text(term).startswith("-") else f"({shown})"
