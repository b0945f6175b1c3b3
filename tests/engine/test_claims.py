"""Files of claims: what they share, what they define, what they import, and what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.cli import OK, USAGE, run
from verify.engine.claims import ClaimError, ClaimText, check_claims
from verify.engine.claims_file import BadRecord, read_claims
from verify.language.grammar import parse_formula, parse_term
from verify.language.render import text as text_of
from verify.language.term import Sym, Term, map_terms, replace


def written(folder: Path, text: str, name: str = "claims.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def claims(folder: Path, text: str) -> list[ClaimText]:
    found = read_claims(written(folder, text))
    assert all(isinstance(item, ClaimText) for item in found), found
    return [item for item in found if isinstance(item, ClaimText)]


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ClaimError) as caught:
        read_claims(written(folder, text))
    return str(caught.value).replace(str(folder), "DIR")


SHARED = """
[shared]
vars = { n = "int", k = "int" }
where = ["n >= 1", "P >= n", "k >= 2", "1 > 0"]
source = "Section 3"

[define]
ratio = "P/(P + rest)"
rest = "n - 1"

[[claim]]
id = "half"
holds = "ratio >= 1/2"
title = "At least half"

[[claim]]
id = "power"
where = "k < 9"
holds = "2^k >= k"
vars = { k = "real" }
source = "Section 4"

[[claim]]
id = "alone"
holds = "x^2 >= 0"
"""


def test_what_claims_share(tmp_path: Path) -> None:
    half, power, alone = claims(tmp_path, SHARED)
    assert half.where == ("n >= 1", "P >= n", "1 > 0")
    assert half.holds == "(P/(P + (n - 1))) >= 1/2"
    assert half.variables == {"n": "int"}
    assert (half.title, half.source, half.place) == ("At least half", "Section 3", "line 11")
    assert power.where == ("k >= 2", "1 > 0", "k < 9")
    assert power.variables == {"k": "real"}
    assert (power.title, power.source) == ("2^k >= k", "Section 4")
    assert alone.where == ("1 > 0",)
    assert alone.variables == {}


def test_a_shared_hypothesis_reaches_as_far_as_its_variables(tmp_path: Path) -> None:
    """``c <= d`` is about ``a`` through ``b``, whatever the order of the hypotheses."""
    text = (
        '[shared]\nwhere = ["c <= d", "b <= c", "a <= b", "z >= 1"]\n[[claim]]\nholds = "a <= d"\n'
    )
    (claim,) = claims(tmp_path, text)
    assert claim.where == ("c <= d", "b <= c", "a <= b")
    ((_, result),) = check_claims([claim], seconds=10.0, seed=0, jobs=1)
    assert result.claim.verdict == "proved"


def test_an_id_belongs_to_one_record(tmp_path: Path) -> None:
    text = """
[[claim]]
id = "a"
holds = "x > 0"
[[claim]]
holds = "x > 1"
[[claim]]
id = "a"
holds = "x > 2"
[[claim]]
id = "claim-2"
holds = "x > 3"
"""
    first, second, *others = read_claims(written(tmp_path, text))
    assert isinstance(first, ClaimText)
    assert isinstance(second, ClaimText)
    assert others == [
        BadRecord("a", "line 7", "the id 'a' is taken: line 2 has it"),
        BadRecord("claim-2", "line 10", "the id 'claim-2' is taken: line 5 has it"),
    ]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ('id = "b\nholds = "x > 0"\n', "line 4",
         "Illegal character '\\n', as a string is not closed (at line 4, column 8)"),
        ("id = 'b'\nholds = '''x\n> 0\n", "line 5", "this string is not closed (at line 5)"),
        ('id = """\nb"""\nholds = """x\n> 0\n', "line 6", "this string is not closed (at line 6)"),
        ('id = "b"\nholds = "x > 0', "line 5", "this string is not closed (at line 5)"),
    ],
)  # fmt: skip
def test_a_string_that_is_not_closed(tmp_path: Path, text: str, place: str, said: str) -> None:
    start = '[[claim]]\nholds = "x > 0"\n[[claim]]\n'
    _, found = read_claims(written(tmp_path, start + text))
    assert found == BadRecord("claim-2", "line 3", f"not TOML: {said}", place)


