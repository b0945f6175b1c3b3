"""Claims with a square root: ``P + Q sqrt(u) >= 0`` by squaring.

With ``r = sqrt(u)``: where both ``P`` and ``Q`` are nonnegative there is nothing more to do; where
one of them is, the claim is that its square is the larger one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpq_mpoly

from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.term import Num, Pow, Rel, num
from verify.provers.elementary_forms import Forms, relation, tidy
from verify.provers.elementary_glue import sign_at_points
from verify.provers.elementary_place import Place, Script

Proof = Mapping[str, Any]
Known = Callable[[Script, Rel], bool]
"""Cuts a relation into a script, unless it is known; says if it cannot."""
Again = Callable[[Place], Proof | None]
"""Proves the claim in a place where more is known."""

_HALF = Num(Fraction(1, 2))


@dataclass(frozen=True, slots=True)
class _Split:
    """The claim ``free + factor * root op 0`` with ``root^2 == base``."""

    forms: Forms
    claim: Rel
    root: Pow
    free: fmpq_mpoly
    factor: fmpq_mpoly
    base: fmpq_mpoly


def by_squaring(script: Script, claim: Rel, known: Known, again: Again) -> Proof | None:
    """A proof of ``p >= 0`` or ``p > 0`` for ``p`` linear in a square root, or None."""
    for atom in Forms.of(claim).atoms:
        if isinstance(atom, Pow) and atom.exp == _HALF:
            try:
                split = _split(claim, atom)
            except Refused:
                continue
            if split is not None:
                return _squared(script, split, known, again)
    return None


def _split(claim: Rel, root: Pow) -> _Split | None:
    forms = Forms((claim.left, claim.right, root.base))
    (index,) = forms.used(forms.ring.polynomial(root))
    parts = forms.coefficients(forms.sign(claim), index)
    if set(parts) - {0, 1} or 1 not in parts:
        return None
    base = forms.ring.polynomial(root.base)
    return _Split(forms, claim, root, parts.get(0, base - base), parts[1], base)


def _squared(script: Script, split: _Split, known: Known, again: Again) -> Proof | None:
    forms = split.forms
    signs = []
    for part in (split.free, split.factor):
        sign = 1 if part.is_zero() else sign_at_points(script.place, forms.term(part))
        if sign == 0:
            return _cases(script, forms.relation(part, ">="), again)
        signs.append(sign)
    if signs == [-1, -1]:
        return None
    root = _have(script, relation(split.root, ">="), known)
    if root is None:
        return None
    if signs == [1, 1]:
        return _both(script, split, root, known)
    return _compared(script, split, root, signs[0] > 0, known)


def _have(script: Script, fact: Rel, known: Known) -> int | None:
    """The number of a fact, once it is one."""
    if not known(script, fact):
        return None
    if fact not in script.context.facts:
        script.learn(fact, {"rule": "given"})
    return script.index(fact)


def _cases(script: Script, on: Rel, again: Again) -> Proof | None:
    off = tidy(Rel("<", on.left, on.right))
    yes = again(script.place.assume(on))
    no = yes and again(script.place.assume(off))
    return no and {"rule": "split", "on": text(on), "yes": yes, "no": no}


def _both(script: Script, split: _Split, root: int, known: Known) -> Proof | None:
    """Both parts are nonnegative."""
    strict = split.claim.op == ">"
    free = _have(script, split.forms.relation(split.free, ">" if strict else ">="), known)
    if free is None:
        return None
    factor = _have(script, split.forms.relation(split.factor, ">="), known)
    if factor is None:
        return None
    negated = len(script.context.facts)
    products = [["1", [negated], []], ["1", [free], []], ["1", [factor, root], []]]
    return {"rule": "refute", "products": products, "equations": []}


def _compared(
    script: Script, split: _Split, root: int, free_is_larger: bool, known: Known
) -> Proof | None:
    """With ``a >= 0`` the larger part and ``d`` what the negated claim says is nonnegative,
    ``d^2 + 2 a d`` is the difference of the squares, with the wrong sign."""
    forms, factor = split.forms, split.factor
    gap = split.free**2 - factor**2 * split.base
    bound = _have(script, forms.relation(split.free if free_is_larger else factor, ">="), known)
    if bound is None:
        return None
    squares = forms.relation(gap if free_is_larger else -gap, split.claim.op)
    compared = _have(script, squares, known)
    if compared is None:
        return None
    equation = tidy(Rel("==", Pow(split.root, num(2)), split.root.base))
    if equation not in script.context.facts:
        terms = [text(split.root.base), "2"]
        script.learn(equation, {"rule": "fact", "name": "root_power", "terms": terms})
    negated = len(script.context.facts)
    larger = [bound] if free_is_larger else [bound, root]
    multiplier = forms.term(-(factor**2) if free_is_larger else factor**2)
    return {
        "rule": "refute",
        "products": [
            ["1", [negated, negated], []],
            ["2", [negated, *larger], []],
            ["1", [compared], []],
        ],
        "equations": [[list(script.context.facts).index(equation), text(multiplier)]],  # type: ignore[arg-type]
    }
