"""`accordant proxy dispatch --upstream URL`: the command."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Final, TextIO

from ..baseline.file import Baseline, path_of, read
from ..document.document import load
from ..errors import ContractError
from ..target import vendor as vendors
from ..target.addresses import given_parts
from ..target.senders import LOOPBACK
from .reporting import Reporter
from .server import ValidatingProxy

WELL, DEVIATIONS, WRONG = 0, 1, 2
_DESCRIPTION: Final = (
    "Pass an app's traffic on to a vendor unchanged, and report each deviation from the vendor's document: in words on "
    "the standard error stream, once each, and with --out as JSON, a line each time. It listens on this machine only. "
    "Ctrl-C ends it; the exit code is then 1 if there was a deviation, else 0."
)


def main(
    words: Sequence[str],
    out: TextIO,
    err: TextIO,
    program: str = "python -m accordant_contract proxy",
    wait: Callable[[], None] | None = None,
) -> int:
    """Serve until a signal comes (or ``wait`` returns), and return the exit code; raises :class:`ContractError`."""
    options = _parser(program).parse_args(list(words))
    upstream = _checked(options.upstream)
    vendor, document = vendors.load(options.vendor), load(options.vendor)
    with ExitStack() as stack:
        lines = None
        if options.out:
            try:
                lines = stack.enter_context(Path(options.out).open("a", encoding="utf-8", errors="backslashreplace"))
            except OSError as error:
                raise ContractError(f"cannot write {options.out}: {error.strerror or error}") from error
        baseline = _baseline(options.vendor, options.baseline)
        reporter = Reporter(document, vendor, upstream, err, lines, options.strict, baseline)
        with ValidatingProxy(reporter, options.port) as proxy:
            out.write(f"export {vendor.prefix}_BASE_URL={proxy.url}\n")
            out.flush()
            err.write(f"accordant proxy: {options.vendor} at {proxy.url}, passed on to {upstream}; Ctrl-C ends it\n")
            err.flush()
            (wait or _until_signal)()
        deviates = reporter.finish()
    if proxy.errors:
        kinds = ", ".join(sorted({type(each).__name__ for each in proxy.errors}))
        err.write(f"accordant proxy: {len(proxy.errors)} exchanges could not be judged ({kinds}), please report it\n")
    return DEVIATIONS if deviates else WELL


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program, description=_DESCRIPTION)
    parser.add_argument("vendor", help="the vendor whose document counts")
    parser.add_argument(
        "--upstream", required=True, metavar="URL", help="the address of the API: https, or this machine"
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: any free one)")
    parser.add_argument("--out", metavar="FILE", help="append each deviation to this file, a JSON object a line")
    parser.add_argument("--strict", action="store_true", help="an undocumented response field is a deviation")
    parser.add_argument("--baseline", metavar="FILE", help="known deviations (default: those of the vendor)")
    return parser


def _checked(url: str) -> str:
    parts = given_parts(url, "--upstream")
    if parts.query or parts.fragment:
        raise ContractError("--upstream cannot have a query or a fragment: give one such as https://api.example.com")
    if parts.username or parts.password:
        raise ContractError("--upstream must hold no credentials: the app's own requests carry them")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ContractError("--upstream must be https: credentials travel over plain http to this machine only")
    return url.rstrip("/")


def _baseline(name: str, file: str | None) -> Baseline | None:
    own = path_of(name)
    if file is None and not own.exists():
        return None
    return read(Path(file) if file is not None else own, load(name))


def _until_signal() -> None:
    """Wait for Ctrl-C, or for the signal that asks a process to end."""
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        ended.set()

    before = {each: signal.signal(each, end) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        while not ended.wait(0.5):  # in steps: some systems deliver a signal only between two waits
            pass
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
