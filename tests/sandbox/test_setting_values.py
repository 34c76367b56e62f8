"""Settings, seeds and streams of a sandbox that are wrong: one sentence when it is made, nothing while it serves."""

from __future__ import annotations

import errno
import io
from typing import Any

import pytest

from accordant_sandbox import Sandbox, SandboxError
from accordant_sandbox.__main__ import main
from accordant_sandbox.server import sandbox as made
from accordant_sandbox.vendors import load, vendors


@pytest.mark.parametrize("vendor", vendors())
def test_settings_have_the_kind_of_their_default(vendor: str) -> None:
    """Every setting of every vendor refuses a value of another kind by its name, and takes its default."""
    known = load(vendor).dialect.settings
    first: dict[str, Any] = {name: each[0] if isinstance(each, tuple) else each for name, each in known.items()}
    assert dict(Sandbox(vendor, settings=first).engine.settings) == first
    for name, default in first.items():
        number = isinstance(default, (int, float)) and not isinstance(default, bool)
        for wrong in (None, [default], "much" if number else 5, float("nan")):
            with pytest.raises(SandboxError, match=f"^{name}="):
                Sandbox(vendor, settings={name: wrong})


@pytest.mark.parametrize(
    ("vendor", "name", "value", "said"),
    [
        ("dispatch", "token_lifetime", -1, "give a number from 0 to 1,000,000,000, such as token_lifetime=10800"),
        ("dispatch", "token_lifetime", 1e300, "give a number from 0"),
        ("dispatch", "token_lifetime", True, "give a number from 0"),
        ("espace", "token_days", 1_000_000, "give a number from 0 to 11,574, such as token_days=365"),
        ("dispatch", "single_get", "evnelope", "give one of bare, envelope"),
        ("dime_scheduler", "refusals", "body", "give one of envelope, status"),
        ("dispatch", "open_datafiles", "no", "give true or false"),
        ("dispatch", "strict_fields", 1, "give true or false"),
        ("dispatch", "default_limit", 0, "give a whole number, 1 or more"),
        ("dispatch", "max_limit", 20.5, "give a whole number, 1 or more"),
        ("dispatch", "limits", "60/min", "give rates by name"),
        ("dispatch", "limits", ["60/min"], "give rates by name"),
        ("dispatch", "limits", {"default": "²/min"}, "is no rate"),
    ],
)
def test_a_value_that_a_setting_cannot_have(vendor: str, name: str, value: Any, said: str) -> None:
    """It is refused with what the setting may be: it would be a 500 in the middle of a test, or nothing at all."""
    with pytest.raises(SandboxError) as caught:
        Sandbox(vendor, settings={name: value})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("count", "said"), [("99999999999", "at most 1,000,000"), ("9" * 5000, "at most"), ("²", "write")]
)
def test_how_much_a_seed_may_make(count: str, said: str) -> None:
    """More records than a machine can hold are refused before the first is made."""
    with pytest.raises(SandboxError, match=said):
        Sandbox("dispatch", seed=f"busy_day:appointments={count}")


def test_ctrl_c_while_a_sandbox_is_made(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends the command at once, also where a seed takes long to be made."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(made, "Sandbox", interrupted)
    assert main(["dispatch"]) == 130
    assert capsys.readouterr().err == "accordant-sandbox: interrupted\n"


class FullDisk(io.StringIO):
    """An output of which nothing can be kept."""

    def write(self, _text: str, /) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_an_output_that_cannot_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk below the output is one sentence, for the list of faults and for the variables."""
    for words in (["dispatch", "--fault", "list"], ["dispatch"]):
        assert main(words, FullDisk()) == 1
        assert capsys.readouterr().err == "accordant-sandbox: cannot read or write: No space left on device\n"


def test_an_output_in_another_encoding() -> None:
    """What the encoding of the output lacks is written as an escape."""
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding="ascii") as out:
        assert main(["dispatch", "--fault", "list"], out) == 0
        out.write("é")
        out.flush()
        assert raw.getvalue().endswith(b"faults\n\\xe9")
