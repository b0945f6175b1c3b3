"""Seeded hostile inputs: expressions, results files and claims files, mutated from good ones.

Every input is determined by a kind, a seed and a number, so that a failure is named by them.
"""

from __future__ import annotations

import random
import re
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from verify.engine import results as schema
from verify.engine.claims import ClaimError
from verify.engine.claims_file import BadRecord, read_claims
from verify.engine.recheck import recheck_document
from verify.language.grammar import ExpressionError, parse_formula, parse_term
from verify.language.render import text
from verify.report.diff import diff
from verify.report.junit import junit
from verify.report.markdown import markdown

SECONDS = 20.0
"""No input may take longer, on a machine that is busy with other things."""

RESULTS = (Path(__file__).parents[1] / "fixtures" / "results-1.json").read_bytes()
CLAIMS = (
    b'[[claim]]\nid = "a"\nwhere = ["x > 0", "n >= 1"]\nholds = "x + 1/x >= 2 - 1/n"\n'
    b'vars = { n = "int" }\n\n[[claim]]\nid = "b"\nwhere = []\nholds = "exp(x) >= 1 + x"\n'
)
LINES = (
    b'{"id": "a", "where": ["x > 0"], "holds": "x + 1/x >= 2"}\n'
    b'{"id": "b", "where": [], "holds": "x^2 >= 0", "vars": {"x": "int"}}\n'
)
TOKENS = (
    *("x", "y", "n", "1", "2", "0", "e", "pi", "+", "-", "*", "/", "^", "(", ")", ",", "."),
    *("**", ">=", "<=", ">", "<", "==", "!=", " and ", " or ", " not ", "exp(", "log(", "sqrt("),
    *("abs(", "min(", "max(", "floor(", "tanh("),
    *("1/3", "0.5", ".5", "5.", "1e5", "1e-9", "1e3000", "1e9999", "1e99999"),
    *("10^3000", "10^5000", "00", "0^0", "1/0"),
    *("9" * 1000, "x^" * 50, "(" * 301, "-" * 301, "2^2^2^2^2", "10^10^10", "x" * 201),
    *(" ", "\n", "\t", "\0", "'", '"', "\\", "$", "#", ";", "=", "[", "]", "{", "}", "≥", "−"),
    *("lambda", "__import__('os')", "x.y", "x if y else z", "x_1", "_", "é", "ⅷ", "²", "٣", "🙂"),
)
LEAVES = ("x", "y", "n", "0", "1", "2", "1/3", "0.5", "pi", "e", "1e-9", "9" * 1000)
LEAVES = ("x", "y", "n", "0", "1", "2", "1/3", "0.5", "pi", "e", "1e-9", "9" * 1000)
GOOD = tuple(re.split(" ", "( x + 1 / y ) ^ 2 >= - n * sqrt( x ) and 0 < y <= 1/3"))
VALUES = (
    *(b"null", b"true", b"[]", b"{}", b'""', b"0", b"-1", b"1e999", b"-0.0", b"NaN", b"Infinity"),
    *(b'"\\u0000"', b'"\\ud800"', b"9" * 5000, b"[" * 2000, b'{"a":' * 2000, b'"1/0"', b'"x"'),
    *(b'"proved"', b'"given"', b'"refute"', b'"all"', b"\xff", b"\xef\xbb\xbf", b'"rule"', b"0.5"),
)


def expression(seed: int, number: int) -> str:
    """A soup of tokens, or a good expression with a few of them thrown in."""
    source = random.Random(f"expression:{seed}:{number}")
    if source.random() < 0.5:
        return "".join(source.choice(TOKENS) for _ in range(source.randint(1, 12)))
    good = [source.choice(LEAVES) if token in LEAVES else token for token in GOOD]
    if source.random() < 0.3:
        return " ".join(good)
    for _ in range(source.randint(1, 3)):
        good.insert(source.randrange(len(good) + 1), source.choice(TOKENS))
        if source.random() < 0.5:
            del good[source.randrange(len(good))]
    return source.choice((" ", "")).join(good)


def damaged(good: bytes, kind: str, seed: int, number: int) -> bytes:
    """A file with bytes changed, cut, doubled, or replaced by hostile values."""
    source = random.Random(f"{kind}:{seed}:{number}")
    data = bytearray(good)
    for _ in range(source.choice((1, 1, 1, 2, 5))):
        at = source.randrange(len(data) + 1)
        size = source.choice((1, 1, 4, 20, 200))
        match source.randrange(6):
            case 0:
                data[at : at + 1] = bytes([source.randrange(256)])
            case 1:
                del data[at : at + size]
            case 2:
                data[at:at] = data[at : at + size]
            case 3:
                start, end = _value(data, source)
                data[start:end] = source.choice(VALUES)
            case 4:
                start, end = _value(data, source)
                first, last = _value(data, source)
                data[start:end] = data[first:last]
            case _:
                del data[at:]
    return bytes(data)


def _value(data: bytearray, source: random.Random) -> tuple[int, int]:
    """The span of some value: between a colon, comma or bracket and the next one."""
    at = source.randrange(len(data) + 1)
    start = max(data.find(mark, at) for mark in (b": ", b"["))
    if start < 0:
        return at, at
    start += 1
    ends = [end for mark in (b",", b"]", b"}", b"\n") if (end := data.find(mark, start)) >= 0]
    return start, min(ends, default=len(data))


def check_expression(source: str) -> bool:
    """The parser takes a text or refuses it with a place; returns whether it took it."""
    try:
        parse_term(source)
    except ExpressionError as error:
        _require_place(error, source)
    try:
        item = parse_formula(source)
    except ExpressionError as error:
        _require_place(error, source)
        return False
    assert parse_formula(text(item)) == item
    return True


def _require_place(error: ExpressionError, source: str) -> None:
    assert 0 <= error.column <= len(source)
    assert error.pointed().count("\n") == 2


def check_results(data: bytes) -> bool:
    """A results file is read or refused, its certificates are accepted or refused."""
    try:
        document = schema.decode(data)
    except schema.ResultsError:
        return False
    recheck_document(document)
    diff(document, document)
    junit(document)
    markdown(document)
    return True


def check_claims_file(data: bytes, suffix: str) -> bool:
    """A claims file is read or refused; its claims are readable, or say what is wrong."""
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(data)
        file.flush()
        try:
            records = read_claims(Path(file.name))
        except ClaimError:
            return False
    for record in records:
        if isinstance(record, BadRecord):
            assert record.message
        else:
            record.parsed()
    return True


def fuzz(kind: str, seed: int, numbers: range) -> int:
    """Try inputs of one kind; returns how many were taken.

    Raises:
        AssertionError: one did something else than to be taken or refused; says which.
    """
    taken = 0
    for number in numbers:
        try:
            with _limited():
                taken += _tried(kind, seed, number)
        except Exception as error:
            raise AssertionError(f"{kind} {seed}:{number}: {error!r}") from error
    return taken


KINDS = ("expression", "results", "toml", "lines")


def _tried(kind: str, seed: int, number: int) -> bool:
    if kind == "expression":
        return check_expression(expression(seed, number))
    if kind == "results":
        return check_results(damaged(RESULTS, kind, seed, number))
    good, suffix = (CLAIMS, ".toml") if kind == "toml" else (LINES, ".jsonl")
    return check_claims_file(damaged(good, kind, seed, number), suffix)


@contextmanager
def _limited() -> Iterator[None]:
    def stop(*_: object) -> NoReturn:
        raise TimeoutError(f"it took more than {SECONDS:g} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
