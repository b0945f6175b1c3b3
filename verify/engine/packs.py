"""Finding packs: by the name under which one is installed, or by the path of a folder or file.

A pack is a module with a value ``PAPER``. Importing it runs it, as importing any module does; what
goes wrong there is reported with the pack, the file and the line, and concerns that pack alone.
Several packs can be loaded in one process, also where their files have the same names.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import re
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

from verify.engine.guard import guarded
from verify.language.statement import Definition, Paper, Statement

GROUP = "verify.packs"
DEFAULT_GROUP = "verify.default_pack"

VERDICTS = (
    "proved",
    "attested",
    "enclosed",
    "sampled",
    "assumed",
    "unknown",
    "vacuous",
    "refuted",
    "error",
)
"""From the best to the worst; up to ``assumed``, a verdict is good enough by itself."""

_DECLARES = re.compile(r"^PAPER\b", re.MULTILINE)
_MENTIONS = re.compile(r"\bPAPER\b")


_PART = r"\w[\w.+()'-]*"
_ID = re.compile(rf"{_PART}(/{_PART})?")


class PackError(Exception):
    """A pack that cannot be found or read: says which, where, and what to try."""


class UnknownId(LookupError):
    """An id that the pack does not have: says which ids come close."""


_BY_PATH: dict[str, Path] = {}
"""The modules that came with packs by path, with the folders of those."""


def as_good(verdict: str, expected: str | None = None) -> bool:
    """Whether a verdict is as good as expected, or better: no error, refutation or open question,
    if nothing else was recorded."""
    least = VERDICTS.index(expected or "assumed")
    return verdict in VERDICTS[: least + 1] and verdict != "error"


def available() -> tuple[str, ...]:
    """The names of the installed packs, in alphabetical order."""
    return tuple(sorted({point.name for point in metadata.entry_points(group=GROUP)}))


def load_pack(name: str | None = None) -> Paper:
    """The pack with the given name or path; without one, the default pack.

    A name is looked up among the entry points of the group ``verify.packs`` first, the default
    in the group ``verify.default_pack``. A path leads to a Python file, or to a folder with an
    ``__init__.py`` or a single file that defines ``PAPER``.

    A pack runs under :func:`verify.engine.guard.guarded`: what it prints goes to standard error,
    what it changes is undone, and it may not take for ever.

    Raises:
        PackError: there is no such pack, or it is broken.
    """
    with guarded():
        return _loaded(name)


def _loaded(name: str | None) -> Paper:
    points = metadata.entry_points(group=GROUP if name is not None else DEFAULT_GROUP)
    modules = {point.value.split(":")[0]: point for point in points if name in (None, point.name)}
    if len(modules) > 1 and name is not None:
        raise PackError(
            f"{len(modules)} installed packs are called {name}: {', '.join(sorted(modules))}; "
            "name one by its path, or uninstall the others"
        )
    for module, point in modules.items():
        return _named(_paper(_imported(module, point.name), point.name), name, module)
    if name is None:
        raise PackError("no default pack is installed: name a pack with --pack")
    path = Path(name)
    if path.exists():
        return replace(_paper(_from_path(path, name), name), origin=name)
    raise PackError(f"there is no pack {name!r}, and no such file or folder{_nearest_pack(name)}")


def _named(paper: Paper, name: str | None, module: str) -> Paper:
    """An installed pack, which commands need to name unless it is the default one."""
    defaults = {point.value for point in metadata.entry_points(group=DEFAULT_GROUP)}
    return paper if name is None or module in defaults else replace(paper, origin=name)


def _nearest_pack(name: str) -> str:
    known = available()
    if not known:
        return "; no packs are installed"
    close = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {close[0]}?" if close else f"; installed packs: {', '.join(known)}"


def _imported(module: str, name: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except (Exception, SystemExit) as error:
        shown = module if name in module.split(".") else f"{name} ({module})"
        raise PackError(_broken(shown, error, _root(module))) from error


def _root(module: str) -> Path | None:
    """The folder of the outermost package of an installed module."""
    try:
        spec = importlib.util.find_spec(module.split(".", maxsplit=1)[0])
    except (ImportError, ValueError):
        return None
    return Path(spec.origin).resolve().parent if spec is not None and spec.origin else None


def _from_path(path: Path, name: str) -> ModuleType:
    source = (_main_file(path, name) if path.is_dir() else path).resolve()
    if source.suffix != ".py":
        raise PackError(f"the pack {name} is not a folder or a Python file")
    package = source.name == "__init__.py"
    folder = source.parent
    known = _module_name(folder.name if package else source.stem, source)
    spec = importlib.util.spec_from_file_location(
        known, source, submodule_search_locations=[str(folder)] if package else None
    )
    if spec is None or spec.loader is None:
        raise PackError(f"the pack {name} is not a folder or a Python file")
    module = importlib.util.module_from_spec(spec)
    _forget_others(folder)
    before = set(sys.modules)
    sys.modules[known] = module
    try:
        with _on_path(folder.parent if package else folder):
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        for new in {*set(sys.modules) - before, known}:
            if new == known or _inside(sys.modules[new], folder):
                del sys.modules[new]
        raise PackError(_broken(name, error, folder)) from error
    for new in {*set(sys.modules) - before, known}:
        if _inside(sys.modules[new], folder):
            _BY_PATH[new] = folder
    return module


def _forget_others(folder: Path) -> None:
    """Drop the modules of packs in other folders, whose names this pack may use for its own."""
    for name, home in list(_BY_PATH.items()):
        if home != folder:
            sys.modules.pop(name, None)
            del _BY_PATH[name]


def _inside(module: ModuleType, folder: Path) -> bool:
    source = getattr(module, "__file__", None)
    return source is not None and folder in Path(source).resolve().parents


def _main_file(folder: Path, name: str) -> Path:
    """The file of a folder that defines ``PAPER``."""
    package = folder / "__init__.py"
    if package.is_file():
        return package
    found = [path for path in sorted(folder.glob("*.py")) if _has(path, _DECLARES)]
    if not found:
        inner = sorted(folder.glob("*/__init__.py"))
        found = [path for path in inner if _has(path, _MENTIONS)]
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(str(path.relative_to(folder)) for path in found)
        raise PackError(
            f"the pack {name} has several files that define PAPER: name one ({several})"
        )
    raise PackError(f"the pack {name} has no __init__.py and no file that defines PAPER")


def _has(path: Path, pattern: re.Pattern[str]) -> bool:
    try:
        return bool(pattern.search(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError):
        return False


def _module_name(stem: str, source: Path) -> str:
    """The file's own name, so that a package can import its parts; another if that is taken."""
    taken = sys.modules.get(stem)
    here = getattr(taken, "__file__", None)
    if stem.isidentifier() and (taken is None or (here and Path(here).resolve() == source)):
        return stem
    return "pack_" + re.sub(r"\W", "_", str(source))


