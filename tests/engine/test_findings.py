"""Findings: ranked, grouped, and made from results alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from sympy import Rational

from verify.engine.coincidences import Coincidence, coincidences, in_words
from verify.engine.findings import paper_topics, with_findings
from verify.engine.results import (
    CitationResult,
    Claim,
    Counterexample,
    Mathematics,
    Necessity,
    Proof,
    Result,
    StatementView,
    StepResult,
    Tightness,
)
from verify.language.statement import Paper, Param, Statement
from verify.language.sympy_terms import ge, symbols

(x,) = symbols("x")
PARAM = Param(x, "a number", Rational(1), where=(ge(x, Rational(1, 10)),))


def paper(*names: str) -> Paper:
    return Paper(
        "p",
        "P",
        "",
        "",
        (),
        tuple(Statement(name, "A lemma", "theorem", "1", (PARAM,), ge(x, 0)) for name in names),
    )


def result(name: str, **fields: object) -> Result:
    claim = fields.pop("claim", Claim("proved"))
    return Result(name, "A lemma", "theorem", (), claim, **fields)  # type: ignore[arg-type]


def paper_findings(about: Paper, results: Sequence[Result]) -> list[str]:
    return [text for topic in paper_topics(about, results) for text in topic.findings]


def findings(*results: Result) -> list[str]:
    about = paper(*(item.id for item in results))
    return paper_findings(about, with_findings(about, results))


POINT = Counterexample({"x": "1/2"})


def test_what_is_wrong_comes_before_what_could_be_better() -> None:
    bad = CitationResult("1.1", "does not serve", "no")
    found = findings(
        result("1.1", necessity=(Necessity("x >= y", needed=False),)),
        result("2.1", tightness=Tightness(note="2/3 would do as well")),
        result("3.1", proof=Proof("gap", citations=(bad,))),
        result("4.1", claim=Claim("refuted", counterexample=POINT)),
        result("5.1", proof=Proof("gap", steps=(StepResult(1, "x >= 2", "refuted"),))),
    )
    assert [line.split(":")[0] for line in found] == ["4.1", "3.1", "5.1", "1.1", "2.1"]
    assert found[0] == "4.1: The claim fails at x = 1/2."


def test_the_same_finding_about_several_parts_is_said_once() -> None:
    needs = (Necessity("x >= y", needed=True, note="x >= y - 1 is enough"),)
    found = findings(result("1.1/1", necessity=needs), result("1.1/2", necessity=needs))
    assert found == ["1.1/1, 1.1/2: The hypothesis x >= y can be weakened: x >= y - 1 is enough."]


def test_a_hypothesis_that_one_part_needs_is_not_called_unneeded() -> None:
    free, bound = Necessity("x >= y", needed=False), Necessity("x >= y", needed=True)
    both = findings(result("1.1/1", necessity=(free,)), result("1.1/2", necessity=(bound,)))
    assert both == []
    unknown = Necessity("x >= y", needed=None)
    assert findings(result("1.1/1", necessity=(free,)), result("1.1/2", necessity=(unknown,))) == []
    none = findings(result("1.1/1", necessity=(free,)), result("1.1/2", necessity=(free,)))
    assert none == ["1.1: The hypothesis x >= y is not needed."]


def test_a_part_that_was_not_asked_is_not_said_to_do_without_a_hypothesis() -> None:
    (y,) = symbols("y")
    bounded = Param(y, "a number", Rational(1), where=(ge(y, Rational(1, 2)),))
    about = paper("1.1/1", "1.1/2")
    first, second = (item.but(params=(PARAM, bounded)) for item in about.statements)
    free = Necessity("y >= 1/2", needed=False)
    results = [result("1.1/1", necessity=(free,)), result("1.1/2")]
    both = replace(about, statements=(first, second))
    assert paper_findings(both, results) == ["1.1/1: The hypothesis y >= 1/2 is not needed."]
    # A part that does not have it has no say.
    one = replace(about, statements=(first, about.statements[1]))
    assert paper_findings(one, results) == ["1.1: The hypothesis y >= 1/2 is not needed."]


def test_of_a_lemma_that_was_checked_in_part_only_those_parts_are_spoken_of() -> None:
    free = (Necessity("x >= y", needed=False),)
    about = paper("1.1/1", "1.1/2", "1.1/3")
    some = [result("1.1/1", necessity=free), result("1.1/3", necessity=free)]
    assert paper_findings(about, some) == ["1.1/1, 1.1/3: The hypothesis x >= y is not needed."]


def test_domains_are_a_finding_of_the_paper_and_not_of_each_part() -> None:
    need = Necessity("x >= 1/10", needed=False, note="x > 0 is enough")
    about = paper("1.1/1")
    (found,) = with_findings(about, [result("1.1/1", necessity=(need,))])
    assert found.findings == ()
    assert paper_findings(about, [found]) == [
        "1.1: The hypothesis x >= 1/10 is not needed: x > 0 is enough."
    ]


def test_what_rests_on_a_chosen_value_says_so() -> None:
    wrong = msgspec.structs.replace(
        result("1.1", claim=Claim("refuted", counterexample=POINT)), tags=("T", "C")
    )
    (found,) = with_findings(paper("1.1"), [wrong])
    assert found.findings == (
        "The claim fails at x = 1/2 (this rests on a value that is chosen, not printed).",
    )


def test_constants_are_quoted_with_their_claim() -> None:
    view = StatementView(conclusion=Mathematics("f >= 1/2"))
    room = Tightness(best_constant="[1/2, 1001/2000]")
    (found,) = with_findings(paper("1.1"), [result("1.1", statement=view, tightness=room)])
    assert found.findings == (
        "The constant in f >= 1/2 cannot be improved by a thousandth: the best one lies in "
        "[1/2, 1001/2000].",
    )


def test_the_constant_of_a_probability_says_how_large_it_could_be() -> None:
    view = StatementView(conclusion=Mathematics("Pr[X >= 0] >= 1/10"))
    room = Tightness(best_constant="[1/8, 3/8]")
    (found,) = with_findings(paper("1.1"), [result("1.1", statement=view, tightness=room)])
    assert found.findings == (
        "The constant in Pr[X >= 0] >= 1/10 could be larger: the best one lies in [1/8, 3/8], "
        "its lower end is proved.",
    )


def certified(name: str, conclusion: str, *hypotheses: str) -> Result:
    certificate = {
        "version": 1,
        "hypotheses": list(hypotheses),
        "conclusion": conclusion,
        "integers": [],
        "theory": {"definitions": {}},
        "proof": {"rule": name},
    }
    return result(name, claim=Claim("proved", certificate=certificate))


def test_the_same_obligation_twice_is_a_coincidence() -> None:
    found = coincidences(
        [
            certified("1.1/1", "x >= 0", "x >= 1", "y >= 1"),
            certified("1.1/2", "y >= 0", "x >= 1"),
            certified("2.1/1", "x >= 0", "y >= 1", "x >= 1"),
            certified("2.1/2", "y >= 0", "x >= 1"),
        ]
    )
    assert found == (
        Coincidence("1.1/1", "2.1/1", equal=True),
        Coincidence("1.1/2", "2.1/2", equal=True),
    )
    assert in_words(found) == ("2.1/1, 2.1/2 say the same as 1.1/1, 1.1/2, in this order.",)


def test_fewer_hypotheses_imply_more() -> None:
    weak = certified("1.1", "x >= 0", "x >= 1")
    strong = certified("2.1", "x >= 0", "x >= 1", "y > 0")
    for order in ((weak, strong), (strong, weak)):
        assert coincidences(order) == (Coincidence("1.1", "2.1", equal=False),)
    assert coincidences([certified("1.1", "x >= 0"), certified("2.1", "x > 0")]) == ()


def test_what_is_not_proved_coincides_with_nothing() -> None:
    same = certified("2.1", "x >= 0")
    refuted = msgspec.structs.replace(same, claim=Claim("refuted"))
    assert coincidences([certified("1.1", "x >= 0"), refuted]) == ()
