"""Keys of cached results, and the kernel's second look at what is found under them.

Nothing here knows statements, so that claims from text can be decided without loading SymPy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

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


def accepted(
    certificate: object, wanted: Obligation, theories: dict[str, Theory]
) -> frozenset[str]:
    """Let the kernel check a certificate that should be about ``wanted``; the cited facts.

    ``theories`` shares what was unfolded between obligations with the same definitions.

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
    theory = theories.setdefault(digest(stated.get("theory")), obligation.theory)
    return accept(replace(obligation, theory=theory), proof)


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
        if accepted(claim.certificate, wanted, {}) != frozenset(claim.axioms):
            raise Refused("it rests on other cited facts")
    elif claim.verdict == "refuted" and claim.counterexample is not None:
        point = {name: parse_term(value) for name, value in claim.counterexample.point.items()}
        if confirmed(sequent, point, "") is None:
            raise Refused("the counterexample is none")
    else:
        raise Refused("a verdict that is not kept")
    return claim
