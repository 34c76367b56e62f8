"""`python -m accordant_sandbox dispatch --port 8801`: one sandbox, or with `all` each of them, in the foreground."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from io import TextIOWrapper
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO, cast

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.server.streams import settle

if TYPE_CHECKING:
    from accordant_sandbox.model.vendor import Vendor
    from accordant_sandbox.server.sandbox import Sandbox

__all__ = ["main"]


TOKEN_VARIABLE = "ACCORDANT_SANDBOX_TOKEN"
ALL = "all"
"""Stands for every vendor."""
_WEBHOOKS_EVERY = 0.5
"""Seconds between two looks into the outbox: webhooks to loopback addresses are sent without being asked for."""


def main(arguments: Sequence[str] | None = None, out: TextIO | None = None, program: str = "accordant-sandbox") -> int:
    """Run the command; returns the exit code: 0 after a normal stop, 1 when its output cannot be written, 2 for
    impossible arguments, 130 when it was interrupted before it served."""
    stream = cast("TextIO | None", out or sys.stdout)
    if stream is None:
        print(f"{program}: the standard output is closed", file=sys.stderr)
        return 1
    try:
        return _main(arguments, stream, program)
    finally:
        settle(stream, sys.stderr)


def _main(arguments: Sequence[str] | None, stream: TextIO, program: str) -> int:
    parser = _parser(program)
    options = parser.parse_args(arguments)
    if (options.vendor is None) is (options.document is None):
        parser.error("give a vendor, or --document PATH")
    wrapper: Any = stream
    if isinstance(wrapper, TextIOWrapper):  # what an encoding lacks is written as an escape
        wrapper.reconfigure(errors="backslashreplace")
    try:
        chosen = _chosen(options)
        if options.derived or options.fault == ["list"]:
            show = _print_derived if options.derived else _print_faults
            for vendor in chosen:
                show(vendor, stream)
            stream.flush()
            return 0
        _serve(options, chosen, stream)
    except SandboxError as problem:
        print(f"{program}: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{program}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1
    except OSError as problem:
        place = f": {problem.filename}" if problem.filename else ""
        print(f"{program}: cannot read or write: {problem.strerror or problem}{place}", file=sys.stderr)
        return 1
    return 0


def _chosen(options: argparse.Namespace) -> tuple[Vendor, ...]:
    """The vendors to serve; what is one vendor's own cannot be asked of all."""
    from accordant_sandbox.derive.vendor import vendor_from
    from accordant_sandbox.vendors import load, vendors

    if options.document is not None:
        return (vendor_from(options.document),)
    if options.vendor != ALL:
        return (load(options.vendor.replace("-", "_")),)
    own = [name for name in ("fault", "setting") if getattr(options, name) not in ([], ["list"])]
    if own or options.seed != "default":
        raise SandboxError(f"--{own[0] if own else 'seed'} is for one vendor: name it instead of {ALL!r}")
    return tuple(map(load, vendors()))


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Serve a stateful double of a vendor's API on loopback until Ctrl-C or SIGTERM.",
    )
    parser.add_argument("vendor", nargs="?", help="name of the vendor, such as dispatch, or all")
    parser.add_argument("--document", metavar="PATH", help="an effective document instead of a vendor: any API")
    parser.add_argument(
        "--port", type=int, default=0, help="port on loopback, with `all` the first; default: any free one"
    )
    parser.add_argument("--host", default="127.0.0.1", help="loopback address; default: 127.0.0.1")
    parser.add_argument(
        "--reachable-by-others",
        action="store_true",
        help="allow a --host that other machines reach, such as 0.0.0.0 in a container: whoever reaches it can use the "
        f"sandbox; /_sandbox/ asks for the token in {TOKEN_VARIABLE}, or for one that is made up and printed",
    )
    parser.add_argument("--fault", action="append", default=[], metavar="NAME", help="arm a fault; `list` shows them")
    parser.add_argument(
        "--derived", action="store_true", help="list what the document alone says, and hand-written lines without use"
    )
    parser.add_argument(
        "--seed", default="default", metavar="NAME", help="data set, such as busy_day:appointments=2000"
    )
    parser.add_argument("--random-seed", type=int, default=7, metavar="N", help="seed of every id and token")
    parser.add_argument("--clock", metavar="INSTANT", help="stand still at this RFC 3339 instant; default: real time")
    parser.add_argument(
        "--cors", action="append", default=[], metavar="ORIGIN", help="let pages of this origin call it; `*`: of any"
    )
    parser.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE", help="a vendor's setting")
    return parser


def _serve(options: argparse.Namespace, chosen: Sequence[Vendor], stream: TextIO) -> None:
    stop = threading.Event()

    def quit_soon(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    with ExitStack() as stack:
        serving = [stack.enter_context(each) for each in _sandboxes(options, chosen, stream)]
        for number in (signal.SIGINT, signal.SIGTERM):  # not before: what takes long to be made can be stopped at once
            signal.signal(number, quit_soon)
        for sandbox in serving:
            _print_how(sandbox, stream)
        stream.flush()
        while not stop.wait(_WEBHOOKS_EVERY):
            for sandbox in serving:
                sandbox.outbox.deliver_local()


def _sandboxes(options: argparse.Namespace, chosen: Sequence[Vendor], stream: TextIO) -> Iterator[Sandbox]:
    from accordant_sandbox.server.sandbox import Sandbox

    settings = dict(_setting(text) for text in options.setting)
    token = os.environ.get(TOKEN_VARIABLE) or None
    if options.reachable_by_others and token is None:
        token = secrets.token_urlsafe(24)
        print(f"export {TOKEN_VARIABLE}={token}", file=stream)
    for index, vendor in enumerate(chosen):
        yield Sandbox(
            vendor,
            seed=options.seed,
            random_seed=options.random_seed,
            clock=options.clock,
            real_time=options.clock is None,
            faults=options.fault,
            settings=settings,
            host=options.host,
            port=options.port and options.port + index,
            cors=options.cors,
            exposed=options.reachable_by_others,
            control_token=token,
        )


def _print_how(sandbox: Sandbox, stream: TextIO) -> None:
    """How to reach a sandbox: the variables that a client's `from_env()` reads, and the console."""
    for principal in ("default", *(name for name in sandbox.principals if name != "default")):
        for name, value in sandbox.env(principal).items():
            print(f"export {name}={shlex.quote(value)}", file=stream)
    print(f"# {sandbox.name}: {len(sandbox.operations)} operations; console at {sandbox.root}/_sandbox/", file=stream)


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise SandboxError(f"--setting {text!r}: write NAME=VALUE")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


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
