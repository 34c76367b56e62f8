"""The examples, as programs that read their credentials from the environment."""

from __future__ import annotations

import importlib

import pytest

from accordant_sandbox import Sandbox

EXAMPLES = ("dibop", "dime_scheduler", "dispatch", "espace")
AT_ONCE = {"dibop": {"overhead_ms": 0}}
"""Settings with which what a vendor does in the background takes little of the real time."""


@pytest.mark.parametrize("vendor", EXAMPLES)
def test_an_example_plays_its_session(
    vendor: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each example runs over HTTP with the variables that the sandbox prints, and tells of every step."""
    with Sandbox(vendor, real_time=True, settings=AT_ONCE.get(vendor)) as sandbox:
        for name, value in sandbox.env().items():
            monkeypatch.setenv(name, value)
        importlib.import_module(f"examples.{vendor}").main()
    assert len(capsys.readouterr().out.splitlines()) >= 4


@pytest.mark.parametrize("vendor", EXAMPLES)
def test_an_example_without_credentials_says_what_is_missing(vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing variable ends the program with one line that names it."""
    for name in ("API_KEY", "CLIENT_ID", "EMAIL", "INSTANCE", "BASE_URL", "USERNAME"):
        monkeypatch.delenv(f"{vendor.upper()}_{name}", raising=False)
    with pytest.raises(SystemExit, match=f"{vendor}: .*{vendor.upper()}_"):
        importlib.import_module(f"examples.{vendor}").main()
