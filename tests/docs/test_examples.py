"""The examples of the documentation do what the documentation says."""

from __future__ import annotations

import re
import runpy
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from verify.engine.claims import ClaimText, check_claims
from verify.engine.claims_file import read_claims
from verify.engine.packs import load_pack

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
SECONDS = 20.0
"""A limit for a busy machine; idle, each claim takes less than a second or two."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its page, its number on the page, and what it holds."""

    page: Path
    number: int
    language: str
    content: str

    @property
    def name(self) -> str:
        """The page and the number, as the test's id."""
        return f"{self.page.name}-{self.number}"


BLOCKS = tuple(
    Block(page, number, match[1], match[2])
    for page in PAGES
    for number, match in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8")), 1)
)


def _named(block: Block) -> str:
    """The file name in a first line such as ``# my_paper.py``, where there is one."""
    first = re.match(r"# (\w+\.py)\n", block.content)
    return first[1] if first else f"example_{block.number}.py"


@pytest.mark.parametrize(
    "page", sorted({block.page for block in BLOCKS if block.language == "python"}), ids=str
)
def test_python_blocks_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks of a page run in order in one folder; their own assertions hold."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    try:
        for block in BLOCKS:
            if block.page == page and block.language == "python":
                path = tmp_path / _named(block)
                path.write_text(block.content, encoding="utf-8")
                runpy.run_path(str(path))
    finally:
        for name in set(sys.modules) - before:
            if getattr(sys.modules[name], "__file__", "") == str(tmp_path / f"{name}.py"):
                del sys.modules[name]


@pytest.mark.parametrize(
    "block", [b for b in BLOCKS if b.language == "toml"], ids=lambda block: block.name
)
def test_toml_blocks_say_what_they_expect(block: Block, tmp_path: Path) -> None:
    """Every claim can be read; one with a field ``expected`` has that verdict."""
    tables = tomllib.loads(block.content).get("claim", [])
    if not tables:
        return
    path = tmp_path / "claims.toml"
    path.write_text(block.content, encoding="utf-8")
    claims = read_claims(path)
    assert all(isinstance(claim, ClaimText) for claim in claims), claims
    stated = [
        (claim, table["expected"])
        for claim, table in zip(claims, tables, strict=True)
        if isinstance(claim, ClaimText) and "expected" in table
    ]
    found = check_claims([claim for claim, _ in stated], seconds=SECONDS, seed=0, jobs=1)
    verdicts = {result.id: result.claim.verdict for _, result in found}
    assert verdicts == {claim.id: expected for claim, expected in stated}


def test_the_pack_of_the_page_on_packs_loads(tmp_path: Path) -> None:
    """It can be named by its path, as the page says."""
    block = next(b for b in BLOCKS if b.page.name == "packs.md" and b.language == "python")
    path = tmp_path / "my_paper.py"
    path.write_text(block.content, encoding="utf-8")
    try:
        assert [item.id for item in load_pack(str(path)).statements] == ["2.1", "2.2"]
    finally:
        sys.modules.pop("my_paper", None)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Links to files of the project name files that exist."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    missing = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    assert missing == []


def test_every_kind_of_block_is_known() -> None:
    """A block in a language that no test looks at would go unread."""
    known = {"python", "toml", "sh", "text", "json"}
    assert {block.language for block in BLOCKS} <= known
