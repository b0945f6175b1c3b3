"""Certificates as saved in a results file: the obligation together with its proof.

``recheck`` needs nothing but the data: it rebuilds the obligation from it, so that the caller can
compare it with what was claimed, and runs the rules.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from verify.kernel.chance import Chance, NetworkEvent, SignEvent, Weight, check_chance
from verify.kernel.check import Sequent, check_goal, refusing
from verify.kernel.context import Context, read_formula, read_term
from verify.kernel.poly import Refused
from verify.kernel.sums import NO_THEORY, Definition, Family, IndexMap, Theory, is_size
from verify.language.codec import encode_formula, encode_term
from verify.language.term import TRUE, Formula, Mul, Rel, nnf

VERSION = 1
THEORIES = 64
"""How many theories are remembered."""


@dataclass(frozen=True)
class Obligation:
    """Hypotheses, definitions and one conclusion: a formula or a probability bound."""

    hypotheses: tuple[Formula, ...]
    conclusion: Formula | Chance
    integers: frozenset[str] = frozenset()
    theory: Theory = NO_THEORY

    def sequent(self) -> Sequent:
        """The obligation for the rules; for a probability bound, its context."""
        goal = self.conclusion if not isinstance(self.conclusion, Chance) else TRUE
        return Sequent(self.hypotheses, goal, self.integers, self.theory)


def accept(obligation: Obligation, proof: object) -> frozenset[str]:
    """Check a proof; returns the cited facts that it rests on.

    Raises:
        Refused: the proof is not accepted.
    """
    with refusing():
        context = obligation.sequent().context()
        check_theory(context)
        if isinstance(obligation.conclusion, Chance):
            return check_chance(context, obligation.conclusion, proof)
        check_goal(context, obligation.conclusion, proof)
        return frozenset()


def check_theory(context: Context) -> None:
    """What the definitions take for granted about sizes is among the hypotheses.

    An index is an integer, and the size of its range a natural number; that it lies in its range is
    for the theory to say, as a hypothesis that is shown with the others. A lower bound of a size is
    one of an integer; a map of rows has as many rows as its copies of
    all classes together, all of them natural numbers.

    Raises:
        Refused: nothing says so.
    """
    theory = context.theory
    for name, size in theory.ranges.items():
        if name not in context.integers or not is_size(size, theory):
            raise Refused(f"nothing says that {name} is an index in a range of natural size")
    for name, value in theory.least.items():
        low = context.bounds.get(name, (None, None))[0]
        if value < 0 or name not in context.integers or low is None or low < value:
            raise Refused(f"nothing says that {name} is an integer of at least {value}")
    for name, item in theory.maps.items():
        parts = (item.size, item.classes, item.copies)
        if not all(is_size(part, theory) for part in parts):
            raise Refused(f"the numbers of rows, classes and copies of {name} are natural numbers")
        if not context.knows(Rel("==", item.size, Mul((item.classes, item.copies)))):
            raise Refused(f"nothing says that the rows of {name} are its copies of all classes")


def save(obligation: Obligation, proof: Mapping[str, Any]) -> dict[str, Any]:
    """The certificate as plain data."""
    data: dict[str, Any] = {
        "version": VERSION,
        "hypotheses": [encode_formula(hypothesis) for hypothesis in obligation.hypotheses],
        "integers": sorted(obligation.integers),
    }
    if isinstance(obligation.conclusion, Chance):
        data["probability"] = _encode_chance(obligation.conclusion)
    else:
        data["conclusion"] = encode_formula(obligation.conclusion)
    if obligation.theory != NO_THEORY:
        data["theory"] = _encode_theory(obligation.theory)
    data["proof"] = dict(proof)
    return data


def load(data: object) -> tuple[Obligation, object]:
    """The obligation and the proof of a saved certificate.

    Raises:
        Refused: the data is not a certificate.
    """
    if not isinstance(data, Mapping) or data.get("version") != VERSION:
        raise Refused("not a certificate of a known version")
    known = {"version", "hypotheses", "integers", "conclusion", "probability", "theory", "proof"}
    if not set(data) <= known or ("conclusion" in data) == ("probability" in data):
        raise Refused("a certificate has hypotheses, integers, one conclusion, and a proof")
    conclusion: Formula | Chance
    if "conclusion" in data:
        conclusion = nnf(read_formula(data["conclusion"]))
    else:
        conclusion = _decode_chance(data["probability"])
    obligation = Obligation(
        tuple(read_formula(item) for item in _list(data.get("hypotheses"))),
        conclusion,
        frozenset(_names(data.get("integers"))),
        _decode_theory(data["theory"]) if "theory" in data else NO_THEORY,
    )
    return obligation, data.get("proof")


def recheck(data: object) -> frozenset[str]:
    """Check a saved certificate; returns the cited facts that it rests on.

    Raises:
        Refused: it is not accepted; says why.
    """
    obligation, proof = load(data)
    return accept(obligation, proof)


def _list(data: object) -> list[Any]:
    if not isinstance(data, list | tuple):
        raise Refused("a list was expected")
    return list(data)


def _names(data: object) -> list[str]:
    names = _list(data)
    if not all(isinstance(name, str) for name in names):
        raise Refused("names are text")
    return names


def _table(data: object) -> Mapping[str, Any]:
    if not isinstance(data, Mapping) or not all(isinstance(key, str) for key in data):
        raise Refused("a table was expected")
    return data


def _integer(data: object) -> int:
    if isinstance(data, bool) or not isinstance(data, int):
        raise Refused("an integer was expected")
    return data


def _encode_theory(theory: Theory) -> dict[str, Any]:
    return {
        "definitions": {
            name: [list(item.indices), encode_term(item.body)]
            for name, item in sorted(theory.definitions.items())
        },
        "maps": {
            name: [encode_term(part) for part in (item.size, item.classes, item.copies)]
            for name, item in sorted(theory.maps.items())
        },
        "ranges": {name: encode_term(size) for name, size in sorted(theory.ranges.items())},
        "least": dict(sorted(theory.least.items())),
        "distinct": [[encode_term(a), encode_term(b)] for a, b in theory.distinct],
        "families": [
            [
                item.var,
                encode_term(item.size),
                encode_formula(item.formula),
                [encode_term(exception) for exception in item.exceptions],
            ]
            for item in theory.families
        ],
    }


def _decode_theory(data: object) -> Theory:
    try:
        return _theory(json.dumps(data, sort_keys=True))
    except (TypeError, ValueError, RecursionError) as error:
        raise Refused(f"unreadable definitions: {error}") from error


@lru_cache(maxsize=THEORIES)
def _theory(text: str) -> Theory:
    """The same theory for the same text, so that what it unfolded before is remembered."""
    table = _table(json.loads(text))
    fields = {"definitions", "maps", "ranges", "least", "distinct", "families"}
    if set(table) != fields:
        raise Refused(f"the definitions have the fields {sorted(fields)}")
    return Theory(
        definitions={
            name: Definition(tuple(_names(indices)), read_term(body))
            for name, (indices, body) in _table(table["definitions"]).items()
        },
        maps={
            name: IndexMap(*(read_term(part) for part in parts))
            for name, parts in _table(table["maps"]).items()
        },
        ranges={name: read_term(size) for name, size in _table(table["ranges"]).items()},
        least={name: _integer(value) for name, value in _table(table["least"]).items()},
        distinct=tuple((read_term(a), read_term(b)) for a, b in _list(table["distinct"])),
        families=tuple(
            Family(
                var,
                read_term(size),
                read_formula(formula),
                tuple(read_term(exception) for exception in _list(exceptions)),
            )
            for var, size, formula, exceptions in _list(table["families"])
        ),
    )


def _encode_weight(weight: Weight) -> list[Any]:
    exceptions = [encode_term(exception) for exception in weight.exceptions]
    return [encode_term(weight.weight), encode_term(weight.count), weight.index, exceptions]


def _decode_weight(data: object) -> Weight:
    parts = _list(data)
    if len(parts) != 4 or not (parts[2] is None or isinstance(parts[2], str)):
        raise Refused("a weight is [weight, count, index, exceptions]")
    exceptions = tuple(read_term(item) for item in _list(parts[3]))
    return Weight(read_term(parts[0]), read_term(parts[1]), parts[2], exceptions)


def _encode_chance(claim: Chance) -> dict[str, Any]:
    event = claim.event
    data: dict[str, Any] = {
        "weights": [_encode_weight(weight) for weight in event.weights],
        "threshold": encode_term(event.threshold),
        "bound": encode_term(claim.bound),
    }
    if isinstance(event, SignEvent):
        return data | {"event": "signs", "op": event.op, "absolute": event.absolute}
    return data | {
        "event": "network",
        "columns": encode_term(event.columns),
        "positive": event.positive,
        "index": event.index,
        "rows": encode_term(event.rows),
    }


def _decode_chance(data: object) -> Chance:
    table = _table(data)
    weights = tuple(_decode_weight(item) for item in _list(table.get("weights")))
    threshold, bound = read_term(table.get("threshold")), read_term(table.get("bound"))
    if table.get("event") == "signs":
        op = table.get("op")
        if op not in (">=", ">", "<=", "<") or not isinstance(table.get("absolute"), bool):
            raise Refused("an event of signs has a relation and says whether it is absolute")
        return Chance(SignEvent(weights, op, threshold, table["absolute"]), bound)
    index = table.get("index")
    if table.get("event") != "network" or not isinstance(table.get("positive"), bool):
        raise Refused("an event is about signs or about a network")
    if not (index is None or isinstance(index, str)):
        raise Refused("an index is a name")
    columns, rows = read_term(table.get("columns")), read_term(table.get("rows"))
    return Chance(NetworkEvent(weights, threshold, columns, table["positive"], index, rows), bound)
