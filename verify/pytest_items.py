"""What the pytest plugin collects: the parts of packs and the claims of files."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from verify.engine.authors import problems, second_thoughts
from verify.engine.claims import ClaimError, ClaimText, check_claims
from verify.engine.claims_file import BadRecord, read_claims
from verify.engine.packs import PackError, as_good, load_pack
from verify.engine.results import Result
from verify.language.statement import Paper, Statement
from verify.report import view


class NotGood(Exception):
    """A result that is not as good as it should be."""

    def __init__(self, result: Result, command: str, place: str, note: str) -> None:
        super().__init__(f"{result.id}: {result.claim.verdict}")
        self.result = result
        self.command = command
        self.place = place
        self.note = note


class BadClaim(Exception):
    """A record of a claims file that cannot be read."""


def collectors(session: pytest.Session) -> Iterator[pytest.Collector]:
    """A collector for each pack and each claims file that was asked for."""
    option = session.config.option
    for name in option.verify_pack:
        yield PackTests.from_parent(session, name=_short(name), nodeid=_short(name), pack=name)
    for name in option.verify_claims:
        file = Path(name)
        yield ClaimTests.from_parent(session, name=file.name, nodeid=file.name, file=file)


def _short(name: str) -> str:
    """A pack by path is called by the last part of that."""
    return Path(name).name


class _Tests(pytest.Collector):
    """Tests that come from one source."""

    def settings(self) -> dict[str, Any]:
        """Search time and seed, by the names that the engine has for them."""
        option = self.config.option
        return {"seconds": option.verify_seconds, "seed": option.verify_seed}

    @property
    def strict(self) -> bool:
        """Whether only proved is good enough."""
        return bool(self.config.option.verify_strict)


class PackTests(_Tests):
    """The parts of a pack."""

    def __init__(self, *, pack: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pack = pack

    def collect(self) -> Iterator[pytest.Item]:
        """One test for each part.

        Raises:
            CollectError: the pack is missing or broken, or its author has slipped.
        """
        try:
            paper = load_pack(self.pack)
        except PackError as error:
            raise self.CollectError(str(error)) from error
        found = problems(paper, paper.statements)
        if found:
            raise self.CollectError("\n".join(found))
        for statement in paper.statements:
            yield Part.from_parent(self, name=statement.id, paper=paper, statement=statement)


class ClaimTests(_Tests):
    """The claims of a file."""

    def __init__(self, *, file: Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.file = file

    def collect(self) -> Iterator[pytest.Item]:
        """One test for each record, also for those that cannot be read.

        Raises:
            CollectError: the file cannot be read at all.
        """
        try:
            records = read_claims(self.file)
        except ClaimError as error:
            raise self.CollectError(str(error)) from error
        for record in records:
            yield OneClaim.from_parent(self, name=record.id, record=record, file=self.file)


class _Test(pytest.Item):
    """One part: fails with a result to show."""

    parent: _Tests

    def mark(self, identifier: str, *, pack: str, section: str, kind: str) -> None:
        """The markers of a part, and its id in a form that ``-k`` can take."""
        self.extra_keyword_matches.add(identifier.replace(".", "_").replace("/", "_"))
        self.add_marker(pytest.mark.verify)
        self.add_marker(pytest.mark.verify_pack(name=pack))
        self.add_marker(pytest.mark.verify_section(number=section))
        self.add_marker(pytest.mark.verify_kind(name=kind))

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where the test comes from, and what it is called."""
        return self.path, None, f"{self.parent.name} {self.name}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Hypotheses, claim, counterexample and command; a trace only if the plugin failed."""
        error = excinfo.value
        if isinstance(error, BadClaim):
            return str(error)
        if isinstance(error, NotGood):
            return _shown(error)
        return super().repr_failure(excinfo, style)


class Part(_Test):
    """One part of a pack."""

    def __init__(self, *, paper: Paper, statement: Statement, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.paper = paper
        self.statement = statement
        self.mark(statement.id, pack=paper.name, section=statement.section, kind=statement.kind)

    def runtest(self) -> None:
        """Check the part, in a process of its own.

        Raises:
            NotGood: the verdict is not as good as the pack expects.
            KeyboardInterrupt: the check was interrupted.
        """
        # Only now: collecting needs no search, and its imports take a while.
        from verify.engine.run import Settings, run  # noqa: PLC0415

        identifier = self.statement.id
        command = f"python -m verify check {shlex.quote(identifier)}{self.paper.option}"
        settings = Settings(**self.parent.settings(), jobs=1, command=command, attack="none")
        found = run(self.paper, (self.statement,), settings, lambda _: None)
        if not found.run.complete:
            raise KeyboardInterrupt
        (result,) = found.results
        expected = "proved" if self.parent.strict else self.paper.expected.get(identifier)
        if not as_good(result.claim.verdict, expected):
            note = second_thoughts(self.statement, result)
            raise NotGood(result, command, self.statement.declared_at, note)


class OneClaim(_Test):
    """One claim of a file, or a record that cannot be read."""

    def __init__(self, *, record: ClaimText | BadRecord, file: Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.record = record
        self.file = file
        self.mark(record.id, pack=self.parent.name, section="", kind="claim")

    def runtest(self) -> None:
        """Decide the claim, in a process of its own.

        Raises:
            NotGood: the verdict is not good enough.
            BadClaim: the record cannot be read.
        """
        if isinstance(self.record, BadRecord):
            raise BadClaim(f"{self.file}, {self.record.place}: {self.record.message}")
        ((_, result),) = check_claims([self.record], **self.parent.settings(), jobs=1)
        expected = "proved" if self.parent.strict else None
        if not as_good(result.claim.verdict, expected):
            place = f"{self.file}, {self.record.place}"
            raise NotGood(result, self.record.command, place, " ".join(result.findings))


def _shown(error: NotGood) -> str:
    """What went wrong in a few lines: the first says it all, the last runs it again."""
    result = error.result
    statement = result.statement
    title = "" if result.title == statement.conclusion.text else f" ({result.title})"
    lines = [f"{result.id}{title} is {result.claim.verdict}: {view.why(result)}"]
    lines += [f"  where  {hypothesis.text}" for hypothesis in statement.hypotheses]
    lines.append(f"  claim  {statement.conclusion.text}")
    found = result.claim.counterexample
    if found is not None:
        lines += [f"  at     {name} = {value}" for name, value in found.point.items()]
        sides = (("left", found.left), ("right", found.right))
        lines += [f"  {name:<5}  {value}" for name, value in sides if value is not None]
    if found is not None and found.undefined is not None:
        lines.append(f"  undefined there: {found.undefined}")
    if error.note:
        lines.append(f"  note   {error.note}")
    if error.place:
        lines.append(f"declared at {error.place}")
    lines.append(f"to reproduce: {(found.command if found else '') or error.command}")
    return "\n".join(view.printable(line) for line in lines)
