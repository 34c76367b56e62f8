"""The demonstration: generated code checked, a session with every client, a quick contract run, and a fault caught."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, TextIO

from accordant_runtime import AccordantError
from accordant_sandbox import Sandbox

from ..errors import ContractError
from ..target import vendor as vendors
from .fault_matrix import try_fault

SHOWN_FAULT: Final = "page_overlap"
"""A fault that needs a stateful check: each response by itself is what the document allows."""
ROOT = Path(__file__).resolve().parents[3]


def verify_generated(stream: TextIO) -> None:
    """Check that every vendor's generated code is what its document gives; raises :class:`ContractError`."""
    _title(stream, "Generated code")
    done = subprocess.run(
        [sys.executable, "-m", "accordant_codegen", "check-generated"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    stream.write(_indented(done.stdout))
    if done.returncode != 0:
        raise ContractError((done.stderr or "the generated code is not what the documents give").strip())


def sessions(names: Sequence[str], stream: TextIO) -> None:
    """Play the example of each vendor that has one against its sandbox, over HTTP, through the real client."""
    for name in (name for name in names if find_spec(f"examples.{name}") is not None):
        _title(stream, f"A session with {name}")
        with Sandbox(name, real_time=True) as sandbox:
            for line in _play(name, sandbox):
                stream.write(f"  {line}\n")
                stream.flush()
            if sandbox.defects:
                raise ContractError(f"{name}: the sandbox broke its own document: {sandbox.defects[0]}")


def show_a_fault(names: Sequence[str], stream: TextIO) -> None:
    """Switch one fault on in a sandbox, and show the check that catches it and the lines that do so again.

    Raises :class:`ContractError` where none does.
    """
    for name in names:
        about = next((each for each in Sandbox.catalogue(name) if each.name == SHOWN_FAULT), None)
        if about is None:
            continue
        _title(stream, f"A fault, switched on in the sandbox of {name}")
        outcome = try_fault(name, about.name)
        stream.write(f"  {about.name}: {about.sentence}\n")
        if not outcome.well:
            raise ContractError(f"{name}: the fault {about.name} was not caught by {about.oracle}: {outcome.message}")
        stream.write(f"  {outcome.caught} caught it after {outcome.calls} calls: {outcome.message}\n")
        stream.write(f"  again: make faults VENDOR={name} FAULT={about.name}\n")
        stream.write(f"  to try your own code on it: make sandbox VENDOR={name} FAULT={about.name}\n")
        return


def _play(name: str, sandbox: Sandbox) -> Iterator[str]:
    module, _, client = vendors.load(name).client.partition(":")
    example: Any = import_module(f"examples.{name}")
    yield f"sandbox at {sandbox.url}"
    try:
        with getattr(import_module(module), client)(**sandbox.http_credentials) as api:
            yield from example.session(api)
    except AccordantError as error:
        raise ContractError(f"{name}: the session stopped: {type(error).__name__}: {error}") from error


def _title(stream: TextIO, text: str) -> None:
    stream.write(f"\n{text}\n")
    stream.flush()


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())
