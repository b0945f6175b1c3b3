"""What changed between two runs."""

from __future__ import annotations

import msgspec

from verify.engine.results import Claim, Document, Proof
from verify.report import diff

from .sample import small


def changed(original: Document, identifier: str, **fields: object) -> Document:
    results = tuple(
        msgspec.structs.replace(result, **fields) if result.id == identifier else result
        for result in original.results
    )
    return msgspec.structs.replace(original, results=results)


def test_nothing_changed() -> None:
    found = diff(small(), small())
    assert not found
    assert found.lines() == ("nothing changed", "3 results unchanged")


def test_better_and_worse() -> None:
    new = changed(small(), "open", claim=Claim("proved"))
    new = changed(new, "amgm", claim=Claim("refuted"), proof=Proof("gap"))
    found = diff(small(), new)
    assert [change.words() for change in found.better] == ["open: claim proved, was unknown"]
    assert [change.words() for change in found.worse] == [
        "amgm: claim refuted, was proved",
        "amgm: printed proof gap, was none given",
    ]
    assert found.same == 1
    assert found.lines()[0] == "worse   amgm: claim refuted, was proved"


def test_new_and_gone() -> None:
    fewer = msgspec.structs.replace(small(), results=small().results[1:])
    assert diff(small(), fewer).gone == ("amgm",)
    assert diff(fewer, small()).new == ("amgm",)
    assert "new     amgm" in diff(fewer, small()).lines()


def test_findings() -> None:
    new = changed(small(), "open", findings=("holds from n = 9",))
    assert diff(small(), new).new_findings == (("open", "holds from n = 9"),)
    assert diff(new, small()).lines()[0] == "no more open: holds from n = 9"


def test_an_error_is_worse_than_anything() -> None:
    assert diff(small(), changed(small(), "wrong", claim=Claim("error"))).worse
