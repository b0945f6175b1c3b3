"""Relations between atoms by which a polynomial is brought to a simpler form.

Roots: ``sqrt(u)^2 = u``. Circle: ``sin(t)^2 = 1 - cos(t)^2``. Logarithms of products and of
exponentials. Sines and cosines of multiples of an angle. Each is an equation that follows from a
known fact, and each replaces a power of one atom by a polynomial.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from flint import fmpq_mpoly, fmpz

from verify.kernel.poly import Refused, Ring, fraction, rational
from verify.language.render import text
from verify.language.term import (
    ONE,
    Add,
    Call,
    Const,
    Div,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    Term,
    add,
    conditions,
    num,
)
from verify.provers.elementary_angles import additions
from verify.provers.elementary_forms import Forms, factors, relation, tidy
from verify.provers.elementary_glue import sign_at_points
from verify.provers.elementary_inverses import (
    inverse_value,
    learn_inverse,
    learn_special_angle,
    special_angle,
)
from verify.provers.elementary_linear import equate
from verify.provers.elementary_place import Place, Script

Learn = Callable[[Script], bool]
"""Cuts the equation into a script, or says that a premise cannot be had."""
Prove = Callable[[Script, Rel], bool]
"""Cuts a relation into a script, or says that it cannot."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``atom ** power == value``, and how to come to know it."""

    atom: Term
    power: int
    value: Term
    learn: Learn

    @property
    def equation(self) -> Rel:
        """The equation as the kernel will read it."""
        left = self.atom if self.power == 1 else Pow(self.atom, num(self.power))
        return _equation(left, self.value)


def _equation(left: Term, right: Term) -> Rel:
    found = tidy(Rel("==", left, right))
    assert isinstance(found, Rel)
    return found


def _by_fact(rel: Rel, name: str, *terms: Term) -> Learn:
    def learn(script: Script) -> bool:
        script.learn(rel, {"rule": "fact", "name": name, "terms": [text(term) for term in terms]})
        return True

    return learn


def rules_for(place: Place, terms: list[Term], prove: Prove) -> list[Rule]:
    """The rules that apply to the atoms of some terms, and to the atoms that these bring in."""
    found: dict[Rel, Rule] = {}
    seen: set[Term] = set()
    for _ in range(4):
        forms = Forms(terms)
        if set(forms.atoms) <= seen:
            break
        seen |= set(forms.atoms)
        for rule in _rules(place, forms, prove):
            if rule.equation not in found:
                found[rule.equation] = rule
                terms = [*terms, rule.value]
    return list(found.values())


def _rules(place: Place, forms: Forms, prove: Prove) -> list[Rule]:
    found: list[Rule] = []
    angles: list[Term] = []
    for atom in forms.atoms:
        match atom:
            case Pow(base=base, exp=Num(value=value)) if value.numerator == 1 < value.denominator:
                perfect = _perfect_root(atom, base, value.denominator, place, prove)
                found.append(perfect or _root(atom, base, value.denominator))
            case Call(name="log", args=(arg,)):
                found.extend(_logarithm(atom, arg, place, prove))
            case Pow(base=base, exp=exponent) if not isinstance(exponent, Num):
                argument = Mul((exponent, Call("log", (base,))))
                found.extend(_power(atom, argument, place, prove))
            case Call(name="exp", args=(arg,)):
                found.extend(_power(atom, arg, place, prove))
            case Call(name="acos", args=(arg,)):
                found.append(_arccosine(atom, arg))
            case Call(name="asin" | "atan" as name):
                angle = special_angle(atom)
                if angle is not None:
                    found.append(Rule(atom, 1, angle, _by_angle(atom, angle)))
                elif name == "atan":
                    found.extend(_inverted(atom, place, prove))
            case Call(name="sin" | "cos", args=(arg,)):
                if _share_of_pi(arg) is None:
                    angles.append(arg)
                else:
                    found.extend(_at_constant_angle(atom, arg))
    for step in additions(list(dict.fromkeys(angles))):
        atom = Call(step.name, (step.whole,))
        fact = _by_fact(_equation(atom, step.value), f"{step.name}_sum", step.first, step.second)
        found.append(Rule(atom, 1, step.value, fact))
    found.extend(_circles(forms))
    return found


