"""Whether declared values are of the kinds that their fields ask for, with what to write instead.

The fields of :mod:`verify.language.statement` say what they hold; nothing is listed here twice.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import sympy

from verify.language import statement as language
from verify.language.sympy_terms import LanguageError, to_term

_SYMBOLS = frozenset(
    {
        (language.Param, "symbol"),
        (language.Index, "symbol"),
        (language.Array, "name"),
        (language.Array, "indices"),
        (language.Stacked, "name"),
        (language.ForAll, "index"),
        (language.SignSum, "index"),
        (language.Output, "index"),
        (language.Output, "row"),
        (language.Asymptotic, "variable"),
        (language.Statement, "large"),
        (language.Statement, "fixed"),
        (language.Reading, "large"),
        (language.Reading, "fixed"),
    }
)
"""The fields that hold symbols or their names; their types do not tell them from expressions."""

_WORDS: dict[type, str] = {str: "text", bool: "True or False"}


def mistyped(item: Any) -> Iterator[str]:
    """What is of the wrong kind in a declared value, and in those that it consists of."""
    wrong = False
    for message in kind_of_fields(item):
        wrong = True
        yield message
    if wrong:
        return
    for field in dataclasses.fields(item):
        value = getattr(item, field.name)
        if (item.__class__, field.name) in _SYMBOLS and value is not None:
            yield from _no_symbols(field.name, value)
        else:
            yield from _inside(field.name, value)


def kind_of_fields(item: Any) -> Iterator[str]:
    """What is of the wrong kind in the fields of a declared value itself."""
    kind: type = item.__class__
    hints = _hints(kind)
    for field in dataclasses.fields(item):
        yield from _unfit(field.name, getattr(item, field.name), hints[field.name])


@lru_cache(64)
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _inside(name: str, value: Any) -> Iterator[str]:
    if dataclasses.is_dataclass(value) and type(value).__module__ == language.__name__:
        yield from (f"{name}: {message}" for message in mistyped(value))
    elif isinstance(value, tuple | list):
        for number, part in enumerate(value, 1):
            yield from _inside(f"{name}, item {number}", part)


def _unfit(name: str, value: Any, hint: Any) -> Iterator[str]:
    """How a value differs from what a field holds."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is tuple:
        if not isinstance(value, tuple | list):
            yield (
                f"{name} must be a tuple, got {_shown(value)}: write (.., ) around it, with the "
                "comma also after a single one"
            )
        elif parts[-1] is Ellipsis:
            for number, part in enumerate(value, 1):
                yield from _unfit(f"{name}, item {number},", part, parts[0])
        elif len(value) != len(parts):
            yield f"{name} must have {len(parts)} entries, got {len(value)}"
    elif origin is Literal:
        if value not in parts:
            close = difflib.get_close_matches(str(value), parts, 1)
            guess = f"; did you mean {close[0]}?" if close else ""
            yield f"{name} must be one of {', '.join(parts)}, got {value!r}{guess}"
    elif origin in (Union, UnionType):
        if Any not in parts and all(list(_unfit(name, value, part)) for part in parts):
            kinds = " or ".join(_word(part) for part in parts if part is not type(None))
            yield f"{name} must be {kinds}, got {_shown(value)}"
    elif isinstance(origin, type):
        if not isinstance(value, origin):
            yield f"{name} must be a {origin.__name__}, got {_shown(value)}"
        elif isinstance(value, Mapping):
            for key, part in value.items():
                yield from _unfit(f"a key of {name}", key, parts[0])
                yield from _unfit(f"{name}, {key},", part, parts[1])
    elif hint is not Any and not isinstance(value, hint):
        yield f"{name} must be {_word(hint)}, got {_shown(value)}{_instead(value, hint)}"


def _word(hint: Any) -> str:
    return _WORDS.get(hint) or _named(getattr(hint, "__name__", str(hint)))


def _named(kind: str) -> str:
    return f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind}"


def _instead(value: Any, hint: Any) -> str:
    if hint is language.Hypothesis and isinstance(value, sympy.Basic | language.ForAll):
        return f": write Hypothesis({value if isinstance(value, sympy.Basic) else '..'})"
    return f": write {str(value)!r}" if hint is str and not dataclasses.is_dataclass(value) else ""


def _shown(value: Any) -> str:
    if dataclasses.is_dataclass(value):
        return _named(type(value).__name__)
    return str(value) if isinstance(value, sympy.Basic) else repr(value)


def _no_symbols(name: str, value: Any) -> Iterator[str]:
    for part in value if isinstance(value, tuple | list) else (value,):
        symbol = sympy.Symbol(part) if isinstance(part, str) and name == "name" else part
        if type(symbol) is not sympy.Symbol:
            yield f'{name} must be a symbol, got {_shown(part)}: make it with x, y = symbols("x y")'
            continue
        try:
            to_term(symbol)
        except LanguageError as error:
            yield f"{name} cannot be read: {error}"
