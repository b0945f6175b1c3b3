"""The command line: reads arguments, calls the engine, prints results.

Nothing is imported here that ``--help`` does not need.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence

from verify.arguments import arranged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import NoReturn

OK, REFUTED, USAGE, UNKNOWN, ERROR, INTERRUPTED = 0, 1, 2, 3, 4, 130
BROKEN_PIPE = 128 + 13
"""What a shell shows for a command that wrote to a reader that had gone: signal 13."""

_EPILOG = """exit codes: 0 all proved; 1 something refuted; 2 usage or bad input;
3 something unknown or vacuous; 4 an error in the checker; 130 interrupted"""


class UsageError(Exception):
    """Bad input: the message says what is wrong, where, and what to try."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit with its code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = _parser(arguments)
    try:
        options = parser.parse_args(arranged(arguments))
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else USAGE
    if not hasattr(options, "function"):
        parser.print_help(sys.stderr)
        return USAGE
    missing = _stream_missing()
    if missing:
        print(f"verify: {missing}", file=sys.stderr)
        return USAGE
    # Numbers have their own limits in the grammar; printing exact results has none.
    sys.set_int_max_str_digits(0)
    try:
        with _ended_gently():
            code: int = options.function(options)
            sys.stdout.flush()
    except UsageError as error:
        print(f"verify: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("verify: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has closed it; there is nobody left to tell.
        _discard_output()
        return BROKEN_PIPE
    except OSError as error:
        _discard_output()
        with contextlib.suppress(OSError):
            print(f"verify: {_described(error)}", file=sys.stderr)
        return USAGE
    except Exception as error:
        # A traceback would end with the exit code of a refutation.
        print(f"verify: {_fault(error)}", file=sys.stderr)
        return ERROR
    return code


def _stream_missing() -> str:
    """What is wrong with the standard streams that a shell may have closed; empty if nothing."""
    if sys.stderr is None:
        # Messages have nowhere to go; without this, Python would print them among the results.
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        return "standard output is closed: send it to a file, or to /dev/null"
    return ""


@contextlib.contextmanager
def _ended_gently() -> Iterator[None]:
    """A closed terminal, or a polite request to end, is an interrupt: results are kept."""
    import signal  # noqa: PLC0415

    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    before = {}
    # Outside the main thread nobody may touch signals.
    with contextlib.suppress(ValueError):
        for number in (signal.SIGTERM, signal.SIGHUP):
            before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _discard_output() -> None:
    """Nothing more can be written; without this, Python would try again when it ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _described(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else f"cannot write the output: {reason}"


def _fault(error: Exception) -> str:
    """What went wrong in the checker, on one line, and where."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f" ({place.tb_frame.f_code.co_filename}:{place.tb_lineno})"
    said = " ".join(str(error).split())
    return f"an error in the checker: {type(error).__name__}{': ' if said else ''}{said}{where}"


class _NotChosen:
    """Stands for the parser of a command that was not given: only its name is needed."""

    def add_argument(self, *_: object, **__: object) -> None:
        """Nothing: building the options of every command would take longer than the rest."""


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="verify",
        description="Checks the lemmas of theory papers.",
        epilog=_EPILOG,
        allow_abbrev=False,
        formatter_class=_formatter,
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    chosen = next((item for item in arguments if not item.startswith("-")), None)

    def command(
        name: str, function: str, help_text: str, *common: Callable[[argparse.ArgumentParser], None]
    ) -> argparse.ArgumentParser | _NotChosen:
        sub = commands.add_parser(
            name,
            help=help_text,
            description=help_text,
            epilog=_EPILOG,
            allow_abbrev=False,
            formatter_class=_formatter,
        )
        if name != chosen:
            return _NotChosen()
        sub.set_defaults(function=_lazy(function))
        for add in common:
            add(sub)
        return sub

    command(
        "all",
        "check_all",
        "check every statement of a pack and write the report",
        _pack,
        _search,
        _json,
        _strict,
        _output,
        _attack,
        _kept,
        _resumed,
        _forms,
    )
    command("list", "commands_pack.list_ids", "list ids, kinds and titles", _pack, _json, _drawn)
    show = command(
        "show", "commands_pack.show", "print a statement in readable mathematics", _pack, _drawn
    )
    show.add_argument("id", metavar="ID")
    check = command(
        "check",
        "check",
        "check some statements; a lemma's id means all its parts",
        _pack,
        _search,
        _json,
        _strict,
        _output,
        _attack,
        _kept,
        _resumed,
        _forms,
    )
    check.add_argument("ids", metavar="ID", nargs="+")
    selftest = command(
        "selftest",
        "commands_selftest.run_selftest",
        "change every claim, and say how many of the changes are noticed",
        _pack,
        _search,
        _json,
        _strict,
    )
    selftest.add_argument("ids", metavar="ID", nargs="*")
    at = command(
        "at",
        "commands_pack.at",
        "evaluate a statement at one parameter point",
        _pack,
        _json,
        _drawn,
    )
    at.add_argument("id", metavar="ID")
    at.add_argument(
        "--set", metavar="NAME=VALUE", nargs="+", action="extend", default=[], dest="values"
    )
    at.add_argument("--anyway", action="store_true", help="evaluate where a hypothesis fails")
    at.add_argument(
        "--signs",
        metavar="FILE",
        type=_path,
        help="also the output F for this matrix of signs: d lines of m entries, 1 or -1",
    )
    claim = command("claim", "claim", "decide a one-off claim", _search, _json, _strict)
    claim.add_argument("conclusion", metavar="CONCLUSION", type=str.strip)
    claim.add_argument(
        "--where", metavar="HYP", type=str.strip, nargs="+", action="extend", default=[]
    )
    claim.add_argument(
        "--int", metavar="NAME", nargs="+", action="extend", default=[], dest="integers"
    )
    claims = command(
        "claims",
        "claims",
        "decide the claims of a TOML or JSON lines file",
        _search,
        _json,
        _strict,
        _kept,
    )
    claims.add_argument("file", metavar="FILE", type=_path)
    recheck = command("recheck", "recheck", "let the kernel check saved certificates again", _json)
    recheck.add_argument("file", metavar="FILE", type=_path)
    new = command("new", "commands_new.new", "start a pack for a paper of your own")
    new.add_argument("folder", metavar="DIR", type=_path)
    diff = command("diff", "diff", "compare two results files", _json)
    diff.add_argument("old", metavar="OLD", type=_path)
    diff.add_argument("new", metavar="NEW", type=_path)
    _sweep(
        command(
            "sweep",
            "commands_sweep.run",
            "evaluate a statement at many points",
            _pack,
            _json,
            _drawn,
        )
    )
    cache = command("cache", "commands_cache.cache", "show or empty the cache of results")
    cache.add_argument("action", choices=("info", "clear"))
    return parser


def _formatter(prog: str) -> argparse.HelpFormatter:
    # Left to itself, argparse imports shutil, and that compression libraries, to learn the width.
    width = os.environ.get("COLUMNS", "")
    if not width.isdecimal():
        with contextlib.suppress(OSError, ValueError, AttributeError):
            width = str(os.get_terminal_size(sys.__stdout__.fileno()).columns)  # type: ignore[union-attr]
    return argparse.HelpFormatter(prog, width=max(20, int(width or 80) - 2))


def _sweep(sweep: argparse.ArgumentParser | _NotChosen) -> None:
    sweep.add_argument("id", metavar="ID")
    sweep.add_argument(
        "--over",
        metavar="NAME=LOW..HIGH:COUNT",
        action="append",
        default=[],
        help="values of a parameter; NAME=LOW..HIGH:COUNT:log for geometric steps, or NAME=A,B,..",
    )
    sweep.add_argument(
        "--set", metavar="NAME=VALUE", nargs="+", action="extend", default=[], dest="values"
    )
    sweep.add_argument("--sample", type=_whole, metavar="N", help="N random points, not the grid")
    sweep.add_argument("--out", metavar="FILE", type=_path, help="FILE.jsonl or FILE.parquet")
    sweep.add_argument("--map", metavar="FILE", type=_path, help="draw the map as an SVG picture")
    sweep.add_argument("--resume", action="store_true", help="go on where the file stops")
    sweep.add_argument(
        "--scheduler", metavar="ADDRESS", help="a Dask scheduler, such as tcp://host:8786"
    )


def _version() -> str:
    # Reading the installed version imports a few milliseconds' worth of modules; only do it then.
    if "--version" not in sys.argv:
        return ""
    from importlib import metadata  # noqa: PLC0415

    with contextlib.suppress(metadata.PackageNotFoundError):
        return f"verify {metadata.version('verify-lemmas')}"
    return "verify (not installed)"


def _lazy(name: str) -> Callable[[argparse.Namespace], int]:
    def call(options: argparse.Namespace) -> int:
        import importlib  # noqa: PLC0415

        module, _, function = name.rpartition(".")
        found = importlib.import_module(f"verify.{module or 'commands'}")
        command: Callable[[argparse.Namespace], int] = getattr(found, function)
        return command(options)

    return call


def _pack(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pack", metavar="NAME", help="an installed pack, or a folder or file")


def _search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seconds",
        type=_positive,
        default=10.0,
        metavar="S",
        help="search time for each obligation (default 10)",
    )
    _drawn(parser)


def _drawn(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=_seed, default=0, metavar="N")
    parser.add_argument("--jobs", type=_count, default=os.cpu_count() or 1, metavar="N")


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json", metavar="PATH", type=_target, help="write results as JSON; - for stdout"
    )


