"""What changed between two results files."""

from __future__ import annotations

from dataclasses import dataclass

from verify.engine.results import Document
from verify.report.verdicts import claim_rank, plural, proof_rank


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict that is not what it was; ``of`` is ``claim`` or ``printed proof``."""

    id: str
    of: str
    before: str
    after: str
    better: bool

    def words(self) -> str:
        """``6.6/1a: claim proved, was unknown``."""
        return f"{self.id}: {self.of} {self.after}, was {self.before}"


@dataclass(frozen=True, slots=True)
class Diff:
    """New and gone ids, changed verdicts, and new and gone findings of what both files have."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    new_findings: tuple[tuple[str, str], ...]
    gone_findings: tuple[tuple[str, str], ...]
    same: int

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(
            self.new
            or self.gone
            or self.better
            or self.worse
            or self.new_findings
            or self.gone_findings
        )

    def lines(self) -> tuple[str, ...]:
        """The changes in words, the worst first; ``nothing changed`` where there are none."""
        rows = [f"worse   {change.words()}" for change in self.worse]
        rows += [f"gone    {identifier}" for identifier in self.gone]
        rows += [f"better  {change.words()}" for change in self.better]
        rows += [f"new     {identifier}" for identifier in self.new]
        rows += [f"finding {identifier}: {text}" for identifier, text in self.new_findings]
        rows += [f"no more {identifier}: {text}" for identifier, text in self.gone_findings]
        return (*(rows or ["nothing changed"]), f"{plural(self.same, 'result')} unchanged")


def diff(old: Document, new: Document) -> Diff:
    """Compare the verdicts and findings of two runs, statement by statement."""
    before = {result.id: result for result in old.results}
    after = {result.id: result for result in new.results}
    changes: list[Change] = []
    findings: list[tuple[str, str]] = []
    lost: list[tuple[str, str]] = []
    same = 0
    for identifier, now in after.items():
        then = before.get(identifier)
        if then is None:
            continue
        found = [
            Change(identifier, of, was, is_now, rank(is_now) > rank(was))
            for of, was, is_now, rank in (
                ("claim", then.claim.verdict, now.claim.verdict, claim_rank),
                ("printed proof", then.proof.verdict, now.proof.verdict, proof_rank),
            )
            if was != is_now
        ]
        added = [(identifier, text) for text in now.findings if text not in then.findings]
        removed = [(identifier, text) for text in then.findings if text not in now.findings]
        changes += found
        findings += added
        lost += removed
        same += not (found or added or removed)
    return Diff(
        tuple(identifier for identifier in after if identifier not in before),
        tuple(identifier for identifier in before if identifier not in after),
        tuple(change for change in changes if change.better),
        tuple(change for change in changes if not change.better),
        tuple(findings),
        tuple(lost),
        same,
    )
