"""Which of the words after an option are its values, and which one is the positional argument.

Left to itself, argparse gives an option that takes several values everything up to the next
option, and with it the claim or the id that follows them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence


def _names(word: str) -> bool:
    return all(name.strip().replace("_", "a").isalnum() for name in word.strip(",").split(","))


def _setting(word: str) -> bool:
    return "=" in word


def _formula(_: str) -> bool:
    return True


_SEVERAL: dict[str, dict[str, Callable[[str], bool]]] = {
    "claim": {"--int": _names, "--where": _formula},
    "at": {"--set": _setting},
    "sweep": {"--set": _setting},
}
"""For each command its options with several values, and what looks like a value of each."""

_OF_AT = ("--signs",)
_OF_SEARCH = ("--json", "--pack", "--seconds", "--seed", "--jobs")
_OF_SWEEP = ("--over", "--sample", "--out", "--map", "--scheduler")
SINGLE = frozenset((*_OF_AT, *_OF_SEARCH, *_OF_SWEEP))
"""The options of these commands that take exactly one value."""


def arranged(arguments: Sequence[str]) -> Sequence[str]:
    """The arguments with every value joined to its option, as in ``--int=n``.

    Where no positional argument stands by itself, it is the last word that does not look like a
    value, or else the last one that is not the only value of its option. Formulas that start with
    a minus get a blank before them, as they are no options.
    """
    if not arguments or arguments[0] not in _SEVERAL:
        return arguments
    command, several = arguments[0], _SEVERAL[arguments[0]]
    found: list[tuple[str, str]] = []
    spare: list[int] = []
    odd: list[int] = []
    alone = single = False
    option, first = "", True
    for place, word in enumerate(arguments[1:], 1):
        if single:
            single = False
        elif word == "--":
            found += [("", rest) for rest in arguments[place:]]
            alone = True
            break
        elif word == "-h" or (word.startswith("--") and " " not in word.partition("=")[0]):
            name, equals, _ = word.partition("=")
            single = name in SINGLE and not equals
            option, first = ("", True) if equals or name not in several else (name, True)
            if option and _has_value(arguments, place):
                continue
        elif option:
            if not first:
                (spare if several[option](word) else odd).append(len(found))
            found.append((option, word))
            first = False
            continue
        else:
            alone = True
            found.append(("", _as_formula(command, word)))
            continue
        found.append(("", word))
    if not alone and (odd or spare):
        place = (odd or spare)[-1]
        found[place] = ("", _as_formula(command, found[place][1]))
    return [command, *(f"{name}={word}" if name else word for name, word in found)]


def _has_value(arguments: Sequence[str], place: int) -> bool:
    return place + 1 < len(arguments) and not arguments[place + 1].startswith("--")


def _as_formula(command: str, word: str) -> str:
    return f" {word}" if command == "claim" and word[:1] == "-" else word
