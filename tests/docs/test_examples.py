"""The examples of the documentation do what the documentation says."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from follow import Block, blocks, follow

from verify.engine.claims import ClaimText, check_claims
from verify.engine.claims_file import read_claims
from verify.engine.packs import load_pack

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
SECONDS = 20.0
"""A limit for a busy machine; idle, each claim takes less than a second or two."""

BLOCKS = tuple(
    (page, number, block) for page in PAGES for number, block in enumerate(blocks(page), 1)
)


def named(page: Path) -> str:
    """A page as the test's id."""
    return str(page.relative_to(ROOT))


def pages_with(language: str) -> list[Path]:
    """The pages that have a block in a language."""
    return sorted({page for page, _, block in BLOCKS if block.language == language})


@pytest.mark.parametrize("page", pages_with("python"), ids=named)
def test_python_blocks_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks of a page run in order in one folder; their own assertions hold."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    try:
        for number, block in enumerate(blocks(page), 1):
            if block.language == "python":
                path = tmp_path / (block.file or f"example_{number}.py")
                path.write_text(block.content, encoding="utf-8")
                runpy.run_path(str(path))
    finally:
        for name in set(sys.modules) - before:
            if getattr(sys.modules[name], "__file__", "") == str(tmp_path / f"{name}.py"):
                del sys.modules[name]


@pytest.mark.parametrize("page", pages_with("toml"), ids=named)
def test_toml_blocks_say_what_they_expect(page: Path, tmp_path: Path) -> None:
    """Every claim can be read; one with a field ``expected`` has that verdict."""
    files = [
        (tmp_path / (block.file or f"example_{number}.toml"), block.content)
        for number, block in enumerate(blocks(page))
        if block.language == "toml"
    ]
    for path, content in files:
        path.write_text(content, encoding="utf-8")
    for path, content in files:
        tables = tomllib.loads(content).get("claim", [])
        claims = read_claims(path) if tables else []
        assert all(isinstance(claim, ClaimText) for claim in claims), claims
        stated = [
            (claim, table["expected"])
            for claim, table in zip(claims, tables, strict=True)
            if isinstance(claim, ClaimText) and "expected" in table
        ]
        found = check_claims([claim for claim, _ in stated], seconds=SECONDS, seed=0, jobs=1)
        verdicts = {result.id: result.claim.verdict for _, result in found}
        assert verdicts == {claim.id: expected for claim, expected in stated}


@pytest.mark.slow
@pytest.mark.parametrize("page", pages_with("sh"), ids=named)
def test_commands_do_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page, followed word for word but for its installation."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert list(follow(page, installed=True)) == []


def test_a_page_that_is_wrong_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong output, output in another order, a wrong exit code, and none of these."""
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "page.md"

    def failures(*parts: str) -> list[str]:
        page.write_text("".join(f"```{part}\n```\n" for part in parts))
        return list(follow(page, installed=True))

    assert failures("sh\necho one\necho two", "text\none\n  two") == []
    assert failures("toml\n# a/b.toml\nx = 1") != []
    assert failures("toml\n# b.toml\nx = 1", "sh\ncat b.toml", "text\nx = 1") == []
    assert failures("sh\nfalse  # exit code 1", "sh\npip install nothing-like-this") == []
    assert failures("sh\necho one", "text\nthree") == [
        "not in the output, or not in this order: three"
    ]
    assert failures("sh\necho one\necho two", "text\ntwo\none") == [
        "not in the output, or not in this order: one"
    ]
    (ended,) = failures("sh\nfalse", "sh\necho never")
    assert ended.startswith("ended with exit code 1:\nthe exit code is 1 and not 0")


def test_the_pack_of_the_page_on_packs_loads(tmp_path: Path) -> None:
    """It can be named by its path, as the page says."""
    block = next(block for block in blocks(DOCS / "packs.md") if block.language == "python")
    path = tmp_path / "my_paper.py"
    path.write_text(block.content, encoding="utf-8")
    try:
        assert [item.id for item in load_pack(str(path)).statements] == ["2.1", "2.2"]
    finally:
        sys.modules.pop("my_paper", None)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    """Links to files of the project name files that exist."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    missing = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    assert missing == []


def test_every_page_can_be_reached() -> None:
    """From the page at the start, by its table of contents."""
    text = (DOCS / "index.md").read_text(encoding="utf-8")
    listed = re.findall(r"^[\w/*\[\]-]+$", text, re.MULTILINE)
    found = {path for entry in listed for path in DOCS.glob(f"{entry}.md")}
    generated = {DOCS / "reference" / "commands-generated.md"}
    assert found == set(DOCS.rglob("*.md")) - generated - {DOCS / "index.md"}


@pytest.mark.parametrize(
    ("page", "number", "block"), BLOCKS, ids=[f"{named(page)}-{n}" for page, n, _ in BLOCKS]
)
def test_no_block_goes_unread(page: Path, number: int, block: Block) -> None:
    """A language that no test looks at, or output of no command, would be words in the wind."""
    if "generated" in page.name:
        return
    assert block.language in ("python", "toml", "sh", "text")
    if block.language == "text":
        assert blocks(page)[number - 2].language == "sh"


def test_the_picture_is_small() -> None:
    assert (DOCS / "report.png").read_bytes().startswith(b"\x89PNG")
    assert (DOCS / "report.png").stat().st_size < 300_000


@pytest.mark.slow
def test_the_site_builds_without_warnings(tmp_path: Path) -> None:
    pytest.importorskip("sphinx", reason="pip install '.[docs]' to build the documentation")
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(DOCS), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    api = (tmp_path / "reference" / "api.html").read_text(encoding="utf-8")
    import verify  # noqa: PLC0415

    assert [name for name in verify.__all__ if f'id="verify.{name}"' not in api] == []
