"""Saved proofs about orders of growth: the question together with the argument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from verify.asymptotics.check import check_order
from verify.asymptotics.question import Order, Question
from verify.kernel.context import read_formula, read_term
from verify.kernel.poly import Refused
from verify.language.codec import encode_formula, encode_term


def save_order(asked: Question, proof: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A proof with the question that it answers, for a results file."""
    return {
        "growth": {
            "variable": asked.variable,
            "sequences": sorted(asked.sequences),
            "hypotheses": [encode_formula(item) for item in asked.hypotheses],
            "given": [_saved(item) for item in asked.given],
            "goal": _saved(asked.goal),
        },
        "proof": list(proof),
    }


def _saved(order: Order) -> list[Any]:
    return [encode_term(order.left), order.kind, encode_term(order.right)]


def recheck_order(data: Mapping[str, Any]) -> None:
    """Check a saved proof of an order of growth again.

    Raises:
        Refused: it is not accepted; says why.
    """
    check_order(read_order(data), data["proof"])


def read_order(data: Mapping[str, Any]) -> Question:
    """The question that a saved proof answers.

    Raises:
        Refused: the data is not a proof of an order of growth.
    """
    about = data.get("growth")
    fields = {"variable", "sequences", "hypotheses", "given", "goal"}
    if not isinstance(about, Mapping) or set(about) != fields or set(data) != {"growth", "proof"}:
        raise Refused("a proof of an order of growth has a question and a proof")
    return Question(
        _name(about["variable"]),
        frozenset(map(_name, _list(about["sequences"]))),
        tuple(read_formula(item) for item in _list(about["hypotheses"])),
        tuple(map(_read, _list(about["given"]))),
        _read(about["goal"]),
    )


def _read(data: object) -> Order:
    parts = _list(data)
    if len(parts) != 3 or parts[1] not in ("o", "omega", "O", "Theta"):
        raise Refused("an order of growth is [left, kind, right]")
    return Order(read_term(parts[0]), parts[1], read_term(parts[2]))


def _name(data: object) -> str:
    if not isinstance(data, str):
        raise Refused("names are text")
    return data


def _list(data: object) -> list[Any]:
    if not isinstance(data, list | tuple):
        raise Refused("a list was expected")
    return list(data)
