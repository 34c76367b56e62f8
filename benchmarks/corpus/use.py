"""The second step, in a process that finds the scratch packages first: client, sandbox and contract run of a vendor."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import accordant
from accordant_sandbox import Sandbox
from contract_tests.document.document import load as load_document
from contract_tests.run.workers import Job, do
from contract_tests.target import vendor as vendors


def main(name: str, root: str, seed: str, result: str) -> None:
    """Use everything, and write what came of it."""
    accordant.__path__.append(str(Path(root) / "overlays" / "accordant"))
    seen: dict[str, Any] = {"client": _constructed(name), "schemes": len(load_document(name).schemes)}
    try:
        record = do(Job(name, "quick", int(seed)))
    except Exception as error:
        seen |= {"contract": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}
    else:
        findings = [f"{each['check']} {each['operation']}: {each['message']}" for each in record["findings"]]
        seen |= {"served": len(record["covered"]), "findings": findings}
        seen |= {"contract": f"{len(findings)} findings, such as {findings[0]}" if findings else ""}
    Path(result).write_text(json.dumps(seen), encoding="utf-8")


def _constructed(name: str) -> str:
    """Construct both clients with what the sandbox hands out; what went wrong."""
    module, _, client = vendors.load(name).client.partition(":")
    try:
        found = import_module(module)
        with Sandbox(name) as sandbox, getattr(found, client)(**sandbox.credentials):
            getattr(found, f"Async{client}")(**sandbox.http_credentials)
    except Exception as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    return ""


if __name__ == "__main__":
    main(*sys.argv[1:5])
