"""Follows a page of the documentation word for word: ``python follow.py PAGE [--installed]``.

Runs in the working directory. A ``python`` or ``toml`` block whose first line is a comment with a
file name is written to that file. The lines of ``sh`` blocks are run by bash, in order and in one
shell; one that ends in ``# exit code N`` has to end with that code, the others with 0. The lines of
a ``text`` block after an ``sh`` block have to begin lines of its output, in their order.

With ``--installed``, lines that make an environment or install something are left out, and the
commands of the running Python are used.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# ([\w/-]+\.(?:py|toml))\n")
_CODE = re.compile(r"\s+# exit code (\d+)$")
_INSTALLS = re.compile(r"^(python3 -m venv|source \.venv|pip install|\.venv)")
_MARK = "end of block "


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    content: str

    @property
    def file(self) -> str | None:
        """The file that it is written to, where it names one."""
        found = _FILE.match(self.content)
        return found[1] if found and self.language in ("python", "toml") else None


def blocks(page: Path) -> tuple[Block, ...]:
    """The fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    return tuple(Block(found[1], found[2]) for found in _BLOCK.finditer(text))


def follow(page: Path, installed: bool) -> Iterator[str]:
    """Do what a page says, and yield what does not come out as it says."""
    steps = blocks(page)
    environment = dict(os.environ)
    if installed:
        path = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        environment |= {"PATH": path, "COLUMNS": "80"}
    shown = subprocess.run(
        ["bash", "-c", _script(steps, installed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        check=False,
    )
    sys.stderr.write(shown.stdout)
    outputs = re.split(rf"^{_MARK}(\d+)\n", shown.stdout, flags=re.MULTILINE)
    found = dict(zip(map(int, outputs[1::2]), outputs[::2], strict=False))
    if shown.returncode:
        yield f"ended with exit code {shown.returncode}:\n{outputs[-1]}"
    for number, block in enumerate(steps):
        before = steps[number - 1].language if number else ""
        if block.language == "text" and before == "sh" and number - 1 in found:
            yield from _missing(block.content.splitlines(), found[number - 1].splitlines())


def _script(steps: Sequence[Block], installed: bool) -> str:
    lines = ["set -uo pipefail"]
    for number, block in enumerate(steps):
        if block.file is not None:
            lines += [f"cat > {block.file} <<'END OF FILE'", block.content.rstrip(), "END OF FILE"]
        elif block.language == "sh":
            for line in block.content.splitlines():
                if line.strip() and not (installed and _INSTALLS.match(line)):
                    lines += _checked(line)
            lines.append(f"echo '{_MARK}{number}'")
    return "\n".join(lines)


def _checked(line: str) -> list[str]:
    found = _CODE.search(line)
    code = int(found[1]) if found else 0
    return [
        line,
        f"code=$?; if [ $code -ne {code} ]; then "
        f'echo "the exit code is $code and not {code}"; exit 1; fi',
    ]


def _missing(wanted: Sequence[str], output: Sequence[str]) -> Iterator[str]:
    rest = iter(" ".join(line.split()) for line in output)
    for line in filter(None, (" ".join(line.split()) for line in wanted)):
        if not any(line in given for given in rest):
            yield f"not in the output, or not in this order: {line}"
            return


def main() -> int:
    """Follow the page that is named."""
    page = Path(sys.argv[1])
    failures = list(follow(page, "--installed" in sys.argv))
    for failure in failures:
        print(f"{page.name}: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
