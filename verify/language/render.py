"""Printing terms and formulas: ASCII text that parses back, Unicode, and LaTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from verify.language.term import (
    FORMULAS,
    Add,
    And,
    Call,
    Const,
    Delta,
    Div,
    Entry,
    Formula,
    Mul,
    Neg,
    Not,
    Num,
    Or,
    Pow,
    Rel,
    Sum,
    Sym,
    Term,
)

_SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(1, 6)

_GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "eta": "η",
    "theta": "θ",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "phi": "φ",
    "psi": "ψ",
    "omega": "ω",
}
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_NAME = re.compile(r"^([A-Za-z]+)_?([A-Za-z0-9_]*)$")


@dataclass(frozen=True, slots=True)
class Style:
    """How to write what differs between the printed forms."""

    name: str
    relations: dict[str, str]
    conjunction: str
    disjunction: str
    negation: str


TEXT = Style("text", {op: op for op in (">=", "<=", ">", "<", "==", "!=")}, " and ", " or ", "not ")
UNICODE = Style(
    "unicode",
    {">=": "≥", "<=": "≤", ">": ">", "<": "<", "==": "=", "!=": "≠"},
    " and ",
    " or ",
    "not ",
)
LATEX = Style(
    "latex",
    {">=": r"\ge", "<=": r"\le", ">": ">", "<": "<", "==": "=", "!=": r"\ne"},
    r" \;\text{and}\; ",
    r" \;\text{or}\; ",
    r"\neg ",
)


def text(item: Term | Formula) -> str:
    """ASCII in the expression grammar: parsing it gives an equal value back."""
    return _render(item, TEXT)


def unicode(item: Term | Formula) -> str:
    """For the terminal: ``(1 + a₁)^β ≥ n``."""
    return _render(item, UNICODE)


def latex(item: Term | Formula) -> str:
    """For the report and for papers."""
    return _render(item, LATEX)


def name(identifier: str, style: Style = UNICODE) -> str:
    """A variable's name in the given style: ``a_1`` as ``a₁`` or ``a_{1}``."""
    if style.name == "text":
        return identifier
    match = _NAME.fullmatch(identifier)
    stem, index = match.groups() if match else (identifier, "")
    if style.name == "unicode":
        stem = _GREEK.get(stem, stem)
        if not index:
            return stem
        return stem + (index.translate(_SUBSCRIPTS) if index.isdigit() else "_" + index)
    if stem in _GREEK:
        stem = "\\" + stem
    elif len(stem) > 1:
        stem = rf"\mathrm{{{stem}}}"
    if not index:
        return stem
    plain = index.replace("_", r"\_")
    return (
        f"{stem}_{{{plain}}}"
        if len(index) == 1 or index.isdigit()
        else (rf"{stem}_{{\mathrm{{{plain}}}}}")
    )


def _render(item: Term | Formula, style: Style) -> str:
    if isinstance(item, FORMULAS):
        return _formula(item, style, 0)
    return _term(item, style, 0)


def _formula(item: Formula, style: Style, level: int) -> str:
    match item:
        case Rel(op=op, left=left, right=right):
            return f"{_term(left, style, _SUM)} {style.relations[op]} {_term(right, style, _SUM)}"
        case And(args=()):
            return "0 == 0" if style is TEXT else "true"
        case Or(args=()):
            return "0 == 1" if style is TEXT else "false"
        case And(args=args):
            return _bracket(style.conjunction.join(_formula(a, style, 2) for a in args), level > 1)
        case Or(args=args):
            return _bracket(style.disjunction.join(_formula(a, style, 2) for a in args), level > 0)
        case Not(arg=arg):
            return style.negation + "(" + _formula(arg, style, 0) + ")"


def _bracket(shown: str, needed: bool) -> str:
    return f"({shown})" if needed else shown


def _fence(shown: str, needed: bool, style: Style) -> str:
    if not needed:
        return shown
    return rf"\left({shown}\right)" if style is LATEX else f"({shown})"


def _number(value: Fraction, style: Style, level: int) -> str:
    if style is LATEX and value.denominator != 1:
        sign = "-" if value < 0 else ""
        shown = rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
        return _fence(shown, level > (_PRODUCT if value > 0 else _SUM), style)
    shown = str(value)
    if value < 0:
        return _fence(shown, level > _SUM, style)
    return _fence(shown, value.denominator != 1 and level > _PRODUCT, style)


