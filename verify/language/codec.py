"""Terms and formulas as plain data, for results files.

What the expression grammar can say is written as text. Entries, sums and deltas, which it cannot,
are written as lists: ``["sum", body, "k", size]``, ``["delta", left, right]``, ``["entry", name,
index, ..]``; and so is whatever contains them: ``["+", ..]``, ``[">=", left, right]``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from verify.language.grammar import parse_formula, parse_term
from verify.language.render import text
from verify.language.term import (
    FUNCTIONS,
    NEGATED,
    Add,
    And,
    Call,
    Delta,
    Div,
    Entry,
    Formula,
    Mul,
    Neg,
    Not,
    Or,
    Pow,
    Rel,
    Sum,
    Term,
    children,
    contains,
    nnf,
    relations,
)

MAX_DEPTH = 400


class CodecError(ValueError):
    """Data that does not encode a term or a formula."""


def _plain(term: Term) -> bool:
    return not contains(term, Entry, Sum, Delta)


def encode_term(term: Term) -> Any:
    """Text where the grammar suffices, else a list."""
    if _plain(term):
        return text(term)
    parts = [encode_term(part) for part in children(term)]
    match term:
        case Neg():
            return ["neg", *parts]
        case Add():
            return ["+", *parts]
        case Mul():
            return ["*", *parts]
        case Div():
            return ["/", *parts]
        case Pow():
            return ["^", *parts]
        case Call(name=name):
            return ["call", name, *parts]
        case Entry(name=name):
            return ["entry", name, *parts]
        case Sum(var=var):
            return ["sum", parts[0], var, parts[1]]
        case Delta():
            return ["delta", *parts]
        case _:
            raise AssertionError("leaves are plain")


def encode_formula(formula: Formula) -> Any:
    """Text where the grammar suffices, else a list."""
    if all(_plain(rel.left) and _plain(rel.right) for rel in relations(formula)):
        return text(formula)
    match formula:
        case Rel(op=op, left=left, right=right):
            return [op, encode_term(left), encode_term(right)]
        case And(args=args):
            return ["and", *map(encode_formula, args)]
        case Or(args=args):
            return ["or", *map(encode_formula, args)]
        case Not(arg=arg):
            return ["not", encode_formula(arg)]


_MOST_PARSED = 10_000
"""Texts whose meaning is remembered: a certificate says the same thing in many places."""

_parsed_term = lru_cache(_MOST_PARSED)(parse_term)
_parsed_formula = lru_cache(_MOST_PARSED)(parse_formula)


def decode_term(data: object, depth: int = 0) -> Term:
    """The term that was encoded.

    Raises:
        CodecError: a list that encodes no term.
        ExpressionError: text that is not a term of the grammar.
    """
    if isinstance(data, str):
        return _parsed_term(data)
    if not isinstance(data, (list, tuple)) or not data or depth > MAX_DEPTH:
        raise CodecError("a term is text or a list")
    kind, rest = data[0], list(data[1:])
    if kind in ("call", "entry"):
        name = rest.pop(0) if rest else None
        if not isinstance(name, str) or not name.replace("_", "").isalnum() or not name.isascii():
            raise CodecError(f"{kind} needs a name")
        args = tuple(decode_term(item, depth + 1) for item in rest)
        if kind == "entry":
            return Entry(name, args)
        least, most = FUNCTIONS.get(name, (1, 0))
        if len(args) < least or (most is not None and len(args) > most):
            raise CodecError(f"no function {name} of {len(args)} arguments")
        return Call(name, args)
    if kind == "sum":
        if len(rest) != 3 or not isinstance(rest[1], str) or not rest[1].isidentifier():
            raise CodecError("a sum is [sum, body, index, size]")
        return Sum(decode_term(rest[0], depth + 1), rest[1], decode_term(rest[2], depth + 1))
    args = tuple(decode_term(item, depth + 1) for item in rest)
    match kind, args:
        case "neg", (arg,):
            return Neg(arg)
        case "+", (_, *_):
            return Add(args)
        case "*", (_, *_):
            return Mul(args)
        case "/", (top, bottom):
            return Div(top, bottom)
        case "^", (base, exponent):
            return Pow(base, exponent)
        case "delta", (left, right):
            return Delta(left, right)
        case _:
            raise CodecError(f"no term is encoded by {str(kind)[:40]!r}")


def decode_formula(data: object, depth: int = 0) -> Formula:
    """The formula that was encoded.

    Raises:
        CodecError: a list that encodes no formula.
        ExpressionError: text that is not a formula of the grammar.
    """
    if isinstance(data, str):
        return _parsed_formula(data)
    if not isinstance(data, (list, tuple)) or not data or depth > MAX_DEPTH:
        raise CodecError("a formula is text or a list")
    kind, rest = data[0], data[1:]
    if isinstance(kind, str) and kind in NEGATED and len(rest) == 2:
        return Rel(kind, decode_term(rest[0], depth + 1), decode_term(rest[1], depth + 1))
    parts = tuple(decode_formula(item, depth + 1) for item in rest) if kind != "not" else ()
    match kind:
        case "and":
            return And(parts)
        case "or":
            return Or(parts)
        case "not" if len(rest) == 1:
            return Not(decode_formula(rest[0], depth + 1))
        case _:
            raise CodecError(f"no formula is encoded by {str(kind)[:40]!r}")


def normal_term(term: Term) -> Term:
    """The term as it reads back from its encoding; reading it back again changes nothing."""
    return decode_term(encode_term(term))


@lru_cache(maxsize=20_000)
def normal_formula(formula: Formula) -> Formula:
    """The formula as it reads back from its encoding."""
    return nnf(decode_formula(encode_formula(formula)))
