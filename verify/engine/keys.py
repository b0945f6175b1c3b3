"""Keys of cached results, and the kernel's second look at what is found under them.

Nothing here knows statements, so that claims from text can be decided without loading SymPy.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import msgspec

from verify.engine.decide import confirmed
from verify.engine.results import Claim
from verify.engine.versions import digest, fingerprint
from verify.kernel.certificate import Obligation, accept, load, save
from verify.kernel.check import Sequent
from verify.kernel.poly import Refused
from verify.kernel.sums import Theory
from verify.language.grammar import parse_term
from verify.language.term import FALSE


@dataclass(frozen=True, slots=True)
class Keys:
    """Makes keys for one set-up of a run."""

    seconds: float
    seed: int
    profile: str = ""

    def of(self, kind: str, content: object) -> str:
        """The key of something with the given content."""
        setup = [kind, fingerprint(), self.seconds, self.seed, self.profile]
        return digest([setup, content])


@dataclass(frozen=True, slots=True)
class Memory:
    """What the kernel has done in this process, for those that ask the same of it."""

    theories: dict[str, Theory] = field(default_factory=dict)
    """What was unfolded, by the digest of the definitions."""
    accepted: dict[str, frozenset[str]] = field(default_factory=dict)
    """The cited facts of what was accepted, by the digest of the whole certificate."""


def accepted(certificate: object, wanted: Obligation, memory: Memory) -> frozenset[str]:
    """Let the kernel check a certificate that should be about ``wanted``; the cited facts.

    Raises:
        Refused: it is not accepted, or is about something else.
    """
    obligation, proof = load(certificate)
    assert isinstance(certificate, dict)
    stated = {key: value for key, value in certificate.items() if key != "proof"}
    expected = save(wanted, {})
    del expected["proof"]
    if digest(stated) != digest(expected):
        raise Refused("the certificate is about something else")
    whole = digest(certificate)
    if whole not in memory.accepted:
        theory = memory.theories.setdefault(digest(stated.get("theory")), obligation.theory)
        memory.accepted[whole] = accept(replace(obligation, theory=theory), proof)
    return memory.accepted[whole]


def claim_still_right(sequent: Sequent, value: bytes) -> Claim:
    """A stored verdict on a claim, if it is right.

    Raises:
        Refused: it is not right, or not about this claim.
        ValueError: it cannot be read.
    """
    claim = msgspec.json.decode(value, type=Claim)
    if claim.verdict in ("proved", "vacuous"):
        goal = FALSE if claim.verdict == "vacuous" else sequent.conclusion
        wanted = Obligation(sequent.hypotheses, goal, sequent.integers)
        if accepted(claim.certificate, wanted, Memory()) != frozenset(claim.axioms):
            raise Refused("it rests on other cited facts")
    elif claim.verdict == "refuted" and claim.counterexample is not None:
        point = {name: parse_term(value) for name, value in claim.counterexample.point.items()}
        if confirmed(sequent, point, "") is None:
            raise Refused("the counterexample is none")
    else:
        raise Refused("a verdict that is not kept")
    return claim