def test_definitions_come_from_other_files(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    written(tmp_path / "deep", 'import = ["../b.toml"]\n[define]\ntwice = "2*one"\n', "a.toml")
    written(tmp_path, '[define]\none = "x/x"\n[[claim]]\nholds = "0 > 1"\n', "b.toml")
    text = 'import = "deep/a.toml"\n[[claim]]\nwhere = ["x != 0"]\nholds = "twice == 2"\n'
    (claim,) = claims(tmp_path, text)
    assert claim.holds == "(2*(x/x)) == 2"


def test_files_may_import_each_other(tmp_path: Path) -> None:
    written(tmp_path, 'import = ["claims.toml"]\n[define]\na = "x + b"\n', "a.toml")
    text = 'import = ["a.toml", "a.toml"]\n[define]\nb = "y"\n[[claim]]\nholds = "a >= 1"\n'
    (claim,) = claims(tmp_path, text)
    assert claim.holds == "(x + (y)) >= 1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[define]\na = "b"\nb = "a + 1"\n[[claim]]\nholds = "a > 0"\n',
         "DIR/claims.toml, line 2: definitions go in a circle: a -> b -> a"),
        ('\n[define]\na = "b >= 1"\n[[claim]]\nholds = "a > 0"\n',
         "DIR/claims.toml, line 3: a: column 1: a number or an expression was expected, not a "
         "relation\n  b >= 1\n  ^"),
        ('[define]\nsin = "b"\n[[claim]]\nholds = "a > 0"\n',
         "DIR/claims.toml, line 2: 'sin' cannot be defined: use letters, digits and underscores, "
         "and no name that the grammar has already"),
        ('[define]\npi = "3"\n[[claim]]\nholds = "a > 0"\n',
         "DIR/claims.toml, line 2: 'pi' cannot be defined: use letters, digits and underscores, "
         "and no name that the grammar has already"),
        ('[define]\na = 3\n[[claim]]\nholds = "a > 0"\n',
         "DIR/claims.toml, line 2: the definition of a is not a text"),
        ('[define]\na = "3"\nimport = ["b.toml"]\n[[claim]]\nholds = "a > 0"\n',
         "DIR/claims.toml, line 3: the definition of import is not a text: import goes to the top "
         "of the file"),
        ('import = ["b.toml"]\n[[claim]]\nholds = "a > 0"\n',
         "DIR/claims.toml, line 1: cannot import 'b.toml': name a .toml file by its path from the "
         "folder of claims.toml"),
        ('import = ["/dev/zero"]\n[[claim]]\nholds = "a > 0"\n',
         "DIR/claims.toml, line 1: cannot import '/dev/zero': name a .toml file by its path from "
         "the folder of claims.toml"),
        ('define = 3\n[[claim]]\nholds = "a > 0"\n',
         'DIR/claims.toml: write a table [define] with lines name = "expression"'),
        ('shared = 3\n[[claim]]\nholds = "a > 0"\n',
         "DIR/claims.toml, [shared]: write a table [shared] with vars and where"),
        ('[shared]\nwhere = ["a >"]\n[[claim]]\nholds = "a > 0"\n',
         "DIR/claims.toml, [shared]: hypothesis 1: column 4: "),
        ('[shared]\nvars = { a = "float" }\n[[claim]]\nholds = "a > 0"\n',
         "DIR/claims.toml, [shared]: the kind of a is \"real\" or \"int\", got 'float'"),
        ("[claim]\nholds = 'x > 0'\n",
         "DIR/claims.toml: claim is a list of tables: write [[claim]], not [claim]"),
        ("x = 1\n", "DIR/claims.toml has no [[claim]] table"),
        ("x = = 1\n", "DIR/claims.toml is neither TOML nor JSON lines: Invalid value (at line 1"),
        ("x = = 1\n[[claim]]\n", "DIR/claims.toml is not TOML: Invalid value (at line 1"),
    ],
)  # fmt: skip
def test_what_no_claim_can_do_without(tmp_path: Path, text: str, message: str) -> None:
    assert refused(tmp_path, text).startswith(message)


def test_definitions_do_not_explode(tmp_path: Path) -> None:
    lines = ['d0 = "x + x"', *(f'd{i} = "d{i - 1}*d{i - 1}"' for i in range(1, 60))]
    text = "[define]\n" + "\n".join(lines) + '\n[[claim]]\nholds = "d59 > 0"\n'
    assert "with its definitions put in it has more than 100,000 characters" in refused(
        tmp_path, text
    )
    lines = ['d0 = "x"', *(f'd{i} = "d{i - 1}"' for i in range(1, 300))]
    text = "[define]\n" + "\n".join(reversed(lines)) + '\n[[claim]]\nholds = "d9 > 0"\n'
    assert "definitions are nested too deeply" in refused(tmp_path, text)