def _strict(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--strict",
        action="store_true",
        help="only proved is good enough; ignore recorded expectations",
    )


def _output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=_path,
        help="folder for the report (default reports)",
    )


def _kept(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-cache", action="store_true", help="neither take results from the cache nor keep any"
    )


def _forms(parser: argparse.ArgumentParser) -> None:
    for name, what in (
        ("--latex", "a LaTeX table"),
        ("--markdown", "a Markdown summary"),
        ("--badge", "an SVG badge"),
    ):
        parser.add_argument(name, metavar="PATH", type=_target, help=f"also write {what}")


def _resumed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on where a run was interrupted: keep also what it left undecided",
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="a Dask scheduler, such as tcp://host:8786"
    )


def _attack(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--attack",
        choices=("none", "quick", "default", "hunt"),
        default="quick",
        help="how hard to try to break claims, hypotheses and bounds (default quick)",
    )


def _path(text: str) -> Path:
    from pathlib import Path  # noqa: PLC0415

    return Path(text)


def _target(text: str) -> str:
    """A file to write; said at once, and not after the work, if it cannot be one."""
    if not text:
        raise argparse.ArgumentTypeError("the name of a file is empty")
    if os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"{text} is a folder: name a file")
    return text


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e7:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number of seconds")
    return value


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise argparse.ArgumentTypeError(f"{text!r} is not a seed: 0, 1, 2, and so on")
    return int(text)


def _whole(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10**12:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of points of at least 1")
    return int(text)


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes of at least 1")
    return int(text)
