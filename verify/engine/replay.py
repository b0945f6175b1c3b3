"""Proofs that were found before, to be tried before a search; none of them is believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from verify.engine.results import StepResult
from verify.engine.versions import digest
from verify.kernel.certificate import Obligation, accept, load, save
from verify.kernel.poly import Refused


class Replay:
    """The proofs of steps, by what each is a proof of: a step cannot pass for another one."""

    def __init__(self, steps: Iterable[StepResult] = ()) -> None:
        self._known: dict[str, object] = {}
        for step in steps:
            try:
                obligation, proof = load(step.certificate)
            except Refused:
                continue
            self._known[_asked(obligation)] = proof

    def of(self, obligation: Obligation) -> Mapping[str, Any] | None:
        """A proof of the obligation that the kernel accepts now, if one was found before."""
        proof = self._known.get(_asked(obligation))
        if proof is None:
            return None
        try:
            accept(obligation, proof)
        except Refused:
            return None
        return cast(Mapping[str, Any], proof)


def _asked(obligation: Obligation) -> str:
    return digest(save(obligation, {}))