def _by_angle(atom: Call, angle: Term) -> Learn:
    return lambda script: learn_special_angle(script, atom, angle)


def _inverted(atom: Call, place: Place, prove: Prove) -> list[Rule]:
    """``atan(1/t)`` by ``atan(t)``, for positive ``t``."""
    value = inverse_value(atom)
    if value is None or sign_at_points(place, atom.args[0]) != 1:
        return []

    def learn(script: Script) -> bool:
        return learn_inverse(script, atom, value, prove)

    return [Rule(atom, 1, value, learn)]


def _arccosine(atom: Term, arg: Term) -> Rule:
    value = Add((Div(Const("pi"), num(2)), Neg(Call("asin", (arg,)))))
    return Rule(atom, 1, value, _by_fact(_equation(atom, value), "acos_asin", arg))


def _root(atom: Term, base: Term, degree: int) -> Rule:
    equation = _equation(Pow(atom, num(degree)), base)
    return Rule(atom, degree, base, _by_fact(equation, "root_power", base, num(degree)))


def _perfect_root(atom: Term, base: Term, degree: int, place: Place, prove: Prove) -> Rule | None:
    """``(p^q)^(1/q) == p`` for a polynomial that is positive at the place."""
    forms = Forms((base,))
    top, bottom = forms.ring.fraction(base)
    if not bottom.is_constant() or top.is_constant():
        return None
    constant, parts = factors(top / bottom.leading_coefficient())
    size = _root_of_constant(constant, degree)
    if size is None or any(times % degree for _, times in parts):
        return None
    value = forms.ring.ctx.constant(rational(size))
    for part, times in parts:
        value = forms.ring.times(value, part ** (times // degree))
    sign = sign_at_points(place, forms.term(value))
    if not sign or (sign < 0 and degree % 2):
        return None
    found = forms.term(value if sign > 0 else -value)
    return Rule(atom, 1, found, lambda script: _learn_root(script, atom, found, degree, prove))


def _root_of_constant(constant: Fraction, degree: int) -> Fraction | None:
    if constant < 0:
        return None
    parts = [int(fmpz(part).root(degree)) for part in (constant.numerator, constant.denominator)]
    found = Fraction(parts[0], parts[1])
    return found if found**degree == constant else None


def _learn_root(script: Script, atom: Term, found: Term, degree: int, prove: Prove) -> bool:
    """With ``r^q = p^q``, ``r >= 0`` and ``p > 0``: ``(r - p)^2 (r^(q-1) + .. + p^(q-1))`` is
    ``(r - p) (r^q - p^q) = 0``, but positive if ``r != p``."""
    assert isinstance(atom, Pow)
    positive, nonnegative = relation(found, ">"), relation(atom, ">=")
    needed = relation(atom.base, ">=")
    for fact in (positive, needed):
        if not script.context.knows(fact) and not prove(script, fact):
            return False
    if positive not in script.context.facts:
        script.learn(positive, {"rule": "given"})
    power = _equation(Pow(atom, num(degree)), atom.base)
    for fact, name in ((power, "root_power"), (nonnegative, "root_sign")):
        if fact not in script.context.facts:
            _by_fact(fact, name, atom.base, num(degree))(script)
    equation = _equation(atom, found)
    negated = len(script.context.facts)
    r, p = script.index(nonnegative), script.index(positive)
    products = [["1", [negated, *[r] * (degree - 1 - i), *[p] * i], []] for i in range(degree)]
    gap = text(Add((found, Neg(atom))))
    equations = [[script.index(power), gap]]
    script.learn(equation, {"rule": "refute", "products": products, "equations": equations})
    return True


def _circles(forms: Forms) -> list[Rule]:
    """``sin^2`` by ``cos^2``; the reducer decides which of the two to keep."""
    found = []
    angles = {
        atom.args[0]: None
        for atom in forms.atoms
        if isinstance(atom, Call) and atom.name in ("sin", "cos")
    }
    for angle in angles:
        sine, cosine = Call("sin", (angle,)), Call("cos", (angle,))
        value = Add((ONE, Neg(Pow(cosine, num(2)))))
        rule = _equation(Pow(sine, num(2)), value)
        found.append(Rule(sine, 2, value, _by_fact(rule, "pythagoras", angle)))
    return found


def other_way(rules: list[Rule]) -> list[Rule]:
    """The same rules with ``cos^2`` by ``sin^2`` instead."""
    return [_turned(rule) for rule in rules]


def _turned(rule: Rule) -> Rule:
    if not (isinstance(rule.atom, Call) and rule.atom.name == "sin" and rule.power == 2):
        return rule
    (angle,) = rule.atom.args
    cosine = Call("cos", (angle,))
    value = Add((ONE, Neg(Pow(rule.atom, num(2)))))
    equation = _equation(Pow(cosine, num(2)), value)
    return Rule(cosine, 2, value, _by_fact(equation, "pythagoras", angle))


_SPECIAL_ANGLES: dict[tuple[str, Fraction], tuple[str, Term]] = {
    ("sin", Fraction(1)): ("sin_pi", num(0)),
    ("cos", Fraction(1)): ("cos_pi", num(-1)),
    ("sin", Fraction(1, 2)): ("sin_half_pi", num(1)),
    ("cos", Fraction(1, 2)): ("cos_half_pi", num(0)),
}


def _at_constant_angle(atom: Call, angle: Term) -> list[Rule]:
    share = _share_of_pi(angle)
    if share is None:
        return []
    known = _SPECIAL_ANGLES.get((atom.name, share))
    if known is None:
        return []
    name, value = known
    return [Rule(atom, 1, value, _by_fact(_equation(atom, value), name, Const("pi")))]


def _share_of_pi(angle: Term) -> Fraction | None:
    """The rational ``q`` for an angle ``q * pi``."""
    ring = Ring((angle,))
    top, bottom = ring.fraction(angle)
    if ring.keys != ["pi()"] or not bottom.is_constant() or len(top) != 1:
        return None
    return fraction(top.leading_coefficient()) if top.total_degree() == 1 else None


def _logarithm(atom: Call, arg: Term, place: Place, prove: Prove) -> list[Rule]:
    """``log`` of a product, a quotient, a power or an exponential, in simpler logarithms."""
    pieces = _pieces(arg, place)
    if not pieces or pieces == [(arg, Fraction(1))]:
        return []
    if len(pieces) == 1 and pieces[0][1] == 1 and not _is_exp(pieces[0][0]):
        return []
    logs = [_single_log(piece) for piece in pieces]
    value = add(*(body if power == 1 else Mul((Num(power), body)) for power, body in logs))

    def learn(script: Script) -> bool:
        return _learn_log(script, _equation(atom, value), pieces, prove)

    return [Rule(atom, 1, value, learn)]


def _power(atom: Term, argument: Term, place: Place, prove: Prove) -> list[Rule]:
    """``exp(y log t)`` with the logarithm of a product, a power or an exponential taken apart."""
    for part in Forms((argument,)).atoms:
        if not (isinstance(part, Call) and part.name == "log"):
            continue
        rules = _logarithm(part, part.args[0], place, prove)
        if not rules:
            continue
        inner = rules[0]
        apart = _with_log(argument, part, inner.value)
        if apart is None:
            continue
        value = Call("exp", (apart,))

        def learn(script: Script, inner: Rule = inner, apart: Term = apart) -> bool:
            return _learn_power(script, atom, argument, apart, inner)

        return [Rule(atom, 1, value, learn)]
    return []


def _with_log(argument: Term, part: Term, value: Term) -> Term | None:
    """The argument with a logarithm replaced by its value, in lowest terms."""
    forms = Forms((argument, value))
    top, bottom = forms.ring.fraction(argument)
    index = forms.used(forms.ring.polynomial(part))[0]
    try:
        put = forms.ring.polynomial(value)
    except Refused:
        return None
    parts = forms.coefficients(top, index)
    if 1 not in parts or set(parts) - {0, 1} or index in forms.used(bottom):
        return None
    above = forms.ring.times(parts[1], put) + parts.get(0, top - top)
    common = above.gcd(bottom) if not above.is_zero() else bottom
    above, below = above / common, bottom / common
    if below.is_constant():
        return forms.term(above / below.leading_coefficient())
    return Div(forms.term(above), forms.term(below))


def _learn_power(script: Script, atom: Term, argument: Term, apart: Term, inner: Rule) -> bool:
    """Equal logarithms make equal exponents, and these make equal powers."""
    if inner.equation not in script.context.facts and not inner.learn(script):
        return False
    for condition in conditions(apart):
        if not script.context.knows(condition):
            return False
    same = _equation(argument, apart)
    forms = Forms.of(same, inner.equation)
    gap, known = forms.sign(same), forms.sign(inner.equation)
    quotient, rest = divmod(gap**2, known)
    if not rest.is_zero():
        return False
    equations = [[script.index(inner.equation), text(forms.term(-quotient))]]
    products = [["1", [len(script.context.facts)], []]]
    script.learn(same, {"rule": "refute", "products": products, "equations": equations})
    powers = _equation(Call("exp", (argument,)), Call("exp", (apart,)))
    _by_fact(powers, "equal_exp", argument, apart)(script)
    equation = _equation(atom, Call("exp", (apart,)))
    if equation not in script.context.facts:
        script.learn(equation, {"rule": "given"})
    return True


def _pieces(arg: Term, place: Place) -> list[tuple[Term, Fraction]]:
    """``arg`` as a product of powers of terms that are positive at the place, or nothing."""
    forms = Forms((arg,))
    found: list[tuple[Term, Fraction]] = []
    constant = Fraction(1)
    for polynomial, side in zip(forms.ring.fraction(arg), (1, -1), strict=True):
        scale, parts = factors(polynomial)
        constant *= scale**side
        for part, times in parts:
            sign = sign_at_points(place, forms.term(part))
            if sign == 0 and times % 2 == 0:
                found.append((forms.term(part**times), Fraction(side)))
                continue
            if sign == 0:
                return []
            constant *= sign**times
            term = forms.term(part if sign > 0 else -part)
            base, power = _unrooted(term)
            found.append((base, power * side * times))
    if constant <= 0:
        return []
    primes = _primes(constant)
    if primes is None:
        return []
    return [*((num(prime), Fraction(power)) for prime, power in primes.items()), *found]


def _is_exp(term: Term) -> bool:
    """Whether a term is an exponential, or a power with a variable exponent."""
    if isinstance(term, Pow):
        return not isinstance(term.exp, Num)
    return isinstance(term, Call) and term.name == "exp"


def _unrooted(term: Term) -> tuple[Term, Fraction]:
    if isinstance(term, Pow) and isinstance(term.exp, Num) and term.exp.value.denominator > 1:
        return term.base, term.exp.value
    return term, Fraction(1)


def _primes(value: Fraction) -> dict[int, int] | None:
    """The exponents of the primes in a positive rational; None if it is hard to factor."""
    found: dict[int, int] = {}
    for part, side in ((value.numerator, 1), (value.denominator, -1)):
        if part > 10**30:
            return None
        for prime, times in fmpz(part).factor():
            found[int(prime)] = found.get(int(prime), 0) + side * int(times)
    return found


def _single_log(piece: tuple[Term, Fraction]) -> tuple[Fraction, Term]:
    base, power = piece
    if isinstance(base, Call) and base.name == "exp":
        return power, base.args[0]
    if isinstance(base, Pow) and _is_exp(base):
        return power, Mul((base.exp, Call("log", (base.base,))))
    return power, Call("log", (base,))


def _learn_log(
    script: Script, equation: Rel, pieces: list[tuple[Term, Fraction]], prove: Prove
) -> bool:
    """The logarithms of the pieces, then of the products of the first ones, then all together."""
    used: list[Rel] = []

    def fact(left: Term, right: Term, name: str, *terms: Term) -> None:
        rel = _equation(left, right)
        _by_fact(rel, name, *terms)(script)
        used.append(rel)

    def positive(term: Term) -> bool:
        rel = relation(term, ">")
        return script.context.knows(rel) or prove(script, rel)

    product: Term = ONE
    for base, power in pieces:
        size = abs(power)
        powered = base if size == 1 else Pow(base, Num(size))
        _, body = _single_log((base, power))
        if not positive(base) or not positive(powered) or not positive(product):
            return False
        if _is_exp(base):
            inner = body if size == 1 else Mul((Num(size), body))
            if isinstance(base, Pow):
                exponent = Mul((Num(size), base.exp))
                fact(Call("log", (powered,)), inner, "log_power", base.base, exponent)
            else:
                fact(Call("log", (powered,)), inner, "log_exp", inner)
        elif size != 1:
            several = Mul((Num(size), body))
            fact(Call("log", (powered,)), several, "log_power", base, Num(size))
        single = Call("log", (powered,))
        both: Term = powered
        if power < 0:
            both = Div(product, powered)
            if not positive(both):
                return False
            sides = Add((Call("log", (product,)), Neg(single)))
            fact(Call("log", (both,)), sides, "log_quotient", product, powered)
        elif product != ONE:
            both = Mul((product, powered))
            if not positive(both):
                return False
            sides = Add((Call("log", (product,)), single))
            fact(Call("log", (both,)), sides, "log_product", product, powered)
        product = both
    proof = equate(script.context, equation, [script.index(rel) for rel in used])
    if proof is not None:
        script.learn(equation, proof)
    return proof is not None


@dataclass(frozen=True, slots=True)
class Reduced:
    """``polynomial = result + sum multiplier * (atom^power - value)``."""

    forms: Forms
    polynomial: fmpq_mpoly
    result: fmpq_mpoly
    used: list[tuple[Rule, fmpq_mpoly]]


def reduce(rel: Rel, rules: list[Rule]) -> Reduced:
    """The relation's polynomial with every rule applied until none changes it.

    Raises:
        Refused: a value is a proper quotient, or the result is too large.
    """
    sides = [rel.left, rel.right]
    rules = [rule for rule in rules if _is_polynomial(rule)]
    for rule in rules:
        sides += [rule.atom, rule.value]
    forms = Forms(sides)
    polynomial = forms.sign(rel)
    result = polynomial
    used: dict[Rule, fmpq_mpoly] = {}
    for _ in range(8):
        before = result
        for rule in rules:
            result, multiplier = _apply(forms, result, rule)
            if multiplier is not None:
                used[rule] = used.get(rule, forms.ring.ctx.constant(0)) + multiplier
        if result == before:
            break
    return Reduced(forms, polynomial, result, list(used.items()))


@lru_cache(maxsize=5_000)
def _polynomial_term(term: Term) -> bool:
    try:
        return bool(Ring((term,)).fraction(term)[1].is_constant())
    except Refused:
        return False


def _is_polynomial(rule: Rule) -> bool:
    """Whether a rule can be applied: its value is not a proper quotient."""
    return _polynomial_term(rule.atom) and _polynomial_term(rule.value)


def _apply(
    forms: Forms, polynomial: fmpq_mpoly, rule: Rule
) -> tuple[fmpq_mpoly, fmpq_mpoly | None]:
    atom = forms.ring.polynomial(rule.atom)
    used = forms.used(atom)
    if len(used) != 1 or len(atom) != 1 or atom.total_degree() != 1:
        return polynomial, None
    (index,) = used
    generator = forms.ring.gen(forms.keys[index])
    # The normal form of sin(-t) is -sin(t).
    sign = atom.leading_coefficient()
    parts = forms.coefficients(polynomial, index)
    if abs(sign) != 1 or max(parts, default=0) < rule.power:
        return polynomial, None
    value = forms.ring.polynomial(rule.value)
    result = forms.ring.ctx.constant(0)
    for power, part in parts.items():
        times, rest = divmod(power, rule.power)
        replaced = forms.ring.times(value**times, generator**rest)
        result += forms.ring.times(part, replaced) * sign ** (times * rule.power)
    return result, (polynomial - result) / (atom**rule.power - value)
