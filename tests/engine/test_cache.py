"""The cache: kept between runs, shared by processes, never believed, and set aside when broken."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sympy import Symbol

from verify import cli
from verify.engine import recall as recalling
from verify.engine import results as schema
from verify.engine.cache import FILE, Cache, folder
from verify.engine.claims import ClaimText, check_claims
from verify.engine.keys import Keys, Memory
from verify.engine.recall import recall, scope, settled, statement_key, still_right
from verify.engine.results import CitationResult
from verify.engine.run import Settings, run
from verify.engine.statements import check_statement
from verify.kernel.poly import Refused
from verify.language.statement import (
    FiniteSpace,
    Hypothesis,
    Paper,
    Param,
    PrintedProof,
    Statement,
    Step,
    TailBound,
)
from verify.language.sympy_terms import ge, le

X = Symbol("x", real=True)


def _statement(name: str, claim: object, uses: tuple[str, ...] = ()) -> Statement:
    return Statement(
        id=name,
        title="a claim",
        kind="lemma",
        section="1",
        params=(Param(X, "a number", 2),),
        hypotheses=(Hypothesis(X >= 1),),
        conclusion=claim,
        uses=uses,
    )


def _paper(*statements: Statement) -> Paper:
    return Paper("p", "P", "A", "s", (), statements)


RUN = Keys(5.0, 0, "quick")
"""The keys of a run with five seconds and otherwise default settings."""
TRUE, FALSE = _statement("1.1", X * X >= 1), _statement("1.2", X * X >= 2)


@pytest.fixture(name="cache")
def _cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def test_values_come_back_in_another_process(cache: Cache) -> None:
    cache.put("a", b"one", settled=True)
    cache.put("b", b"two", settled=False)
    code = (
        "from pathlib import Path; from verify.engine.cache import Cache;"
        f"c = Cache(Path({str(cache.path.parent)!r}));"
        "print(c.get('a').value, c.get('a').settled, c.get('b').settled, c.get('c'))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["b'one'", "True", "False", "None"]
    assert cache.info().entries == 2
    assert cache.clear() == 2
    assert cache.get("a") is None


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("VERIFY_CACHE_DIR", raising=False)
    assert folder() == tmp_path / "verify"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert folder() == Path.home() / ".cache" / "verify"
    monkeypatch.setenv("VERIFY_CACHE_DIR", str(tmp_path / "own"))
    assert folder() == tmp_path / "own"


@pytest.mark.parametrize("damage", ["text", "cut", "zeros", "foreign"])
def test_a_broken_or_foreign_file_is_set_aside(cache: Cache, damage: str) -> None:
    for number in range(200):
        cache.put(str(number), b"x" * 1000, settled=True)
    cache.close()
    data = cache.path.read_bytes()
    if damage == "foreign":
        cache.path.unlink()
        other = sqlite3.connect(cache.path)
        other.execute("CREATE TABLE notes (text)")
        other.commit()
        other.close()
    else:
        broken = {"text": b"not a database" * 100, "cut": data[:5000], "zeros": bytes(len(data))}
        cache.path.write_bytes(broken[damage])
    again = Cache(cache.path.parent)
    assert again.get("7") is None or again.get("7") == cache.get("7")
    again.put("7", b"new", settled=True)
    entry = again.get("7")
    assert again.problem is None
    assert entry is not None
    assert entry.value == b"new"
    if damage != "zeros":
        # A file of zeros is an empty database to SQLite.
        assert (cache.path.parent / f"{FILE}.corrupt-1").exists()


def test_a_changed_value_is_dropped(cache: Cache) -> None:
    cache.put("a", b"one", settled=True)
    cache.close()
    other = sqlite3.connect(cache.path)
    other.execute("UPDATE entry SET value = ?", (b"two",))
    other.commit()
    other.close()
    assert cache.get("a") is None
    assert cache.info().entries == 0


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file" / "inside")
    cache.put("a", b"one", settled=True)
    assert cache.get("a") is None
    assert cache.problem is not None


def _write_many(place: Path, name: str, count: int) -> None:
    cache = Cache(place)
    for number in range(count):
        cache.put(f"{name}{number}", b"x" * 2000, settled=True)
    assert cache.problem is None


def test_several_processes_write_at_once(cache: Cache) -> None:
    context = multiprocessing.get_context("fork")
    place = cache.path.parent
    writers = [context.Process(target=_write_many, args=(place, n, 60)) for n in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert cache.info().entries == 240


def test_a_kill_at_any_moment_leaves_a_whole_cache(cache: Cache) -> None:
    context = multiprocessing.get_context("fork")
    for wait in (0.01, 0.03, 0.05, 0.08):
        writer = context.Process(target=_write_many, args=(cache.path.parent, "k", 100_000))
        writer.start()
        time.sleep(wait)
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
    check = Cache(cache.path.parent)
    check.put("after", b"all", settled=True)
    assert check.get("after") is not None
    assert check.problem is None
    assert not list(cache.path.parent.glob("*.corrupt-*"))


def _checked(paper: Paper, cache: Cache | None, resume: bool = False) -> tuple[schema.Result, ...]:
    settings = Settings(5.0, 0, 1, "test", cache, resume)
    return run(paper, paper.statements, settings, lambda _: None).results


def test_the_second_run_takes_the_results_of_the_first(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = _paper(TRUE, FALSE)
    first = _checked(paper, cache)
    assert [result.claim.verdict for result in first] == ["proved", "refuted"]

    def never(*_: object) -> bytes:
        raise AssertionError("computed again")

    monkeypatch.setattr("verify.engine.run._checked", never)
    assert _checked(paper, cache) == first
    done: list[str] = []
    settings = Settings(5.0, 0, 1, "test", cache)
    run(paper, paper.statements, settings, lambda r: done.append(r.id), lambda: done.append("own"))
    assert done == ["own", "1.1", "1.2"]
    changed = _paper(TRUE, replace(FALSE, conclusion=X * X >= 3))
    assert [result.claim.verdict for result in _checked(changed, cache)] == ["proved", "error"]


def _forged(result: schema.Result, **changes: object) -> bytes:
    claim = msgspec.structs.replace(result.claim, **changes)
    return msgspec.json.encode(msgspec.structs.replace(result, claim=claim))


def test_a_forged_proof_is_not_believed(cache: Cache) -> None:
    paper = _paper(TRUE, FALSE)
    true, false = (check_statement(paper, item, 5.0, 0) for item in paper.statements)
    stolen = _forged(false, verdict="proved", certificate=true.claim.certificate)
    key = statement_key(RUN, paper, FALSE)
    assert key is not None
    cache.put(key, stolen, settled=True)
    assert [result.claim.verdict for result in _checked(paper, cache)] == ["proved", "refuted"]


def test_what_is_wrong_with_a_stored_result_is_found() -> None:
    paper = _paper(TRUE, FALSE)
    true, false = (check_statement(paper, item, 5.0, 0) for item in paper.statements)
    memory = Memory()
    still_right(TRUE, msgspec.json.encode(true), memory)
    still_right(FALSE, msgspec.json.encode(false), memory)
    assert len(memory.accepted) == 1
    assert true.claim.certificate is not None
    assert false.claim.counterexample is not None
    unproved = {**true.claim.certificate, "proof": {"rule": "given"}}
    elsewhere = msgspec.structs.replace(false.claim.counterexample, point={"x": "3"})
    forged = [
        (TRUE, _forged(true, certificate=None)),
        (TRUE, _forged(true, certificate=unproved)),
        (TRUE, _forged(true, axioms=("hoeffding",))),
        (TRUE, _forged(true, verdict="attested")),
        (TRUE, _forged(true, verdict="vacuous")),
        (TRUE, msgspec.json.encode(false)),
        (FALSE, _forged(false, counterexample=None)),
        (FALSE, _forged(false, verdict="proved", certificate=true.claim.certificate)),
        (FALSE, _forged(false, counterexample=elsewhere)),
        (TRUE, b"{"),
    ]
    for statement, value in forged:
        with pytest.raises((Refused, ValueError)):
            still_right(statement, value, memory)
    assert len(memory.accepted) == 1


def test_claims_with_a_checker_of_their_own_are_checked_again() -> None:
    union = _statement("2.1", FiniteSpace(X))
    source = "Hoeffding 1963"
    tail = _statement("2.2", TailBound("Pr[|S| >= t]", X, source)).but(assumed="hoeffding")
    paper, memory = _paper(union, tail), Memory()
    proved, assumed = (check_statement(paper, item, 5.0, 0) for item in paper.statements)
    assert [proved.claim.verdict, assumed.claim.verdict] == ["proved", "assumed"]
    still_right(union, msgspec.json.encode(proved), memory)
    still_right(tail, msgspec.json.encode(assumed), memory)
    assert len(memory.accepted) == 1
    true = check_statement(_paper(TRUE), TRUE, 5.0, 0).claim.certificate
    steps = msgspec.structs.replace(proved, proof=schema.Proof("supported"))
    forged = [
        (union, _forged(proved, certificate=true)),
        (union, _forged(proved, certificate=None)),
        (union, _forged(proved, axioms=("hoeffding",))),
        (union, _forged(proved, verdict="assumed")),
        (union, msgspec.json.encode(steps)),
        (tail, _forged(assumed, verdict="proved", certificate=proved.claim.certificate)),
        (tail, _forged(assumed, axioms=("chernoff",))),
        (tail, _forged(assumed, explanation="taken from the literature: nowhere")),
        (tail, _forged(assumed, verdict="attested")),
    ]
    for statement, value in forged:
        with pytest.raises((Refused, ValueError)):
            still_right(statement, value, memory)


def test_what_a_stored_result_shows_is_what_it_is_about() -> None:
    # 3 x >= 3 is proved; that x >= 3 is not.
    given = (Step(le(3, 3 * X), "as x >= 1"), Step(ge(X, 3), "what the text claims"))
    statement = replace(TRUE, proof=PrintedProof(steps=given))
    result = check_statement(_paper(statement), statement, 5.0, 0)
    first, second = result.proof.steps
    assert (first.verdict, second.verdict, result.proof.verdict) == ("proved", "refuted", "gap")
    still_right(statement, msgspec.json.encode(result), Memory())

    def change(item: Any, **fields: Any) -> Any:
        return msgspec.structs.replace(item, **fields)

    unknown = change(second, verdict="unknown", counterexample=None)
    conclusion = schema.Mathematics("x^2 >= 5")
    for forged in (
        change(result, statement=change(result.statement, conclusion=conclusion)),
        change(result, statement=change(result.statement, hypotheses=())),
        change(result, proof=change(result.proof, verdict="supported")),
        change(result, proof=change(result.proof, verdict="supported", steps=(first, unknown))),
        change(result, proof=change(result.proof, steps=(change(first, text="x >= 9"), second))),
        change(
            result, proof=change(result.proof, steps=(change(first, text="x >= 9 for x"), second))
        ),
        change(result, proof=change(result.proof, steps=(first, change(first, text=second.text)))),
    ):
        with pytest.raises(Refused):
            still_right(statement, msgspec.json.encode(forged), Memory())


def test_keys_follow_what_matters() -> None:
    paper = _paper(TRUE, FALSE)
    key = statement_key(Keys(5.0, 0), paper, TRUE)
    assert key == statement_key(Keys(5.0, 0), _paper(TRUE), TRUE)
    assert key != statement_key(Keys(5.0, 1), paper, TRUE)
    assert key != statement_key(Keys(6.0, 0), paper, TRUE)
    assert key != statement_key(Keys(5.0, 0, "hunt"), paper, TRUE)
    user = replace(TRUE, uses=("1.2",))
    used = statement_key(Keys(5.0, 0), _paper(user, FALSE), user)
    other = replace(FALSE, conclusion=X >= 0)
    assert used != statement_key(Keys(5.0, 0), _paper(user, other), user)
    assert scope(_paper(user, FALSE), user) == (user, FALSE)
    assumed = replace(TRUE, conclusion=Symbol("x") * Symbol("x") >= 1)
    assert key != statement_key(Keys(5.0, 0), _paper(assumed), assumed)


def test_undecided_results_wait_for_a_resumed_run(cache: Cache) -> None:
    paper = _paper(TRUE)
    result = check_statement(paper, TRUE, 5.0, 0)
    unknown = msgspec.structs.replace(result, claim=schema.Claim("unknown", tried=("much",)))
    assert settled(result, 5.0)
    assert not settled(unknown, 5.0)
    slow = msgspec.structs.replace(result.claim, seconds=60.0)
    open_ = (CitationResult("1.2", "unknown", "why"),)
    partly = msgspec.structs.replace(
        result, claim=slow, proof=schema.Proof("unknown", citations=open_)
    )
    assert not settled(partly, 5.0)
    key = statement_key(RUN, paper, TRUE)
    assert key is not None
    cache.put(key, msgspec.json.encode(unknown), settled=False)
    assert [item.claim.verdict for item in _checked(paper, cache, resume=True)] == ["unknown"]
    assert [item.claim.verdict for item in _checked(paper, cache)] == ["proved"]
    assert not list(recall(cache, [TRUE], [None], jobs=1, unsettled=True))


def _breaking(place: Path, bad: str, how: str, patience: int) -> Callable[..., bool]:
    """A check that ends its process at a statement, and notes when it is tried."""

    def check(statement: Statement, *_: object) -> bool:
        with place.open("a") as notes:
            notes.write(statement.id + "\n")
        if statement.id == bad and place.read_text().split().count(bad) <= patience:
            if how == "time":
                time.sleep(60)
            if how == "memory":
                raise MemoryError
            os.kill(os.getpid(), signal.SIGKILL)
        return True

    return check


@pytest.mark.parametrize("how", ["crash", "memory", "time"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_one_result_that_ends_its_process_is_the_only_one_that_is_not_taken(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, jobs: int
) -> None:
    statements = [replace(TRUE, id=f"1.{number}") for number in range(9)]
    result = msgspec.json.encode(check_statement(_paper(TRUE), TRUE, 5.0, 0))
    keys = [statement.id for statement in statements]
    for key in keys:
        cache.put(key, result, settled=True)
    notes = tmp_path / "notes"
    monkeypatch.setattr(recalling, "SECONDS_EACH", 0.2)
    monkeypatch.setattr(recalling, "_is_right", _breaking(notes, "1.2", how, 9))
    found = dict(recall(cache, statements, keys, jobs=jobs, unsettled=True))
    assert sorted(found) == [0, 1, 3, 4, 5, 6, 7, 8]
    assert cache.get("1.2") is not None
    # What it is ended of may come from the results before it, but not that it takes too long.
    assert notes.read_text().split().count("1.2") == (1 if how == "time" else 2)
    notes.unlink()
    monkeypatch.setattr(recalling, "_is_right", _breaking(notes, "1.2", how, 1))
    found = dict(recall(cache, statements, keys, jobs=jobs, unsettled=True))
    assert (2 in found) == (how != "time")


@pytest.mark.parametrize("how", ["crash", "memory", "time"])
@pytest.mark.parametrize("bad", [0, 1, 4, 8])
def test_no_answer_is_taken_for_that_of_another_result(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, bad: int
) -> None:
    # The results with even numbers are right, the others forged; one process ends at each of them.
    statements = [replace(TRUE, id=f"1.{number}") for number in range(9)]
    result = check_statement(_paper(TRUE), TRUE, 5.0, 0)
    keys = [statement.id for statement in statements]
    for statement in statements:
        own = msgspec.structs.replace(result, id=statement.id)
        false = statement.id[-1] in "1357"
        value = _forged(own, certificate=None) if false else msgspec.json.encode(own)
        cache.put(statement.id, value, settled=True)
    is_right = recalling._is_right
    breaking = _breaking(tmp_path / "notes", f"1.{bad}", how, 9)

    def check(statement: Statement, value: bytes, memory: Memory) -> bool:
        breaking(statement)
        return is_right(statement, value, memory)

    monkeypatch.setattr(recalling, "SECONDS_EACH", 0.4)
    monkeypatch.setattr(recalling, "_is_right", check)
    found = dict(recall(cache, statements, keys, jobs=2, unsettled=True))
    assert sorted(found) == [number for number in (0, 2, 4, 6, 8) if number != bad]
    assert all(item.id == keys[number] for number, item in found.items())
    # What is forged is gone, and what was not confirmed is kept for another time.
    left = [number for number, key in enumerate(keys) if cache.get(key) is not None]
    assert left == sorted({0, 2, 4, 6, 8, bad})


def test_every_result_is_in_one_share() -> None:
    found = [(number, b"x" * (number % 7) * 100) for number in range(40)]
    for jobs in (0, 1, 2, 3, 50):
        shares = recalling._shares(found, jobs)
        assert [item for share in shares for item in share] == found
        assert len(shares) <= max(1, jobs)
    assert recalling._shares([], 2) == []


def test_claims_are_kept_and_checked_again(cache: Cache) -> None:
    claims = [
        ClaimText("t", ("x > 0",), "x + 1/x >= 2", {}),
        ClaimText("f", (), "x^2 > 0", {}),
        ClaimText("v", ("x > 1", "x < 0"), "x == 7", {}),
    ]

    def verdicts() -> dict[int, str]:
        found = check_claims(claims, seconds=5.0, seed=0, jobs=1, cache=cache)
        return {number: result.claim.verdict for number, result in found}

    expected = {0: "proved", 1: "refuted", 2: "vacuous"}
    assert verdicts() == expected
    assert cache.info().entries == 3
    assert verdicts() == expected
    cache.close()
    swapped = sqlite3.connect(cache.path)
    keys = [key for (key,) in swapped.execute("SELECT key FROM entry ORDER BY number")]
    swapped.close()
    first, second = (cache.get(key) for key in keys[:2])
    assert first is not None
    assert second is not None
    cache.put(keys[0], second.value, settled=True)
    cache.put(keys[1], first.value, settled=True)
    assert verdicts() == expected


def test_the_command(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VERIFY_CACHE_DIR", str(cache.path.parent))
    cache.put("a", b"one", settled=True)
    assert cli.run(["cache", "info"]) == cli.OK
    assert f"{cache.path}: 1 results" in capsys.readouterr().out
    assert cli.run(["cache", "clear"]) == cli.OK
    assert capsys.readouterr().out == "1 results forgotten\n"
    assert cli.run(["check", "3.3", "--resume", "--no-cache"]) == cli.USAGE
    assert "leave out --no-cache" in capsys.readouterr().err
