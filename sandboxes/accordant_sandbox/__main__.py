"""`python -m accordant_sandbox dispatch --port 8801`: one sandbox in the foreground."""

from __future__ import annotations

import argparse
import json
import shlex
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO

from accordant_sandbox.errors import SandboxError

if TYPE_CHECKING:
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["main"]

_WEBHOOKS_EVERY = 0.5
"""Seconds between two looks into the outbox: webhooks to loopback addresses are sent without being asked for."""


def main(arguments: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    """Run the command; returns the exit code: 0 after a normal stop, 1 when nobody reads its output any more, 2 for
    impossible arguments."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if (options.vendor is None) is (options.document is None):
        parser.error("give a vendor, or --document PATH")
    stream = out or sys.stdout
    try:
        if options.derived:
            _print_derived(_vendor(options), stream)
            stream.flush()
            return 0
        if options.fault == ["list"]:
            _print_faults(_vendor(options), stream)
            stream.flush()
            return 0
        _serve(options, stream)
    except SandboxError as problem:
        print(f"accordant-sandbox: {problem}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()  # or the interpreter complains there when it fails to flush the rest
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="accordant-sandbox",
        description="Serve a stateful double of a vendor's API on loopback until Ctrl-C or SIGTERM.",
    )
    parser.add_argument("vendor", nargs="?", help="name of the vendor, such as dispatch")
    parser.add_argument("--document", metavar="PATH", help="an effective document instead of a vendor: any API")
    parser.add_argument("--port", type=int, default=0, help="port on loopback; default: any free one")
    parser.add_argument("--host", default="127.0.0.1", help="loopback address; default: 127.0.0.1")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME", help="arm a fault; `list` shows them")
    parser.add_argument(
        "--derived", action="store_true", help="list what the document alone says, and hand-written lines without use"
    )
    parser.add_argument(
        "--seed", default="default", metavar="NAME", help="data set, such as busy_day:appointments=2000"
    )
    parser.add_argument("--random-seed", type=int, default=7, metavar="N", help="seed of every id and token")
    parser.add_argument("--clock", metavar="INSTANT", help="stand still at this RFC 3339 instant; default: real time")
    parser.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE", help="a vendor's setting")
    return parser


def _serve(options: argparse.Namespace, stream: TextIO) -> None:
    from accordant_sandbox.server.sandbox import Sandbox

    settings = dict(_setting(text) for text in options.setting)
    stop = threading.Event()

    def quit_soon(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, quit_soon)
    with Sandbox(
        _vendor(options),
        seed=options.seed,
        random_seed=options.random_seed,
        clock=options.clock,
        real_time=options.clock is None,
        faults=options.fault,
        settings=settings,
        host=options.host,
        port=options.port,
    ) as sandbox:
        for principal in ("default", *(name for name in sandbox.principals if name != "default")):
            for name, value in sandbox.env(principal).items():
                print(f"export {name}={shlex.quote(value)}", file=stream)
        print(
            f"# {sandbox.name}: {len(sandbox.operations)} operations; console at {sandbox.root}/_sandbox/", file=stream
        )
        stream.flush()
        while not stop.wait(_WEBHOOKS_EVERY):
            sandbox.outbox.deliver_local()


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise SandboxError(f"--setting {text!r}: write NAME=VALUE")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _vendor(options: argparse.Namespace) -> Vendor:
    """The vendor of that name, or the one that a document describes."""
    if options.document is not None:
        from accordant_sandbox.derive.vendor import vendor_from

        return vendor_from(options.document)
    from accordant_sandbox.vendors import load

    return load(options.vendor)


def _print_derived(made: Vendor, stream: TextIO) -> None:
    for rule in made.derived:
        print(f"{rule.name}: {rule.sentence}", file=stream)
    for line in made.stale:
        print(f"stale: {line}", file=stream)
    print(f"{len(made.derived)} derived, {len(made.stale)} stale", file=stream)


def _print_faults(vendor: Vendor, stream: TextIO) -> None:
    from accordant_sandbox.faults import catalogue

    faults = catalogue(vendor)
    width = max((len(fault.name) for fault in faults), default=0)
    for fault in faults:
        print(f"{fault.name:<{width}}  {fault.cls:<9} caught by {fault.oracle:<28} {fault.sentence}", file=stream)
    print(f"{len(faults)} faults", file=stream)


if __name__ == "__main__":
    sys.exit(main())