BAD = """[[claim]]
id = "good"
holds = "x^2 >= 0"

[[claim]]
id = "half-written"
holds = "x^2 >=

[[claim]]
id = "caret"
where = ["x >= 1", "x >> 2"]
holds = "x > 0"

[[claim]]
id = "no-holds"

[[claim]]
holds = "exp(x, y) > 0"

[[claim]]
id = "twice"
id = "twice"
holds = "x > 0"

[[claim]]
id = "kind"
vars = { x = "complex" }
holds = "x > 0"

[[claim]]
id = "last"
holds = "x^2 + 1 > 0"
"""


def test_a_bad_record_does_not_keep_the_others(tmp_path: Path) -> None:
    found = read_claims(written(tmp_path, BAD))
    bad = [(x.id, x.place, x.message) for x in found if isinstance(x, BadRecord)]
    assert [item.id for item in found if isinstance(item, ClaimText)] == ["good", "last"]
    assert [(name, place) for name, place, _ in bad] == [
        ("claim-2", "line 5"), ("caret", "line 9"), ("no-holds", "line 14"),
        ("claim-5", "line 17"), ("claim-6", "line 20"), ("kind", "line 25"),
    ]  # fmt: skip
    messages = [message for *_, message in bad]
    assert messages[0].startswith("not TOML: Illegal character")
    assert "line 7" in messages[0]
    assert messages[1].startswith("hypothesis 2: column 4:")
    assert messages[1].endswith("\n     ^")
    assert messages[2] == "holds is missing: write the conclusion as a text"
    assert messages[3].startswith("the conclusion: column 1: exp takes 1 argument(s), got 2")
    assert messages[4].startswith("not TOML: Cannot overwrite a value")
    assert messages[5] == 'the kind of x is "real" or "int", got \'complex\''


def test_the_command_goes_on_after_a_bad_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, '[[claim]]\nid = "a"\n[[claim]]\nid = "b"\nholds = "x*x >= 0"\n')
    assert run(["claims", str(path), "--json", str(tmp_path / "out.json")]) == USAGE
    shown = capsys.readouterr()
    assert (
        shown.err == f"verify: {path}, line 1: holds is missing: write the conclusion as a text\n"
    )
    results = json.loads((tmp_path / "out.json").read_bytes())["results"]
    assert [(item["id"], item["claim"]["verdict"]) for item in results] == [
        ("a", "error"), ("b", "proved"),
    ]  # fmt: skip


@pytest.mark.parametrize("start", ["", '[shared]\nwhere = ["y > 1"]\n', '[define]\na = "y"\n'])
def test_errors_count_the_claims_own_hypotheses(tmp_path: Path, start: str) -> None:
    """And point into what the author wrote, whatever the claims share."""
    text = start + '[[claim]]\nid = "c"\nwhere = ["y > 2", "y >"]\nholds = "y > 0"\n'
    (found,) = read_claims(written(tmp_path, text))
    assert isinstance(found, BadRecord)
    assert found.message.startswith("hypothesis 2: column 4: ")
    (found,) = read_claims(written(tmp_path, text.replace('"y >"', '"y > 3"') + "title = 7\n"))
    assert isinstance(found, ClaimText)
    assert found.title == "y > 0"


