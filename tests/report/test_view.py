"""What every form shows: groups, notices, one-line summaries."""

from __future__ import annotations

import msgspec
import pytest

from verify.engine.results import (
    Boundary,
    Claim,
    Counterexample,
    Document,
    Numeric,
    Result,
    StatementView,
    Tightness,
)
from verify.report import view

from .sample import document, small

RESULT = small().results[0]


def test_parts_are_grouped_by_statement() -> None:
    found = view.groups(document())
    assert len(found) == 27
    entries = next(group for group in found if group.id == "6.6")
    assert [part.id for part in entries.parts][:2] == ["6.6/1a", "6.6/1b"]
    assert entries.title == "Sparse tensor-product entries and their normalisation"
    assert (entries.claim, entries.proof) == ("refuted", "gap")
    assert next(group for group in found if group.id == "6.9").single


def test_a_group_without_a_heading_is_titled_by_what_its_parts_share() -> None:
    main = next(group for group in view.groups(document()) if group.id == "6.5")
    assert main.title == "Main result"


def test_attention_comes_in_order_of_weight() -> None:
    found = [notice.verdict for notice in view.attention(document())]
    assert found == ["refuted", "refuted", "vacuous", "error", "unknown"]


def test_equal_notices_are_one() -> None:
    gap = view.gaps(document())[0]
    assert gap.ids == ("6.6/3a", "6.6/4a", "6.14/3a", "6.14/4a")


def test_counterexample_in_one_line() -> None:
    found = Counterexample({"n": "3"}, left="1", right="2")
    assert view.at(found) == "n = 3 (left 1, right 2)"
    assert view.at(Counterexample({}, undefined="1/x")) == "every point, where 1/x is undefined"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1/3", "1/3"),
        ("98765432109876543210/271828182845904523536", "≈ 0.363338"),
        ("[0.2828427124746190097603377448 +/- 1e-29]", "≈ 0.282843"),
        ("a" * 30, "a" * 23 + "…"),
        ("1" * 40 + "/0", "1" * 23 + "…"),
    ],
)
def test_long_numbers_are_shortened_and_say_so(value: str, shown: str) -> None:
    assert view.short(value) == shown


def test_a_huge_exponent_is_not_expanded() -> None:
    assert view.approximate("1e999999999") is None


def test_tightness() -> None:
    def line(found: Tightness) -> str:
        claim = Claim("proved")
        return view.tightness(Result("x", "", "lemma", (), claim, tightness=found))

    assert line(Tightness()) == ""
    assert line(Tightness("0", "0", {"n": "2"}, True)) == (
        "over the whole domain the smallest margin is 0; attained; at n = 2"
    )
    assert line(Tightness("0", "1/9", None, False)) == (
        "over the whole domain the smallest margin lies in [0, 1/9]; not attained"
    )


def test_command_keeps_the_pack() -> None:
    original = small()
    for command, tail in (
        ("verify all", ""),
        ("verify all --pack mine", " --pack mine"),
        ("verify all --pack=mine", " --pack=mine"),
        ("verify all 'unbalanced", ""),
    ):
        run = msgspec.structs.replace(original.run, command=command)
        changed = msgspec.structs.replace(original, run=run)
        assert view.command(changed, RESULT) == f"python -m verify check amgm{tail}"


def test_command_quotes_ids() -> None:
    spoiled = msgspec.structs.replace(RESULT, id="a; rm -rf /")
    assert view.command(small(), spoiled) == "python -m verify check 'a; rm -rf /'"


def test_a_one_off_claim_is_run_again_as_one() -> None:
    statement = StatementView(where=("x > 0", "n >= 1"), holds="x*n > 0", variables={"n": "int"})
    result = msgspec.structs.replace(RESULT, statement=statement)
    assert view.command(small(), result) == (
        "python -m verify claim 'x*n > 0' --where 'x > 0' --where 'n >= 1' --int n"
    )


def test_an_error_says_what_failed() -> None:
    claim = Claim("error", explanation="the checker failed: ZeroDivisionError\nmore")
    result = msgspec.structs.replace(RESULT, claim=claim)
    assert view.why(result) == "the checker failed: ZeroDivisionError"


def test_plain_formulas() -> None:
    assert view.plain(r"for $\beta \ge \frac{1}{2}$ at $5") == "for β ≥ 1/2 at $5"


def test_printable_drops_what_steers_a_terminal() -> None:
    assert view.printable("a\x1b[31mb\nc\u202ed") == "a�[31mb\nc�d"


def test_duration() -> None:
    assert [view.duration(seconds) for seconds in (0, 0.44, 12, 200, 7500)] == [
        *("", "0.4 s", "12 s", "3 min 20 s", "2 h 5 min")
    ]


def test_axioms_name_who_rests_on_them() -> None:
    found = view.axioms(document())
    assert set(found) == {"3.3", "hoeffding"}
    assert "6.9" in found["hoeffding"]


def test_empty_document() -> None:
    empty = Document(1, document().tool, document().run, ())
    assert view.groups(empty) == ()
    assert view.attention(empty) == ()


def test_coverage_says_which_boundaries_were_not_reached() -> None:
    found = Numeric(
        boundaries=(
            Boundary("d >= 3", True, "0"),
            Boundary("s > 0", False, "1/1" + "0" * 30),
            Boundary("beta > 0", False),
        )
    )
    result = Result("1.1", "t", "lemma", (), Claim("proved"), numeric=found)
    assert view.coverage(result) == (
        "points on the boundary of 1 of 3 hypotheses; s > 0: nearest ≈ 1e-30; "
        "beta > 0: not approached"
    )
    assert view.coverage(msgspec.structs.replace(result, numeric=Numeric())) == ""


def test_an_approximation_is_not_called_equal() -> None:
    assert view.point({"n": "3", "s": "1/1" + "0" * 30}) == "n = 3, s ≈ 1e-30"


def test_numbers_that_could_not_be_had_are_said_to_be_missing() -> None:
    result = Result("1.1", "t", "lemma", (), Claim("proved"))
    assert view.numeric(result) == ""
    tried = msgspec.structs.replace(result, numeric=Numeric(digits=50))
    assert view.numeric(tried) == "nothing that could be evaluated at a point"
