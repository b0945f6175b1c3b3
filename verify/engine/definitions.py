"""Named abbreviations of claims files: read, imported from other files, and put in.

A name stands for its expression in parentheses, as if that had been written in its place.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from verify.language.grammar import ExpressionError, parse_term

MAX_LENGTH = 100_000
MAX_FILES = 100

_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_WHOLE_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)


class DefinitionError(ValueError):
    """A definition that cannot be used: which, where, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Definitions(Mapping[str, str]):
    """Names and the expressions that they stand for, which mention no defined name."""

    bodies: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.bodies[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.bodies)

    def __len__(self) -> int:
        return len(self.bodies)

    def expand(self, item: str, parse: Callable[[str], object]) -> str:
        """The text with all definitions put in; it is parsed as it stands first, so that errors
        point into what the author wrote.

        Raises:
            ExpressionError: the text cannot be parsed.
            DefinitionError: it gets too long.
        """
        parse(item)
        return _put_in(item, self.bodies)


@dataclass
class _Reader:
    """Reads a file's definitions, and those of the files that it imports."""

    read_text: Callable[[Path], str]
    bodies: dict[str, str] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    seen: set[Path] = field(default_factory=set)

    def read(self, data: Mapping[str, Any], content: str, path: Path) -> None:
        """Take over the definitions of a file that has been parsed."""
        self.seen.add(path.resolve())
        self._imports(data, content, path)
        table = data.get("define", {})
        if not isinstance(table, dict):
            raise DefinitionError(f'{path}: write a table [define] with lines name = "expression"')
        for name, body in table.items():
            self._define(name, body, f"{path}, line {_line(content, 'define', name)}")

    def _imports(self, data: Mapping[str, Any], content: str, path: Path) -> None:
        names = data.get("import", [])
        names = [names] if isinstance(names, str) else names
        place = f"{path}, line {_line(content, '', 'import')}"
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise DefinitionError(f'{place}: import is a list of files, such as ["other.toml"]')
        for name in names:
            other = path.parent / name
            if Path(name).is_absolute() or other.suffix != ".toml" or not other.is_file():
                raise DefinitionError(
                    f"{place}: cannot import {name!r}: name a .toml file by its path from the "
                    f"folder of {path.name}"
                )
            if other.resolve() in self.seen:
                continue
            if len(self.seen) >= MAX_FILES:
                raise DefinitionError(f"{place}: more than {MAX_FILES} files are imported")
            text = self.read_text(other)
            try:
                parsed = tomllib.loads(text)
            except (tomllib.TOMLDecodeError, RecursionError) as error:
                raise DefinitionError(f"{other} is not TOML: {error}") from error
            self.read(parsed, text, other)

    def _define(self, name: str, body: Any, place: str) -> None:
        if not isinstance(body, str):
            hint = ": import goes to the top of the file" if name in ("import", "where") else ""
            raise DefinitionError(f"{place}: the definition of {name} is not a text{hint}")
        if not _WHOLE_NAME.fullmatch(name) or not _is_free(name):
            raise DefinitionError(
                f"{place}: {name!r} cannot be defined: use letters, digits and underscores, and "
                "no name that the grammar has already"
            )
        if name in self.bodies and self.bodies[name] != body:
            raise DefinitionError(
                f"{place}: {name} is defined already, at {self.homes[name]}: choose another name"
            )
        try:
            parse_term(body)
        except ExpressionError as error:
            raise DefinitionError(f"{place}: {name}: {error.pointed()}") from error
        self.bodies[name] = body
        self.homes[name] = place

    def resolved(self) -> dict[str, str]:
        """The definitions without defined names in their bodies."""
        done: dict[str, str] = {}
        for name in self.bodies:
            self._resolve(name, done, ())
        return done

    def _resolve(self, name: str, done: dict[str, str], waiting: tuple[str, ...]) -> None:
        if name in done:
            return
        if name in waiting:
            circle = " -> ".join((*waiting[waiting.index(name) :], name))
            raise DefinitionError(f"{self.homes[name]}: definitions go in a circle: {circle}")
        if len(waiting) > MAX_FILES:
            raise DefinitionError(f"{self.homes[name]}: definitions are nested too deeply")
        body = self.bodies[name]
        for other in dict.fromkeys(_NAME.findall(body)):
            if other in self.bodies:
                self._resolve(other, done, (*waiting, name))
        try:
            done[name] = _put_in(body, done)
        except DefinitionError as error:
            raise DefinitionError(f"{self.homes[name]}: {name}: {error}") from error


def read_definitions(
    data: Mapping[str, Any], content: str, path: Path, read_text: Callable[[Path], str]
) -> Definitions:
    """The definitions of a claims file and of those that it imports.

    Raises:
        DefinitionError: a definition or an import that cannot be used.
    """
    reader = _Reader(read_text)
    reader.read(data, content, path)
    return Definitions(reader.resolved())


def _is_free(name: str) -> bool:
    """Whether a name is a variable to the grammar: no function, constant or connective."""
    try:
        parse_term(f"{name} + 1")
        parse_term(f"1*{name}")
    except ExpressionError:
        return False
    return name not in ("pi", "e")


def _put_in(item: str, bodies: Mapping[str, str]) -> str:
    """The text with each defined name replaced by its expression in parentheses."""
    length = len(item) + sum(len(bodies.get(name, "")) + 2 for name in _NAME.findall(item))
    if length > MAX_LENGTH:
        raise DefinitionError(
            f"with its definitions put in it has more than {MAX_LENGTH:,} characters"
        )
    return _NAME.sub(
        lambda found: f"({bodies[found[0]]})" if found[0] in bodies else found[0], item
    )


def _line(content: str, table: str, key: str) -> int:
    """The line in which a key of a table stands, as far as that can be seen; else 1."""
    inside = not table
    for number, line in enumerate(content.split("\n"), 1):
        header = re.match(r"\s*\[([^\[\]]*)\]", line)
        if header:
            inside = header[1].strip() == table
        elif inside and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
            return number
    return 1
