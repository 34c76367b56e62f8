"""Secrets that come back and fields that nobody documented."""

from __future__ import annotations

from attrs import evolve

from accordant_contract.document.document import Document
from accordant_contract.document.values import Arguments, SeenBodies
from accordant_contract.judges.exposure import private_texts, secret_leak, undocumented, undocumented_field
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets, vendor

from .widget_api import exchange, operation, page, widget

GET, LIST = operation("getWidget"), operation("listWidgets")
SECRET = "a-secret-of-this-run"
QUOTED = 'another "secret" of \\ this run'
"""One that JSON does not write as it is."""


def test_a_secret_of_the_run_is_found_wherever_a_response_holds_it() -> None:
    """A secret in a field, inside of a longer text, in a header, in an error, in HTML: each is a leak."""
    places = (
        exchange(GET.id, 200, widget(1, name=SECRET)),
        exchange(GET.id, 200, widget(1, tags=["x", f"Bearer {SECRET}"])),
        exchange(GET.id, 200, widget(1), headers=(("X-Debug", SECRET),)),
        exchange(GET.id, 401, {"message": f"{SECRET} is no good key"}),
        exchange(GET.id, 404, body=f"<p>{SECRET}</p>".encode()),
        exchange(GET.id, 200, widget(1, name=QUOTED)),
    )
    for place in places:
        assert [each.check for each in secret_leak(GET, place, [SECRET, QUOTED])] == ["secret_leak"], place


def test_a_body_that_comes_again_is_looked_at_for_every_secret() -> None:
    """A secret is found in a body as often as that comes, also where the run got to know it after the first time."""
    bodies, shown = SeenBodies(), exchange(GET.id, 200, widget(1, name=SECRET, tags=["told-later-on"]))
    assert shown.response is not None
    found = [
        [each.path for each in secret_leak(GET, evolve(shown, response=response), secrets)]
        for secrets in ([], ["of another run"], [SECRET], ["told-later-on", "of another run"], [SECRET])
        for response in [bodies.response(200, shown.response.headers, shown.response.body)]
    ]
    assert found == [[], [], ["$.name"], ["$.tags[0]"], ["$.name"]]


def test_a_password_that_a_request_carries_does_not_come_back() -> None:
    """A password in the body of a write that its response repeats is a leak, whatever the field is called."""
    told = exchange(GET.id, 200, widget(1, name="hunter-two-2"), arguments=Arguments(body={"password": "hunter-two-2"}))
    assert [each.path for each in secret_leak(GET, told)] == ["$.name"]


def test_what_a_request_said_in_a_plain_field_is_no_secret() -> None:
    """A credential that a request sent as a text of its body, where anybody may read it, may come back in the response;
    one under the name of a password may not."""
    shown = widget(1, name=SECRET)
    plain = exchange(GET.id, 200, shown, arguments=Arguments(body={"name": SECRET}))
    assert not list(secret_leak(GET, plain, [SECRET]))
    sent = exchange(GET.id, 200, shown, arguments=Arguments(body={"password": SECRET}))
    assert [each.path for each in secret_leak(GET, sent, [SECRET])] == ["$.name"]


def test_one_character_again_and_again_is_no_secret_to_know_by() -> None:
    """A password of one repeated character, as a fuzzer makes it, may stand in any other field that is as full."""
    sent = Arguments(body={"password": "0" * 64})
    assert not list(secret_leak(GET, exchange(GET.id, 200, widget(1, name="0" * 256), arguments=sent)))


def test_an_undocumented_field_with_the_name_of_a_secret_is_a_leak() -> None:
    """A hash of a password in one row of a list is red; in an error, where names are those of bad fields, it is not."""
    row = page([widget(1), widget(2, password_hash="$2b$12$x")], 2, limit=9)
    assert [each.path for each in secret_leak(LIST, row)] == ["$.widgets[1].password_hash"]
    assert not list(secret_leak(GET, exchange(GET.id, 404, {"password": "cannot be blank"})))


def test_each_undocumented_field_is_named_once_with_its_path_and_type() -> None:
    """The same field in two rows is one line; documented fields and rows are none."""
    rows = page([widget(1, beta=1), widget(2, beta=2)], 2, limit=9)
    assert [path for path, _ in undocumented(LIST, rows)] == ["$.widgets[0].beta", "$.widgets[1].beta"]
    assert len({each.key for each in undocumented_field(LIST, rows)}) == 1


def test_a_field_that_a_vendor_adds_is_listed_and_red_only_when_strict() -> None:
    """Without STRICT=1 a new response field is a line of the report, with it a finding."""
    for strict in (False, True):
        with targets.local(vendor.load("dibop"), faults=["undocumented_addition"], way="process") as target:
            run = Run(target, Settings(PROFILES["quick"], focus={"listSystems"}, fuzz=False, strict=strict))
            run.execute()
        listed = {path for operation, path in run.results.undocumented if operation == "listSystems"}
        red = {each.finding.check for each in run.results.findings.values()}
        assert any(path.endswith(".beta_score") for path in listed) is not strict
        assert ("undocumented_field" in red) is strict


def test_when_a_password_was_changed_is_no_secret() -> None:
    """An instant and one of a few values may come back although a password is in their names; a text may not."""
    account = {
        "type": "object",
        "properties": {
            "passwordChangeDate": {"type": "string", "format": "date-time"},
            "passwordChangeAge": {"type": "string", "enum": ["lessThan30Days", "moreThan60Days"]},
            "password": {"type": "string"},
        },
    }
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"account": account}}}}}
    post = {"operationId": "open", "requestBody": body, "responses": {"200": {"description": "", **body}}}
    document = {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {"/accounts": {"post": post}}}
    opened = Document("accounts", document).operations["open"]
    dated = {"passwordChangeDate": "2026-03-01T09:00:00Z", "passwordChangeAge": "lessThan30Days"}
    sent = Arguments(body={"account": {**dated, "password": "hunter-two-2"}})
    assert list(private_texts(sent.body, opened)) == ["hunter-two-2"]
    assert not list(secret_leak(opened, exchange("createWidget", 200, {"account": dated}, arguments=sent)))
