"""The codegen commands: ``python -m accordant_codegen --help``."""

from __future__ import annotations

import gc
import sys

from .fingerprint import unchanged_names
from .streams import settle

if __name__ == "__main__" and sys.argv[1:] == ["regenerate"]:
    # Most often there is nothing to do: that is found out before all that the rest needs is imported.
    gc.disable()  # looking for circles, of which there are none here, takes a tenth of the time
    _parents = __file__.replace("\\", "/").split("/")[:-3]
    if found := unchanged_names("/".join(_parents)):
        try:
            print("\n".join(f"{name}: unchanged" for name in found), flush=True)
        except OSError as problem:
            if not isinstance(problem, BrokenPipeError):  # nobody reads on
                print(f"error: cannot read or write: {problem.strerror}", file=sys.stderr)
            settle(sys.stdout)
            sys.exit(1)
        sys.exit(0)
    gc.enable()

import argparse
from io import TextIOWrapper
from pathlib import Path

from .errors import CodegenError
from .vendors import VendorFolder, find

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None, *, said: str = "error") -> int:
    """Run one command; 0 done, 1 refused or different, 2 wrong arguments, 130 interrupted.

    An error is one line that begins with ``said``.
    """
    try:
        return _main(arguments, said)
    finally:
        settle(sys.stdout, sys.stderr)


def _main(arguments: list[str] | None, said: str) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m accordant_codegen", description="From a vendor's document to its client."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in (
        ("regenerate", "rewrite the generated code of one vendor or all; unchanged ones are skipped"),
        ("check-generated", "regenerate in a scratch folder and fail on any difference"),
        ("guess", "print as an overlay what can be guessed beyond what the overlays say"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--vendor", default=None, help="one vendor; all when absent")
        command.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
        if name == "regenerate":
            command.add_argument("--force", action="store_true", help="regenerate although nothing changed")
    text = "bring the vendor's document in and say what it changes"
    _add_pull(commands.add_parser("pull", help=text, description=text))
    text = "make a new vendor: document, guesses, client, contract tests on its sandbox"
    _add_vendor(commands.add_parser("vendor", help=text, description=text))
    text = "what a newer document changes for callers: exit status 0 nothing, 1 breaking, 2 additive, 3 failed"
    _add_drift(commands.add_parser("drift", help=text, description=text))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # what an encoding lacks, such as \u26a0, is written as an escape
            stream.reconfigure(errors="backslashreplace")
    given = sys.argv[1:] if arguments is None else arguments
    failed = 3 if given[:1] == ["drift"] else 1  # 1 and 2 are results of a drift
    try:
        options = parser.parse_args(given)
    except SystemExit as stopped:
        if stopped.code == 2 and failed == 3:
            return failed
        raise
    try:
        code = _command(options)
        print(end="", flush=True)  # which may be closed
        return code
    except BrokenPipeError:  # nobody reads on
        return failed
    except (CodegenError, OSError) as error:
        print(f"{said}: {in_words(error)}", file=sys.stderr)
        return failed
    except Exception as error:
        print(f"{said}: {_defect(error)}", file=sys.stderr)
        return failed
    except KeyboardInterrupt:
        print("stopped; what was generated before stays as it was", file=sys.stderr)
        return 130


def _command(options: argparse.Namespace) -> int:
    if options.command == "pull":
        return _pull(options)
    if options.command == "drift":
        return _drift(options)
    if options.command == "vendor":
        return _vendor(options)
    vendors = find(options.root, options.vendor)
    if options.command == "guess":
        return _guess(vendors)
    from . import commands as work  # the heavy imports wait until the arguments are right

    if options.command == "regenerate":
        return work.regenerate(vendors, force=options.force)
    return work.check_generated(vendors)


def in_words(error: CodegenError | OSError) -> str:
    """An error in a sentence; the system's own have a number, and a place that may be missing."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else f"cannot read or write: {error.strerror}"
    from .text import shown

    return shown(str(error))


def _add_pull(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--vendor", default=None, help="one vendor, which may be new; without it all that have an address"
    )
    command.add_argument("--url", default=None, help="an address, a page that leads to the document, or a file")
    _add_limits(command)


def _add_vendor(command: argparse.ArgumentParser) -> None:
    command.add_argument("--name", default=None, help="what to call it: small letters, digits, underscores")
    command.add_argument("--url", default=None, help="an address, a page that leads to the document, or a file")
    command.add_argument("--no-contract", action="store_true", help="leave the contract tests out")
    _add_limits(command)


def _add_limits(command: argparse.ArgumentParser) -> None:
    add_limits(command)
    command.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)


def add_limits(command: argparse.ArgumentParser) -> None:
    """How much a document may take to fetch."""
    command.add_argument("--seconds", type=_positive, default=60.0, help="how long the document may take (60)")
    command.add_argument("--megabytes", type=_positive, default=50.0, help="how much may be read (50)")


def _add_drift(command: argparse.ArgumentParser) -> None:
    command.add_argument("--vendor", default=None, help="one vendor; without it all whose source.toml names an address")
    command.add_argument("--document", default=None, help="the newer document: a file or an address")
    command.add_argument("--against", default=None, help="an older document instead of a vendor's")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--strict", action="store_true", help="count what only a strict client refuses as breaking")
    _add_limits(command)


def _drift(options: argparse.Namespace) -> int:
    from .drift.command import DriftRequest, run
    from .pull.fetching import Limits

    limits = Limits(options.seconds, options.megabytes)
    places = (options.vendor or None, options.document or None, options.against or None)
    return run(DriftRequest(options.root, *places, options.json, options.strict, limits))


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not possible: give a number above 0 and below 1,000,000")
    return number


def _pull(options: argparse.Namespace) -> int:
    from .pull.command import PullRequest, run
    from .pull.fetching import Limits

    limits = Limits(options.seconds, options.megabytes)
    return run(PullRequest(options.root, options.vendor or None, options.url or None, limits))


def _guess(vendors: list[VendorFolder]) -> int:
    from .new_vendor.command import show_guesses

    if len(vendors) != 1:
        raise CodegenError("guesses are about one vendor: name it with VENDOR=")
    return show_guesses(vendors[0])


def _vendor(options: argparse.Namespace) -> int:
    from .new_vendor.command import NewVendor, run
    from .pull.fetching import Limits

    limits = Limits(options.seconds, options.megabytes)
    return run(NewVendor(options.root, options.name, options.url or None, limits, not options.no_contract))


def _defect(error: Exception) -> str:
    """A sentence for what nobody foresaw, with the place for whoever mends it; what was generated stays as it was."""
    import traceback  # a run that succeeds does without it, and it is slow to import

    steps = traceback.extract_tb(error.__traceback__)
    own = [step for step in steps if Path(step.filename).parent.is_relative_to(Path(__file__).parent)]
    place = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "?"
    words = " ".join(str(error).split())[:300]
    return f"codegen has no way to deal with this document ({type(error).__name__}: {words}; {place}); please report it"


if __name__ == "__main__":
    # What a document becomes stays: to look for circles in it again and again takes an eighth of a command's time.
    gc.set_threshold(20_000)
    sys.exit(main())
