"""Python programs in processes of their own that begin with their libraries loaded.

Most of the time of a short program goes into loading libraries. A process that has loaded them waits for orders, and
forks for each: the program finds the libraries of others, and what of this repository it takes as it is; it loads the
rest itself. Where forks are not to be had, or coverage is measured, each program is started in the plain way.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Final

GENERATED: Final = (
    *("attrs", "datetime", "decimal", "difflib", "inspect", "orjson", "typing", "urllib.parse", "uuid"),
    "accordant_runtime",
)
"""What generated code loads; the runtime of this repository is the only one that there is."""
SANDBOX: Final = ("attrs", "httpx", "orjson", "jsonschema_rs", "python_multipart", "uvicorn")
"""What a sandbox and a client load."""
CLIENT: Final = (
    *("asyncio", "httpx", "httpx2", "multiprocessing.pool", "accordant", "accordant.testing"),
    "tests.client.support",
)
"""What a program of the tests loads that makes clients: those of this repository."""
CONTRACT: Final = (
    *(*SANDBOX, "mcp_types", "hypothesis", "jsonpath_rfc9535", "multiprocessing.spawn", "openapi_python_client"),
    *("ruff", "schemathesis", "schemathesis.openapi", "tomlkit", "yaml"),
    *("accordant_contract.run.runner", "accordant_contract.target.targets"),
)
"""What a program loads that runs the contract tests."""
WORKBENCH: Final = (
    *(*CONTRACT, "accordant_codegen.new_vendor.command", "accordant_codegen.drift.command"),
    *("accordant_codegen.project.command", "accordant._cli.workbench", "accordant_contract.extra_commands"),
)
"""What the commands load."""
PYTEST: Final = (*SANDBOX, "pytest", "accordant.testing", "accordant.dispatch", "accordant_sandbox.server.sandbox")
"""What a suite of a user loads: without plugins of pytest, ours included, which has to load these itself."""


def run(
    arguments: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    timeout: int = 120,
    libraries: tuple[str, ...] = WORKBENCH,
) -> subprocess.CompletedProcess[str]:
    """Run ``python *arguments``, which begin with ``-m`` or ``-c``; nothing can be typed into it."""
    environment = dict(os.environ if env is None else env)
    measured = any(name.startswith(("COVERAGE_", "COV_CORE_")) for name in os.environ)
    if measured or not hasattr(os, "fork") or arguments[0] not in ("-m", "-c"):
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout, check=False
        )
    return _server(libraries).run(list(arguments), cwd, environment, timeout)


@cache
def _server(libraries: tuple[str, ...]) -> _Server:
    return _Server(libraries)


class _Server:
    """The process that forks, as the tests see it; it ends when they do."""

    def __init__(self, libraries: tuple[str, ...]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, *libraries], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        atexit.register(self._end)

    def run(
        self, arguments: list[str], cwd: Path, env: dict[str, str], timeout: int
    ) -> subprocess.CompletedProcess[str]:
        """Order one program and wait for it."""
        asked, told = self._process.stdin, self._process.stdout
        assert asked is not None
        assert told is not None
        with tempfile.TemporaryDirectory(prefix="accordant-warm-") as folder:
            files = [Path(folder, name) for name in ("out", "err")]
            order = [arguments, str(cwd), env, timeout, *map(str, files)]
            asked.write(json.dumps(order) + "\n")
            asked.flush()
            status = int(told.readline())
            out, err = (file.read_text(encoding="utf-8") for file in files)
        if status == -signal.SIGALRM:
            raise subprocess.TimeoutExpired(arguments, timeout, out, err)
        return subprocess.CompletedProcess(arguments, status, out, err)

    def _end(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()


def _serve(libraries: Sequence[str]) -> None:
    """Load the libraries, from where the tests themselves have them, then fork for each order that comes; a program
    searches the places that its own environment names."""
    search = [place for place in sys.path[1:] if place not in _named(os.environ)]
    sys.path[0] = str(Path(__file__).parents[1])
    asked = os.fdopen(os.dup(0), encoding="utf-8")
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    for library in libraries:
        importlib.import_module(library)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
    for line in asked:
        child = os.fork()
        if not child:
            asked.close()
            told.close()
            _become(search, *json.loads(line))
        told.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        told.flush()


def _become(
    search: list[str], arguments: list[str], cwd: str, env: dict[str, str], timeout: int, out: str, err: str
) -> None:
    """Be that program, in a process that has just been forked."""
    code: Any = 1
    try:
        signal.alarm(timeout)
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(env)
        for number, file in ((1, out), (2, err)):
            os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
        kind, what, *words = arguments
        sys.path[:] = [cwd if kind == "-m" else "", *_named(env), *search]
        sys.path_importer_cache.clear()
        sys.dont_write_bytecode = bool(env.get("PYTHONDONTWRITEBYTECODE"))
        importlib.invalidate_caches()
        sys.argv[:] = ["-c" if kind == "-c" else what, *words]
        if kind == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            main = sys.modules["__main__"] = ModuleType("__main__")
            exec(compile(what, "<string>", "exec"), main.__dict__)  # noqa: S102 - as `python -c` does
        code = 0
    except SystemExit as stopped:
        code = stopped.code
    except BaseException:
        traceback.print_exc()
    _leave(code)


def _named(env: Mapping[str, str]) -> list[str]:
    return [each for each in env.get("PYTHONPATH", "").split(os.pathsep) if each]


def _leave(code: object) -> None:
    """End as Python does, without what the process that was forked has to do at its end."""
    if code is not None and not isinstance(code, int):
        sys.stderr.write(f"{code}\n")
        code = 1
    ending: Any = threading
    ending._shutdown()
    functions: Any = atexit
    functions._run_exitfuncs()
    streams: tuple[IO[str], ...] = (sys.stdout, sys.stderr)
    for stream in streams:
        stream.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    _serve(sys.argv[1:])