def _term(term: Term, style: Style, level: int) -> str:
    match term:
        case Num(value=value):
            return _number(value, style, level)
        case Const(name=constant):
            if style is TEXT:
                return constant
            return (
                ("π" if constant == "pi" else "e")
                if style is UNICODE
                else (r"\pi" if constant == "pi" else "e")
            )
        case Sym(name=identifier):
            return name(identifier, style)
        case Neg(arg=arg):
            return _fence("-" + _term(arg, style, _UNARY), level > _SUM, style)
        case Add(args=args):
            return _fence(_sum(args, style), level > _SUM or not args, style)
        case Mul(args=args):
            return _fence(_product(args, style), level > _PRODUCT, style)
        case Div(num=top, den=bottom):
            if style is LATEX:
                shown = rf"\frac{{{_term(top, style, 0)}}}{{{_term(bottom, style, 0)}}}"
                return _fence(shown, level > _UNARY, style)
            shown = f"{_term(top, style, _PRODUCT)}/{_term(bottom, style, _POWER)}"
            return _fence(shown, level > _PRODUCT, style)
        case Pow(base=base, exp=exponent):
            return _fence(_power(base, exponent, style), level > _POWER, style)
        case Call(name=function, args=args):
            return _call(function, args, style)
        case Entry(name=identifier, indices=indices):
            inner = ", ".join(_term(index, style, 0) for index in indices)
            if style is LATEX:
                if _is_argument(indices):
                    return rf"{name(identifier, style)}\left({inner}\right)"
                return (
                    f"{name(identifier, style)}\\left[{inner}\\right]"
                    if _is_indexed(identifier)
                    else f"{name(identifier, style)}_{{{inner}}}"
                )
            return f"{name(identifier, style)}[{inner}]"
        case Sum(body=body, var=var, size=size):
            bound = _term(size, style, 0)
            if style is LATEX:
                shown = rf"\sum_{{{name(var, style)}=1}}^{{{bound}}} {_term(body, style, _PRODUCT)}"
                return _fence(shown, level > _SUM, style)
            inner = _term(body, style, 0)
            return f"sum({name(var, style)} in 1..{bound}: {inner})"
        case Delta(left=left, right=right):
            if style is LATEX:
                return rf"\mathbb{{1}}[{_term(left, style, 0)}={_term(right, style, 0)}]"
            return f"[{_term(left, style, 0)} = {_term(right, style, 0)}]"


def _is_argument(indices: tuple[Term, ...]) -> bool:
    """Whether an entry reads as a function's value: at a sum or at an entry of a table."""
    match indices:
        case (Sum(),):
            return True
        case (Entry(indices=inner),):
            return len(inner) > 1
    return False


def _is_indexed(identifier: str) -> bool:
    return "_" in identifier


def _sum(args: tuple[Term, ...], style: Style) -> str:
    shown = ""
    for position, arg in enumerate(args):
        negative: Term | None = None
        if position and isinstance(arg, Neg):
            negative = arg.arg
        elif position and isinstance(arg, Num) and arg.value < 0 and style is not TEXT:
            negative = Num(-arg.value)
        if negative is not None:
            shown += " - " + _term(negative, style, _PRODUCT)
        else:
            shown += (" + " if position else "") + _term(arg, style, _PRODUCT if position else _SUM)
    return shown or "0"


def _product(args: tuple[Term, ...], style: Style) -> str:
    if not args:
        return "1"
    if style is TEXT:
        # The first factor may be a product or a quotient; further ones are bracketed, so that the
        # text parses back to the same shape.
        first = _term(args[0], style, _UNARY if isinstance(args[0], Mul) else _PRODUCT)
        return "*".join((first, *(_term(arg, style, _POWER) for arg in args[1:])))
    shown = ""
    for position, arg in enumerate(args):
        factor = _term(arg, style, _PRODUCT if position == 0 else _POWER)
        if not position:
            shown = factor
            continue
        gap = r" \cdot " if style is LATEX else "·"
        quiet = r" \, " if style is LATEX else " "
        shown += (gap if factor[0].isdigit() or factor.startswith(r"\frac") else quiet) + factor
    return shown


def _power(base: Term, exponent: Term, style: Style) -> str:
    below = _term(base, style, _ATOM)
    if style is UNICODE and isinstance(base, Call) and base.name == "sqrt":
        below = f"({below})"
    if style is LATEX:
        return f"{{{below}}}^{{{_term(exponent, style, 0)}}}"
    if style is UNICODE and isinstance(exponent, Num) and exponent.value.denominator == 1:
        return below + str(exponent.value).translate(_SUPERSCRIPTS)
    return f"{below}^{_term(exponent, style, _ATOM if isinstance(exponent, Pow) else _POWER)}"


def _is_short(term: Term) -> bool:
    """Whether a root sign before it cannot be taken for one of a part."""
    whole = isinstance(term, Num) and term.value >= 0 and term.value.denominator == 1
    return whole or isinstance(term, Sym)


def _call(function: str, args: tuple[Term, ...], style: Style) -> str:
    inner = ", ".join(_term(arg, style, 0) for arg in args)
    if style is UNICODE:
        if function == "sqrt":
            return f"√{inner}" if _is_short(args[0]) else f"√({inner})"
        if function == "abs":
            return f"|{inner}|"
    if style is LATEX:
        if function == "sqrt":
            return rf"\sqrt{{{inner}}}"
        if function == "abs":
            return rf"\left|{inner}\right|"
        if function in ("floor", "ceil"):
            return rf"\left\l{function} {inner} \right\r{function}"
        known = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}
        return rf"\{known.get(function, function)}\left({inner}\right)"
    return f"{function}({inner})"