@contextmanager
def _on_path(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _broken(name: str, error: BaseException, root: Path | None) -> str:
    """What went wrong, and in which line of the pack."""
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    place = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if root is not None and root in Path(frame.filename).resolve().parents:
            place = f" {frame.filename}, line {frame.lineno}:"
    if isinstance(error, SyntaxError) and error.filename:
        place, reason = f" {error.filename}, line {error.lineno}:", error.msg
    return f"the pack {name} is broken:{place} {reason}"


def _paper(module: ModuleType, name: str) -> Paper:
    paper = getattr(module, "PAPER", None)
    if not isinstance(paper, Paper):
        what = "defines no PAPER" if paper is None else "defines a PAPER that is not a Paper"
        raise PackError(f"the pack {name} is broken: {module.__file__} {what}")
    for place, problem in _misfits(paper):
        raise PackError(f"the pack {name} is broken: {place or module.__file__}: {problem}")
    ids = Counter(
        (*(item.id for item in paper.definitions), *(item.id for item in paper.statements))
    )
    twice = [identifier for identifier, count in ids.items() if count > 1]
    if twice:
        raise PackError(
            f"the pack {name} is broken: {module.__file__} declares {', '.join(twice)} twice"
        )
    for identifier, verdict in paper.expected.items():
        if identifier not in ids or verdict not in VERDICTS:
            known = identifier in ids
            raise PackError(
                f"the pack {name} is broken: {module.__file__} expects {verdict!r} of {identifier}"
                f"{'' if known else ', which it does not declare'}; "
                f"verdicts are {', '.join(VERDICTS)}"
            )
    return paper


def _misfits(paper: Paper) -> Iterator[tuple[str, str]]:
    """What keeps a pack from being listed; a statement by itself is looked at when it is checked.

    An id is the name of files and of commands, so that it has no blanks and leads nowhere.
    """
    # Imported here: what needs no pack, such as `recheck`, needs no SymPy either.
    from verify.engine.declared import kind_of_fields  # noqa: PLC0415

    yield from (("", f"PAPER: {message}") for message in kind_of_fields(paper))
    if not paper.statements and not paper.definitions:
        yield "", "PAPER has no statements and no definitions: list some"
    ids: list[tuple[Any, str]] = [(item.id, "") for item in paper.definitions]
    ids += [(item.id, item.declared_at) for item in paper.statements]
    for identifier, place in ids:
        if not isinstance(identifier, str) or not _ID.fullmatch(identifier):
            yield (
                place,
                f"{identifier!r} is no id: write text of letters, digits, dots and hyphens, with a "
                "slash before the part, such as '4.1' or '4.1/upper'",
            )


def statements_of(paper: Paper, identifier: str) -> tuple[Statement, ...]:
    """The statement with an id, or all parts of the lemma with that number.

    Raises:
        UnknownId: there is none.
    """
    exact = tuple(item for item in paper.statements if item.id == identifier)
    found = exact or tuple(item for item in paper.statements if item.lemma == identifier)
    if found:
        return found
    for item in paper.definitions:
        if item.id == identifier:
            kind = f"an {item.kind}" if item.kind[0] in "aeiou" else f"a {item.kind}"
            raise UnknownId(f"{identifier} is {kind} ({item.title}): nothing to check")
    raise UnknownId(_unknown(paper, identifier))


def definition_of(paper: Paper, identifier: str) -> Definition | None:
    """The definition (or other listed item) with an id, or None."""
    return next((item for item in paper.definitions if item.id == identifier), None)


def _unknown(paper: Paper, identifier: str) -> str:
    statements = [item.id for item in paper.statements]
    lemmas = [item.lemma for item in paper.statements]
    definitions = [item.id for item in paper.definitions]
    known = list(dict.fromkeys((*statements, *lemmas, *definitions)))
    close = difflib.get_close_matches(identifier, known, 3)
    parts = [known_id for known_id in statements if known_id.startswith(identifier + ".")]
    hint = " or ".join(dict.fromkeys((*parts, *close))) or "see the command list"
    asked = f"did you mean {hint}?" if parts or close else hint
    return f"there is no statement {identifier} in {paper.name}: {asked}"
