"""The second step, in a process that finds the scratch packages first: client, sandbox and contract run of a vendor."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import accordant
from accordant_contract.document.document import load as load_document
from accordant_contract.run.workers import Job, do
from accordant_contract.target import vendor as vendors
from accordant_sandbox import Sandbox
from tests.sandbox.derived_corpus import successes

from .rows import LEFT_OUT


def main(name: str, root: str, seed: str, contract: str, result: str) -> None:
    """Use everything, and write what came of it; ``contract`` is ``no`` where the contract tests are left out."""
    accordant.__path__.append(str(Path(root) / "overlays" / "accordant"))
    seen: dict[str, Any] = {"client": _constructed(name), "schemes": _schemes(name)}
    try:
        with Sandbox(name) as sandbox:
            seen["served"] = sum(verdict == "good" for verdict in successes(sandbox).values())
        seen |= {"contract": LEFT_OUT} if contract == "no" else _contract(name, int(seed))
    except Exception as error:
        seen |= {"contract": _sentence(error)}
    Path(result).write_text(json.dumps(seen), encoding="utf-8")


def _contract(name: str, seed: int) -> dict[str, Any]:
    record = do(Job(name, "quick", seed))
    findings = [f"{each['check']} {each['operation']}: {each['message']}" for each in record["findings"]]
    return {"findings": findings, "contract": f"{len(findings)} findings, such as {findings[0]}" if findings else ""}


def _schemes(name: str) -> int:
    """The security schemes that operations name."""
    operations = load_document(name).operations.values()
    return len({scheme for each in operations for way in each.security for scheme in way})


def _constructed(name: str) -> str:
    """Construct both clients with what the sandbox hands out; what went wrong."""
    module, _, client = vendors.load(name).client.partition(":")
    try:
        found = import_module(module)
        with Sandbox(name) as sandbox, getattr(found, client)(**sandbox.credentials):
            getattr(found, f"Async{client}")(**sandbox.http_credentials)
    except Exception as error:
        return _sentence(error)
    return ""


def _sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


if __name__ == "__main__":
    main(*sys.argv[1:6])
