"""A server that is not the API is recognised in one sentence, and so is a credential that it does not know."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from accordant_contract.__main__ import main
from accordant_contract.document.document import load
from accordant_contract.evidence import store
from accordant_contract.target import recognition, senders, targets, vendor
from accordant_contract.target.recognition import recognise
from accordant_sandbox import Sandbox

from .loopback_servers import Reply, Scripted

SECRETS = {
    "dispatch": {"DISPATCH_CLIENT_ID": "invented-id", "DISPATCH_CLIENT_SECRET": "invented-secret"},
    "dibop": {"DIBOP_API_KEY": "invented-key-of-dibop"},
    "dime_scheduler": {"DIME_SCHEDULER_API_KEY": "invented-key-of-dime"},
    "espace": {"ESPACE_API_KEY": "invented-key-of-espace"},
}


def everything(status: int, kind: str, body: bytes) -> Callable[[str, str], Reply]:
    return lambda _method, _path: (status, kind, body)


def silent_but_for_the_root(_method: str, path: str) -> Reply | None:
    """A server that shows a page, and hangs at every other address."""
    return (200, "text/html", b"<html>welcome</html>") if path in ("/", "/_sandbox/clock") else None


KINDS: dict[str, tuple[Callable[[str, str], Reply | None], str]] = {
    "HTML": (everything(200, "text/html", b"<!doctype html><html><body>Welcome</body></html>"), "200 and HTML"),
    "empty object": (everything(200, "application/json", b"{}"), "200 and empty JSON"),
    "empty list": (everything(200, "application/json", b"[]"), "200 and empty JSON"),
    "other JSON": (everything(200, "application/json", b'{"status": "up"}'), "200 and other JSON"),
    "500 only": (everything(500, "text/plain", b"oops"), "500"),
    "nothing there": (everything(404, "application/json", b'{"error": "not found"}'), "404"),
    "moved": (everything(301, "text/html", b"<html>moved</html>"), "301"),
    "limited": (everything(429, "application/json", b"{}"), "429"),
}


def run(name: str, url: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Run the command against an address; the one sentence in which it gives up."""
    code = main(["run", "--vendor", name, "--target", url, "--out", str(folder)], SECRETS[name])
    printed = capsys.readouterr()
    assert code == 2, printed.out + printed.err
    assert not printed.out
    intent, sentence = printed.err.splitlines()
    assert "any other server is only read" in intent
    assert url in sentence
    assert (store.load(folder, f"{name}.live") or {})["not_finished"] in sentence
    assert "invented" not in sentence
    return sentence


@pytest.mark.parametrize("name", vendor.names())
@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_is_not_the_api_is_one_sentence(
    name: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it says to everything, the run ends with exit code 2, the address, what came and what to do."""
    monkeypatch.setattr("accordant_contract.target.patience._UNTOLD", (0.0, 0.0, 0.0))
    script, said = KINDS[kind]
    with Scripted(script) as server:
        sentence = run(name, server.url, tmp_path, capsys)
        assert len(server.paths) < 15
    assert said in sentence
    assert "check the address" in sentence or "run again later" in sentence
    assert "check DI" not in sentence


@pytest.mark.parametrize("name", ["dispatch", "dime_scheduler"])
def test_a_server_that_hangs_is_one_sentence(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that responds at its root and nowhere else is given up after one call without a response."""
    monkeypatch.setattr(recognition, "_EACH", 0.3)
    with Scripted(silent_but_for_the_root) as server:
        sentence = run(name, server.url, tmp_path, capsys)
        assert len(server.paths) == 3
    assert "had no response" in sentence
    assert "check the address" in sentence


def test_recognising_takes_less_than_half_a_minute() -> None:
    """What is given to the first call to an address, and to all the others together, is less than 30 seconds."""
    assert targets.KNOCK + recognition.BUDGET < 30


@pytest.mark.parametrize("name", vendor.names())
def test_a_wrong_key_is_one_sentence(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Credentials that the API refuses end the run with exit code 2 and the names of their variables."""
    with Sandbox(name) as sandbox:
        sentence = run(name, sandbox.url, tmp_path, capsys)
    assert "refused with 40" in sentence
    assert f"check {', '.join(SECRETS[name])}" in sentence


@pytest.mark.parametrize("name", vendor.names())
def test_a_wrong_path_is_one_sentence(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An address that is right but for its path is named as wrong, with the path that the API has; not the key."""
    with Sandbox(name) as sandbox:
        sentence = run(name, f"{sandbox.root}/somewhere", tmp_path, capsys)
    assert "is not the API of" in sentence
    assert "check the address" in sentence
    path = load(name).base_path
    assert path in sentence
    assert "_KEY" not in sentence
    assert "_SECRET" not in sentence


@pytest.mark.parametrize("name", vendor.names())
def test_the_api_is_recognised(name: str) -> None:
    """The vendor's API is known by a few reads, none of which changes anything; an account without records too."""
    with Sandbox(name) as sandbox, targets.remote(vendor.load(name), sandbox.url, sandbox.env()) as target:
        recognise(target, load(name))
        calls = [entry for entry in sandbox.journal if entry.operation]
        assert 0 < len(calls) <= 7
        assert all(load(name).operations[str(each.operation)].reads or each.operation in target.vendor.logins
                   for each in calls)  # fmt: skip


def test_one_dropped_connection_does_not_make_a_stranger() -> None:
    """A call that is dropped while the target is recognised is sent once more."""
    with Sandbox("dibop") as sandbox, targets.remote(vendor.load("dibop"), sandbox.url, sandbox.env()) as target:
        send, left = target.send, [ConnectionError("reset")]

        def once(*request: object) -> senders.Reply:
            if left:
                raise left.pop()
            return send(*request)  # type: ignore[arg-type]  # the same arguments, passed on

        target.send = once
        recognise(target, load("dibop"))
    assert not left
