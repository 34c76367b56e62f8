"""Run by `release.wheel_test` inside an environment where the wheel is installed, with ``-W error``.

It knows nothing of the repository. It prints one JSON object: what it imported, and how many calls it made.
"""

from __future__ import annotations

import asyncio
import json
import pkgutil
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PACKAGES = ("accordant", "accordant_runtime", "accordant_generated", "accordant_documents", "accordant_sandbox")
TOOLS = ("codegen", "contract_tests", "benchmarks", "release", "tests", "examples")
NEED_AN_EXTRA = {
    **{f"accordant._http.{name}": "httptools" for name in ("fast_engine", "response_reading")},
    **{"accordant.telemetry": "opentelemetry", "accordant._cli.mcp_server": "mcp"},
}
"""Modules that need an extra, and the package that it brings; without it they say what to install."""
NEED_THE_WORKBENCH = ("accordant_codegen", "accordant_contract")
"""Packages that an install without the extra `workbench` refuses."""


def main(mode: str) -> int:
    """Import everything and make calls; ``mode`` is ``bare``, ``full`` or ``zip``, which is full out of a zip file."""
    here = str(import_module("accordant").__file__)
    assert (".whl" in here) == (mode == "zip"), f"the wrong accordant was imported: {here}"
    found = [name for name in TOOLS if find_spec(name) is not None]
    assert not found, f"the wheel installs {', '.join(found)}"
    packages = PACKAGES[:-1] if mode == "bare" else PACKAGES
    left_out = tuple(name for name, package in NEED_AN_EXTRA.items() if find_spec(package) is None)
    assert mode != "bare" or left_out == tuple(NEED_AN_EXTRA), f"a bare install refuses only {', '.join(left_out)}"
    imported = sum(1 for package in packages for _ in modules(package, left_out))
    for name in (*left_out, *NEED_THE_WORKBENCH):
        refused(name)
    calls = scripted() if mode == "bare" else scripted() + in_sandboxes() + uploads()
    print(json.dumps({"modules": imported, "calls": calls}))
    return 0


def modules(package: str, left_out: tuple[str, ...]) -> Iterator[str]:
    """Import each module of a package but those that are left out; those that are programs are as well."""
    top = import_module(package)
    yield package
    for module in pkgutil.walk_packages(top.__path__, f"{package}."):
        if not module.name.endswith(".__main__") and module.name not in left_out:
            import_module(module.name)
            yield module.name


def refused(name: str) -> None:
    """Importing a module without its extra says what to install."""
    words = ""
    try:
        import_module(name)
    except ImportError as error:
        words = str(error)
    assert "pip install 'accordant[" in words, f"{name} without its extra: {words or 'it works'}"
    assert "\n" not in words, f"{name}: the message has several lines"


def scripted() -> int:
    """One call through a transport that is a function, blocking and not; DIBOP counts it in its rate limits."""
    from accordant.dibop import AsyncDibop, Dibop

    def transport(*_: Any) -> tuple[int, list[tuple[str, str]], bytes]:
        return 204, [], b""

    async def asynchronous(*_: Any) -> tuple[int, list[tuple[str, str]], bytes]:
        return 204, [], b""

    async def once() -> None:
        async with AsyncDibop(api_key="invented", instance="acme", transport=asynchronous) as api:
            await api.alert_rules.delete("1")

    with Dibop(api_key="invented", instance="acme", transport=transport) as api:
        api.alert_rules.delete("1")
    asyncio.run(once())
    return 2


def in_sandboxes() -> int:
    """One list of each vendor, in process."""
    from datetime import date

    from accordant.dibop import Dibop
    from accordant.dime_scheduler import DimeScheduler
    from accordant.dispatch import Dispatch
    from accordant.espace import Espace
    from accordant_sandbox import Sandbox

    with Sandbox("dispatch") as sandbox, Dispatch(**sandbox.credentials) as dispatch:
        assert isinstance(dispatch.appointments.list().collect(), list)
    with Sandbox("dibop") as sandbox, Dibop(**sandbox.credentials) as dibop:
        assert isinstance(dibop.systems.list().collect(), list)
    with Sandbox("dime_scheduler") as sandbox, DimeScheduler(**sandbox.credentials) as dime:
        assert isinstance(dime.categories.list(), list)
    with Sandbox("espace") as sandbox, Espace(**sandbox.credentials) as espace:
        assert espace.events.list(start_date=date(2025, 1, 1), end_date=date(2027, 12, 31)).first()
    return 4


def uploads() -> int:
    """A file goes up and comes back over a socket: the HTTP library, the server and the parser of uploads."""
    from accordant.dispatch import AsyncDispatch, Dispatch
    from accordant_sandbox import Sandbox

    async def read(credentials: dict[str, Any], uid: str) -> bytes:
        async with AsyncDispatch(**credentials) as api:
            return await api.datafiles.download(uid)

    with tempfile.TemporaryDirectory() as folder, Sandbox("dispatch") as sandbox:
        file = Path(folder) / "door.png"
        file.write_bytes(b"\x89PNG an invented picture")
        with Dispatch(**sandbox.http_credentials) as api:
            made = api.datafiles.upload(file=file)
            assert api.datafiles.download(str(made.uid)) == file.read_bytes()
        assert asyncio.run(read(sandbox.http_credentials, str(made.uid))) == file.read_bytes()
    return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
