"""The expression grammar: text to terms and formulas, parsed and never evaluated.

Numbers (integers and decimals, exact), names, ``+ - * / ** ^``, parentheses, the functions of
:data:`verify.language.term.FUNCTIONS`, the constants ``pi`` and ``e``, relations and chains of
them, ``and or not``.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Collection
from fractions import Fraction
from typing import NamedTuple, NoReturn

from verify.language.term import (
    FORMULAS,
    FUNCTIONS,
    Add,
    Call,
    Const,
    Div,
    Formula,
    Mul,
    Neg,
    Not,
    Num,
    Pow,
    Rel,
    RelOp,
    Sym,
    Term,
    children,
    conj,
    disj,
)

MAX_LENGTH = 200_000
MAX_DEPTH = 400
MAX_DIGITS = 4_000
MAX_NAME = 200
MAX_NAMES = 1_000
# A folded power is written out with at most MAX_DIGITS digits, so that it can be read back.
MAX_POWER_BITS = 13_000

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4}(?![0-9A-Za-z_]))?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<op>\*\*|>=|<=|==|!=|[-+*/^(),<>]))"
)
_RELATIONS: dict[str, RelOp] = {op: op for op in (">=", "<=", ">", "<", "==", "!=")}
_KEYWORDS = ("and", "or", "not")
CONSTANTS = ("pi", "e")
_TURNED = {"=>": "write >=", "=<": "write <="}
_NO_REMAINDER = "remainders (mod) are outside the grammar"
_NO_FACTORIAL = "factorials are outside the grammar"
_ELSEWHERE = {
    "ln": "did you mean log?",
    "cbrt": "write x^(1/3)",
    "cot": "write cos(x)/sin(x)",
    "sec": "write 1/cos(x)",
    "csc": "write 1/sin(x)",
    "mod": _NO_REMAINDER,
    "factorial": _NO_FACTORIAL,
}
"""What other languages call functions, and what to write here."""

_HINTS = {
    "=": "write == for equality",
    "&": "write and",
    "|": "write or, or abs(x) for an absolute value",
    "!": "write not, or != for inequality",
    "≥": "write >=",
    "≤": "write <=",
    "≠": "write !=",
    "[": "write parentheses",
    "{": "write parentheses",
    "%": _NO_REMAINDER,
    "−": "write an ASCII minus sign",
    "·": "write *",
    "×": "write *",
    "π": "write pi",
    "√": "write sqrt(x)",
}

_OR, _AND, _NOT, _REL, _SUM, _PRODUCT, _UNARY, _POWER = range(1, 9)


class ExpressionError(ValueError):
    """Text that is not an expression of the grammar: what is wrong, and where."""

    def __init__(self, message: str, text: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.column = column

    def pointed(self, width: int = 72) -> str:
        """The message with the offending part of the text and a caret under the column."""
        return f"column {self.column + 1}: {self.message}\n{self.picture(width)}"

    def picture(self, width: int = 72) -> str:
        """The offending part of the text, and a caret under the column."""
        start = max(0, self.column - width // 2)
        shown = "".join(ch if ch.isprintable() else " " for ch in self.text[start : start + width])
        caret = " " * (self.column - start) + "^"
        return f"  {shown}\n  {caret}"


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


def parse_formula(text: str) -> Formula:
    """Parse a relation, a chain of relations, or a combination with ``and``, ``or``, ``not``.

    Raises:
        ExpressionError: the text is not a formula of the grammar, or exceeds a stated limit.
    """
    parser = _Parser(text)
    result = parser.whole()
    if not _is_formula(result):
        parser.fail("a relation was expected, such as >= or ==", len(text.rstrip()))
    return result  # type: ignore[return-value]


def parse_term(text: str) -> Term:
    """Parse an arithmetic expression.

    Raises:
        ExpressionError: the text is not a term of the grammar, or exceeds a stated limit.
    """
    parser = _Parser(text)
    result = parser.whole()
    if _is_formula(result):
        parser.fail("a number or an expression was expected, not a relation", 0)
    return result  # type: ignore[return-value]


def naming(text: str, names: Collection[str]) -> ExpressionError:
    """The first place in a text of the grammar at which one of some names stands."""
    tokens = _Parser(text).tokens
    column = next((token.column for token in tokens if token.text in names), 0)
    return ExpressionError("this name has no value", text, column)


def is_variable(word: str) -> bool:
    """Whether the grammar takes a word for the name of a variable."""
    token = _TOKEN.fullmatch(word)
    taken = word in _KEYWORDS or word in FUNCTIONS or word in CONSTANTS
    return token is not None and token.group("name") == word and not taken


def _is_formula(item: Term | Formula) -> bool:
    return isinstance(item, FORMULAS)


class _Parser:
    """Precedence climbing over a list of tokens; terms and formulas share one ladder."""

    def __init__(self, text: str) -> None:
        # Each level of nesting costs two Python frames here and a few in whatever walks the
        # result; the depth limit keeps both far below this.
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 20_000))
        # Numbers have a limit of their own here; what is computed from them may be printed whole.
        sys.set_int_max_str_digits(0)
        self.text = text
        if len(text) > MAX_LENGTH:
            self.fail(
                f"the expression has {len(text)} characters; at most {MAX_LENGTH} are accepted",
                MAX_LENGTH,
            )
        self.names: set[str] = set()
        self.tokens = self._tokens()
        self.position = 0
        self.depth = 0
        self.operators = 0

    def fail(self, message: str, column: int) -> NoReturn:
        raise ExpressionError(message, self.text, min(column, len(self.text)))

    def _tokens(self) -> list[_Token]:
        tokens: list[_Token] = []
        position = 0
        end = len(self.text.rstrip())
        depth = 0
        while position < end:
            match = _TOKEN.match(self.text, position)
            if match is None:
                column = position + len(self.text[position:]) - len(self.text[position:].lstrip())
                self._unexpected_character(column)
            kind = match.lastgroup or "op"
            column = match.start(kind)
            token = _Token(kind, match.group(kind), column)
            if token.text == "(":
                depth += 1
                if depth > MAX_DEPTH:
                    self.fail(f"nested deeper than {MAX_DEPTH} levels", column)
            elif token.text == ")":
                depth -= 1
                if depth < 0:
                    self.fail("this closing bracket has no opening one", column)
            self._check_token(token)
            tokens.append(token)
            position = match.end()
        tokens.append(_Token("end", "", end))
        return tokens

    def _unexpected_character(self, column: int) -> NoReturn:
        character = self.text[column]
        hint = _TURNED.get(self.text[column : column + 2], _HINTS.get(character))
        if character == "!" and re.search(r"[\w.)]\s*$", self.text[:column]):
            hint = _NO_FACTORIAL
        name = f"{character!r}" if character.isprintable() else f"U+{ord(character):04X}"
        if hint is None and ord(character) > 127:
            hint = "only ASCII letters, digits and the operators of the grammar are accepted"
        self.fail(f"unexpected character {name}" + (f": {hint}" if hint else ""), column)

    def _check_token(self, token: _Token) -> None:
        if token.kind == "name" and token.text not in _KEYWORDS:
            if len(token.text) > MAX_NAME:
                self.fail(f"a name has at most {MAX_NAME} characters", token.column)
            self.names.add(token.text)
            if len(self.names) > MAX_NAMES:
                self.fail(f"more than {MAX_NAMES} different names", token.column)
        elif token.kind == "number":
            digits, _, exponent = token.text.lower().partition("e")
            if len(digits) + abs(int(exponent or 0)) > MAX_DIGITS:
                self.fail(f"a number has at most {MAX_DIGITS} digits", token.column)

    @property
    def current(self) -> _Token:
        return self.tokens[self.position]

    def advance(self) -> _Token:
        token = self.tokens[self.position]
        self.position += 1
        return token

    def whole(self) -> Term | Formula:
        if self.current.kind == "end":
            self.fail("an expression was expected, but the text is empty", 0)
        result = self.expression(0)
        token = self.current
        if token.kind != "end":
            if token.kind in ("name", "number") or token.text == "(":
                self.fail("an operator was expected here (write * for a product)", token.column)
            self.fail(f"an operator or the end was expected, not {token.text!r}", token.column)
        return result

    def descend(self, token: _Token) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"nested deeper than {MAX_DEPTH} levels", token.column)

    def operand(self, least: int, token: _Token) -> Term | Formula:
        """What an operator applies to. A bracket that it stands before is one level with it."""
        alone = self.current.text != "("
        self.operators += 1
        if self.operators > MAX_DEPTH:
            self.fail(f"nested deeper than {MAX_DEPTH} levels", token.column)
        if alone:
            self.descend(token)
        inner = self.expression(least)
        self.operators -= 1
        self.depth -= alone
        return inner

    def expression(self, least: int) -> Term | Formula:
        left = self.prefix(least)
        while True:
            token = self.current
            if token.text == "or" and least <= _OR:
                left = self.chain_logic("or", _OR, left, token)
            elif token.text == "and" and least <= _AND:
                left = self.chain_logic("and", _AND, left, token)
            elif token.text in _RELATIONS and least <= _REL:
                left = self.chain_relations(left, token)
            elif token.text in ("+", "-") and token.kind == "op" and least <= _SUM:
                left = self.chain_sum(self.term(left, token))
            elif token.text in ("*", "/") and token.kind == "op" and least <= _PRODUCT:
                left = self.chain_product(self.term(left, token))
            elif token.text in ("**", "^") and least <= _POWER:
                left = self.power(self.term(left, token))
            else:
                return left

    def prefix(self, least: int) -> Term | Formula:
        token = self.advance()
        if token.kind == "number":
            return Num(Fraction(token.text))
        if token.text == "not":
            return self.negation(token, least)
        if token.text in ("-", "+") and token.kind == "op":
            return self.sign(token)
        if token.kind == "name" and token.text not in _KEYWORDS:
            return self.name(token)
        if token.text == "(":
            self.descend(token)
            inner = self.expression(0)
            self.close(token)
            self.depth -= 1
            return inner
        if token.kind == "end":
            self.fail(
                "the expression ends here, but a number, a name or ( was expected", token.column
            )
        self.fail(f"a number, a name or ( was expected, not {token.text!r}", token.column)

    def close(self, opening: _Token) -> None:
        token = self.current
        if token.text == ")":
            self.advance()
        elif token.kind == "end":
            self.fail("this bracket is never closed", opening.column)
        elif token.kind in ("name", "number") or token.text == "(":
            self.fail("an operator was expected here (write * for a product)", token.column)
        else:
            self.fail(f"an operator or ) was expected, not {token.text!r}", token.column)

    def negation(self, token: _Token, least: int) -> Formula:
        if least > _NOT:
            self.fail("not must stand before a whole relation: use brackets", token.column)
        return Not(self.formula(self.operand(_NOT, token), token))

    def sign(self, token: _Token) -> Term:
        negative = token.text == "-"
        while self.current.kind == "op" and self.current.text in ("-", "+"):
            negative ^= self.advance().text == "-"
        inner = self.term(self.operand(_UNARY, token), token)
        if not negative:
            return inner
        return Num(-inner.value) if isinstance(inner, Num) else Neg(inner)

    def name(self, token: _Token) -> Term:
        if self.current.text == "(":
            return self.call(token)
        if token.text in CONSTANTS:
            return Const(token.text)  # type: ignore[arg-type]
        if token.text in FUNCTIONS:
            self.fail(f"{token.text} is a function: write {token.text}(..)", token.column)
        return Sym(token.text)

    def call(self, token: _Token) -> Term:
        if token.text not in FUNCTIONS:
            close = difflib.get_close_matches(token.text[:40], FUNCTIONS, 1)
            hint = f"did you mean {close[0]}?" if close else "write * for a product"
            hint = _ELSEWHERE.get(token.text, hint)
            shown = token.text if len(token.text) <= 40 else token.text[:37] + "..."
            self.fail(f"{shown} is not a function that the grammar knows: {hint}", token.column)
        opening = self.advance()
        self.descend(opening)
        args = [self.term(self.expression(_SUM), opening)]
        while self.current.text == ",":
            self.advance()
            args.append(self.term(self.expression(_SUM), opening))
        self.close(opening)
        self.depth -= 1
        least, most = FUNCTIONS[token.text]
        if len(args) < least or (most is not None and len(args) > most):
            wanted = str(least) if least == most else f"at least {least}"
            self.fail(f"{token.text} takes {wanted} argument(s), got {len(args)}", token.column)
        return Call(token.text, tuple(args))

    def term(self, item: Term | Formula, token: _Token) -> Term:
        if isinstance(item, FORMULAS):
            self.fail("a number was expected on this side, not a relation", token.column)
        return item

    def formula(self, item: Term | Formula, token: _Token) -> Formula:
        if isinstance(item, FORMULAS):
            return item
        self.fail(
            f"{token.text} joins relations, but there is only a number beside it", token.column
        )

    def chain_logic(self, word: str, level: int, left: Term | Formula, token: _Token) -> Formula:
        parts = [self.formula(left, token)]
        while self.current.text == word:
            token = self.advance()
            parts.append(self.formula(self.expression(level + 1), token))
        return conj(*parts) if word == "and" else disj(*parts)

    def chain_relations(self, left: Term | Formula, token: _Token) -> Formula:
        parts: list[Formula] = []
        side = self.term(left, token)
        while self.current.text in _RELATIONS:
            token = self.advance()
            following = self.term(self.expression(_SUM), token)
            parts.append(Rel(_RELATIONS[token.text], side, following))
            side = following
        return conj(*parts)

    def chain_sum(self, left: Term) -> Term:
        parts: list[Term] = list(left.args) if isinstance(left, Add) else [left]
        while self.current.kind == "op" and self.current.text in ("+", "-"):
            token = self.advance()
            following = self.term(self.expression(_PRODUCT), token)
            parts.append(following if token.text == "+" else Neg(following))
        return Add(tuple(parts))

    def chain_product(self, left: Term) -> Term:
        while self.current.kind == "op" and self.current.text in ("*", "/"):
            token = self.advance()
            following = self.term(self.expression(_UNARY), token)
            if token.text == "/":
                left = self.quotient(left, following)
            elif isinstance(left, Mul):
                left = Mul((*left.args, following))
            else:
                left = Mul((left, following))
            if self.current.text == "/" or token.text == "/":
                self.guard_depth(left, token)
        return left

    def quotient(self, top: Term, bottom: Term) -> Term:
        if isinstance(top, Num) and isinstance(bottom, Num) and bottom.value:
            return Num(top.value / bottom.value)
        return Div(top, bottom)

    def guard_depth(self, term: Term, token: _Token) -> None:
        # x/x/x/.. nests to the left without a bracket; it counts towards the depth all the same.
        depth = 0
        while isinstance(term, Div):
            term, depth = term.num, depth + 1
            if isinstance(term, Mul):
                term = children(term)[0]
        if depth > MAX_DEPTH:
            self.fail(f"nested deeper than {MAX_DEPTH} levels", token.column)

    def power(self, base: Term) -> Term:
        token = self.advance()
        exponent = self.term(self.operand(_UNARY, token), token)
        return self.folded_power(base, exponent, token)

    def folded_power(self, base: Term, exponent: Term, token: _Token) -> Term:
        """Fold a constant integer power, so that towers such as 2**10**10 meet a limit here."""
        if not (isinstance(base, Num) and isinstance(exponent, Num)):
            return Pow(base, exponent)
        value = exponent.value
        size = max(base.value.numerator.bit_length(), base.value.denominator.bit_length())
        if size > 1 and abs(value) * size > MAX_POWER_BITS:
            self.fail("this power has more digits than can be handled exactly", token.column)
        if value.denominator != 1 or (value < 0 and not base.value):
            return Pow(base, exponent)
        return Num(base.value ** int(value))