def test_a_misspelt_name_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is a variable like any other, so this is a note and no error."""
    text = (
        '[define]\nshare = "x/y"\n[[claim]]\nid = "typo"\nholds = "sahre*0 == 0"\n'
        '[[claim]]\nid = "right"\nholds = "sha*0 + share*0 + z_1 == z_1"\nwhere = ["y > 0"]\n'
    )
    path = written(tmp_path, text)
    run(["claims", str(path)])
    note = "sahre is declared nowhere and stands for any number: is share meant?"
    assert capsys.readouterr().err == f"verify: {path}, line 3: typo: {note}\n"
    typo, right = claims(tmp_path, text)
    assert (typo.note, right.note) == (note, "")
    ((_, result),) = check_claims([typo], seconds=10.0, seed=0, jobs=1)
    assert result.findings == (note,)


def test_a_variable_is_not_a_definition(tmp_path: Path) -> None:
    text = '[define]\na = "x"\n[[claim]]\nid = "c"\nvars = { a = "int" }\nholds = "a > 0"\n'
    (found,) = read_claims(written(tmp_path, text))
    assert isinstance(found, BadRecord)
    assert found.message == "vars names a, which is defined as x"


def test_a_forgotten_domain_is_named(tmp_path: Path) -> None:
    text = '[[claim]]\nid = "log"\nholds = "log(x) <= x - 1"\n'
    ((_, result),) = check_claims(claims(tmp_path, text), seconds=10.0, seed=0, jobs=1)
    assert result.claim.verdict == "refuted"
    assert result.findings == (
        'A domain may have been forgotten: add "x > 0" to where, if that is meant.',
    )


def test_contradictory_hypotheses_are_named(tmp_path: Path) -> None:
    text = '[[claim]]\nid = "log"\nwhere = ["x > 1", "x < 1"]\nholds = "x == 7"\n'
    ((_, result),) = check_claims(claims(tmp_path, text), seconds=10.0, seed=0, jobs=1)
    assert result.claim.verdict == "vacuous"
    assert "no parameter value satisfies the hypotheses" in result.claim.explanation


def test_json_lines_know_nothing_of_definitions(tmp_path: Path) -> None:
    record = {"id": "j", "holds": "a >= b", "where": ["a >= b"], "title": "T", "source": "S"}
    path = written(tmp_path, json.dumps(record) + "\n\nnot json\n[1]\n", "claims.jsonl")
    good, *bad = read_claims(path)
    assert good == ClaimText("j", ("a >= b",), "a >= b", {}, "T", "S", "line 1")
    assert [(item.id, item.place) for item in bad] == [("line-3", "line 3"), ("line-4", "line 4")]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ClaimError, match=r"cannot read .*: No such file"):
        read_claims(tmp_path / "none.toml")
    with pytest.raises(ClaimError, match=r"cannot read .*: Is a directory"):
        read_claims(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b"[[claim]]\nid = '\xe9'\n")
    with pytest.raises(ClaimError, match="is not UTF-8 text"):
        read_claims(tmp_path / "latin.toml")


NAMES = ("a", "b", "ab", "a_1", "e1")
BODIES = ("x", "x + 1", "-x", "x^2", "1e3*x", "min(x, 2)")


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    bodies=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(BODIES), min_size=1),
    item=st.sampled_from(("a + b >= 1", "a^b > ab", "2*a_1 - e1 < 1e1", "exp(a) != b/ab")),
)
def test_putting_in_is_substituting(
    tmp_path_factory: pytest.TempPathFactory, bodies: dict[str, str], item: str
) -> None:
    """The same formula as when the definitions are substituted in the parsed one."""
    lines = "\n".join(f'{name} = "{body}"' for name, body in bodies.items())
    text = f'[define]\n{lines}\n[[claim]]\nid = "c"\nholds = "{item}"\n'
    (claim,) = claims(tmp_path_factory.mktemp("claims"), text)
    table: dict[Term, Term] = {Sym(name): parse_term(body) for name, body in bodies.items()}
    expected = map_terms(parse_formula(item), lambda term: replace(term, table))
    assert parse_formula(claim.holds) == parse_formula(text_of(expected))


def test_a_formula_may_start_with_a_minus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["claim", "-x^2<=0", "--where", "-x<=1", "--json", "-"]) == OK
    assert run(["claim", "-h<=0", "--where", "-h<=-1", "--json", "-"]) == OK
    assert '"verdict": "proved"' in capsys.readouterr().out


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    path.write_text('{"id": "a", "holds": "x^2 >= 0"}\n', encoding="utf-8-sig")
    (found,) = read_claims(path)
    assert isinstance(found, ClaimText)
    assert found.id == "a"


def test_a_key_that_occurs_twice(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    path.write_text('{"id": "a", "holds": "x^2 >= 0", "holds": "x >= 0"}\n')
    (found,) = read_claims(path)
    assert isinstance(found, BadRecord)
    assert found.message == "not JSON: the key 'holds' occurs twice"


def test_a_negative_seed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["claim", "x >= 0", "--seed=-1"]) == USAGE
    assert "'-1' is not a seed: 0, 1, 2, and so on" in capsys.readouterr().err
