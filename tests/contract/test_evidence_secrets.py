"""Evidence is published: none of its files shows a credential, however a target echoes it."""

from __future__ import annotations

import base64
import datetime
import html
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from attrs import evolve

from accordant_contract.document.values import Exchange, Finding, Request, Response
from accordant_contract.errors import ContractError
from accordant_contract.evidence import store
from accordant_contract.evidence.record import finding_lines, record
from accordant_contract.evidence.results import Event, Found
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets, vendor
from accordant_contract.target.reproduction import CREDENTIAL, curl, masked

SECRET = 'evidence"&</+=% \\canary'
PLAIN = (
    SECRET,
    json.dumps(SECRET)[1:-1],
    json.dumps(SECRET)[1:-1].replace("/", "\\/").replace("<", "\\u003c"),
    html.escape(SECRET),
    quote(SECRET, safe=""),
    quote(SECRET),
)
BASE64 = tuple(base64.b64encode(f"{before}{SECRET}".encode()).decode() for before in ("", "ann:"))
FORMS = (*PLAIN, BASE64[0][:-4], BASE64[1][8:-4])
"""What must stand nowhere; the ends of base64 hold bits of the neighbours."""


@pytest.mark.parametrize("name", vendor.names())
def test_no_file_shows_a_secret(name: str, tmp_path: Path) -> None:
    """JSON, JUnit, page, command lines and what listeners print are free of secrets, tokens and their spellings."""
    told: list[Event] = []
    with targets.local(vendor.load(name), way="process") as target:
        secrets = {**target.secrets, next(each for each in target.secrets if CREDENTIAL.search(each)): SECRET}
        run = Run(target, Settings(PROFILES["quick"], focus=(), fuzz=False, listeners=[told.append]))
        run.session.login()
        run.session.target = run.target = evolve(target, secrets=secrets)
        tokens = [text for text in run.session.secrets() if len(text) >= 12]
        words = " ".join([*PLAIN, *BASE64, *tokens])
        # Six hundred characters are shown: the last form is cut in two there.
        body = (words + " " * (590 - len(words) % 590) + SECRET).encode()
        pairs = (("X-Auth-Token", SECRET), ("X-Echo", words), ("Authorization", f"Bearer {tokens[-1]}"))
        request = Request("POST", f"http://x/?token={quote(SECRET)}", pairs, body)
        exchange = Exchange(next(iter(run.document.operations)), request, Response(200, (), body), failure=words)
        found = Finding("page_walk", exchange.operation, words, path=f"$.{words}", exchanges=(exchange,))
        run.results.judge("page_walk", exchange.operation, [found])
        run.results.skip(words)
        store.save(tmp_path, record(run, datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)))
        store.publish(tmp_path, [name])
        shown = [file.read_text(encoding="utf-8") for file in tmp_path.rglob("*") if file.is_file()]
        shown += finding_lines(run, found)
        shown += [f"{event.finding.message} {event.finding.path}" for event in told if isinstance(event, Found)]
    assert len(shown) == 6
    for text in shown:
        for form in (*FORMS, *tokens, "evidence&", 'evidence"'):
            assert form not in text
            assert html.escape(form) not in text


def test_ordinary_words_stay_in_the_evidence() -> None:
    """Secrets that are short or common do not garble the evidence, and an idempotency key is no credential."""
    assert masked('{"admin": true, "id": 1}', ["admin", "1", "true", "id"]) == '{"admin": true, "id": 1}'
    request = Request("POST", "http://x/", (("Idempotency-Key", "k-1"), ("X-Api-Key", "k-2"), ("Cookie", "k-3")), b"")
    line = curl(Exchange("op", request, None), [])
    assert "Idempotency-Key: k-1" in line
    assert "k-2" not in line
    assert "k-3" not in line


def test_an_address_with_a_password_is_refused_without_showing_it() -> None:
    """A target with a user name and a password in it is an error that shows neither."""
    with pytest.raises(ContractError) as caught:
        targets.remote(vendor.load("dispatch"), "https://ann:target-canary@api.example.com", {})
    assert "target-canary" not in str(caught.value)
