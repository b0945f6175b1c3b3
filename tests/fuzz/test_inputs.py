"""Hostile input: what is read from outside is taken or refused, and nothing else happens."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.mutations import (
    CLAIMS,
    KINDS,
    LINES,
    RESULTS,
    TOKENS,
    check_claims_file,
    check_expression,
    check_results,
    fuzz,
)
from verify.engine import results as schema
from verify.engine.claims import ClaimError, ClaimText
from verify.language.grammar import ExpressionError, parse_formula, parse_term


@settings(derandomize=True, max_examples=500, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(TOKENS), st.text(max_size=3)), max_size=12).map("".join))
def test_expressions(source: str) -> None:
    check_expression(source)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_files_of_noise(data: bytes) -> None:
    assert not check_results(data)
    check_claims_file(data, ".toml")
    check_claims_file(data, ".jsonl")


@pytest.mark.parametrize(("kind", "count"), [
    ("expression", 500), ("results", 400), ("toml", 200), ("lines", 200),
])  # fmt: skip
def test_mutations(kind: str, count: int) -> None:
    fuzz(kind, 1, range(count))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_mutations(kind: str) -> None:
    fuzz(kind, 2, range(25_000))


def test_the_good_files_are_taken() -> None:
    assert check_results(RESULTS)
    assert check_claims_file(CLAIMS, ".toml")
    assert check_claims_file(LINES, ".jsonl")
    assert check_expression("x + 1 >= 2")


@pytest.mark.parametrize(
    "source",
    [
        "(" * 300 + "x" + ")" * 300 + " >= 0",
        "+".join(["x"] * 30_000) + " >= 0",
        " and ".join(f"a{n} > 0" for n in range(900)),
        "9" * 1_000 + " > x",
        "-" * 300 + "x > 0",
        "max(" + ",".join(["x"] * 5_000) + ") >= x",
    ],
    ids=lambda source: source[:8],
)
def test_large_input_within_the_limits_is_taken(source: str) -> None:
    assert check_expression(source)


@pytest.mark.parametrize(
    "source",
    [
        "(" * 100_000,
        "x" * 100_000,
        "-" * 2_000,
        "9" * 100_000 + " > 0",
        "2^2^2^2^2^2^2 > 0",
        "10^10^10 > 0",
        "1e999999999 > 0",
        "+".join(f"a{n}" for n in range(20_000)) + " > 0",
        "x" + "^x" * 5_000 + " > 0",
        "not " * 50_000 + "x > 0",
    ],
    ids=lambda source: source[:8],
)
def test_input_beyond_the_limits_is_refused(source: str) -> None:
    with pytest.raises(ExpressionError):
        parse_formula(source)


@pytest.mark.parametrize(
    "source", ["exec('x')", "x.__class__", "open('f')", "x if x else 1", "lambda: x", "[x]", "x;y"]
)
def test_nothing_is_executed(source: str) -> None:
    with pytest.raises(ExpressionError):
        parse_term(source)
    with pytest.raises(ClaimError):
        ClaimText("a", (), source, {}).parsed()


@pytest.mark.parametrize("deep", [b"[", b'{"a":'])
def test_deep_nesting_is_refused(deep: bytes) -> None:
    with pytest.raises(schema.ResultsError):
        schema.decode(deep * 1_000_000)
