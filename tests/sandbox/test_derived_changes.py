"""A vendor's document changes: the sandbox of each vendor serves what is new, and says what it cannot find any more."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest

from accordant_sandbox import Sandbox
from accordant_sandbox.__main__ import main
from accordant_sandbox.http.json_types import is_object
from tests.sandbox.changed_documents import CALLERS, add_gadgets, sandbox_of

VENDORS = sorted(CALLERS)
KNOWN_CALLS = {
    "dibop": "/orchestrations",
    "dime_scheduler": "/resource",
    "dispatch": "/v3/jobs",
    "espace": "/event/list",
}
"""A list of each vendor that must go on working."""


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_new_kind_of_record_is_kept_without_a_line(vendor: str) -> None:
    """Operations on records that no hand-written line knows are served: what was created is listed and read."""
    with sandbox_of(vendor, add_gadgets) as sandbox:
        api = CALLERS[vendor](sandbox)
        made = api.post("/gadgets", {"label": "lever", "weight": 2.5})
        assert (made.status, made.body["label"]) == (201, "lever")
        target = f"/gadgets/{made.body['id']}"
        assert api.patch(target, {"label": "crank"}).body == {"id": made.body["id"], "label": "crank", "weight": 2.5}
        assert api.get("/gadgets").body == [api.get(target).body]
        assert api.post(f"{target}/polish").status == 200
        assert api.delete(target).status == 204
        assert api.get("/gadgets").body == []
        assert api.get(KNOWN_CALLS[vendor]).status == 200
        sandbox.raise_defects()


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_is_derived_is_listed(vendor: str) -> None:
    """The sandbox lists what it does because the document alone says so, with the evidence `document`."""
    with sandbox_of(vendor, add_gadgets) as sandbox:
        derived = {rule.name: rule for rule in sandbox.derived}
        assert {f"document.{verb}" for verb in ("listGadgets", "createGadget", "polishGadget")} <= derived.keys()
        assert {rule.evidence for rule in derived.values()} == {"document"}
        assert "label, weight" in derived["document.records.gadgets"].sentence
        CALLERS[vendor](sandbox).get("/gadgets")
        assert "document.listGadgets" in {rule.name for rule in sandbox.rules}
        assert not sandbox.stale


@pytest.mark.parametrize("vendor", VENDORS)
def test_only_new_operations_are_derived_where_all_is_stated(vendor: str) -> None:
    """With the document as it is, DIBOP and eSPACE derive no operation; Dispatch and Dime.Scheduler most of theirs."""
    with Sandbox(vendor) as sandbox:
        served = {rule.name.removeprefix("document.") for rule in sandbox.derived} & sandbox.operations
        assert (len(served) == 0) is (vendor in ("dibop", "espace"))


NEW_FIELDS = {
    "dibop": (["OrchestrationInput", "Orchestration"], "POST", "/orchestrations", {"name": "New"}),
    "dispatch": (["BrandCreate", "Brand"], "POST", "/v3/brands", {"name": "Blue"}),
    "espace": (["EquipmentWrite", "EquipmentDetail"], "POST", "/ministry/equipment/create", {"Name": "Pump"}),
}


@pytest.mark.parametrize("vendor", sorted(NEW_FIELDS))
def test_a_new_writable_field_is_stored_and_returned(vendor: str) -> None:
    """A field that the document gains in bodies and responses is kept and shown without a hand-written line."""
    schemas, method, target, body = NEW_FIELDS[vendor]

    def add_colour(data: dict[str, Any]) -> None:
        for name in schemas:
            data["components"]["schemas"][name]["properties"]["colour"] = {"type": ["string", "null"]}

    with sandbox_of(vendor, add_colour) as sandbox:
        made = CALLERS[vendor](sandbox).call(method, target, {**_required(sandbox, body), "colour": "teal"})
        shown = made.body.get("brand") or made.body.get("Data") or made.body
        assert made.status in (200, 201), made.content
        assert shown["colour"] == "teal"


def test_a_new_field_of_an_upsert_is_stored_and_listed() -> None:
    """The same for records that Dime.Scheduler takes by natural key and shows in lists."""

    def add_shade(data: dict[str, Any]) -> None:
        for name in ("CategoryWrite", "Category"):
            data["components"]["schemas"][name]["properties"]["shade"] = {"type": ["string", "null"]}

    with sandbox_of("dime_scheduler", add_shade) as sandbox:
        api = CALLERS["dime_scheduler"](sandbox)
        assert (
            api.post("/category", {"name": "NEW", "displayName": "New", "color": "#fff", "shade": "dark"}).status == 200
        )
        shown = {each["name"]: each["shade"] for each in api.get("/category").body}
        assert shown["NEW"] == "dark"
        assert set(shown.values()) == {"dark", None}


def _required(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    """A body with what eSPACE's records need beside it."""
    if sandbox.name == "espace":
        return {"LocationId": 1, "Type": 1, **body}
    return body


RENAMED = {
    "dibop": ("listAlertRules", "operations.py"),
    "dime_scheduler": ("listNotifications", "operations.py"),
    "dispatch": ("acceptJob", "rules.py"),
    "espace": ("EventV2_Submit", "events.py"),
}


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_renamed_operation_says_which_lines_name_nothing(vendor: str) -> None:
    """A renamed operation is served as derived, the lines that name the old one are listed, and the rest works."""
    old, file = RENAMED[vendor]

    def rename(data: dict[str, Any]) -> None:
        for item in data["paths"].values():
            for operation in item.values():
                if is_object(operation) and operation.get("operationId") == old:
                    operation["operationId"] = "renamedOperation"

    with sandbox_of(vendor, rename) as sandbox:
        assert "renamedOperation" in sandbox.operations
        assert any(old in line and f"{file}:" in line for line in sandbox.stale), sandbox.stale
        assert CALLERS[vendor](sandbox).get(KNOWN_CALLS[vendor]).status == 200


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_removed_operation_leaves_the_rest_working(vendor: str) -> None:
    """An operation that the document no longer has is not served, and its lines are listed."""
    old, _ = RENAMED[vendor]

    def remove(data: dict[str, Any]) -> None:
        for item in data["paths"].values():
            for method in [each for each, node in item.items() if isinstance(node, dict)]:
                if item[method].get("operationId") == old:
                    del item[method]

    with sandbox_of(vendor, remove) as sandbox:
        assert old not in sandbox.operations
        assert any(old in line for line in sandbox.stale)
        assert CALLERS[vendor](sandbox).get(KNOWN_CALLS[vendor]).status == 200


def test_a_removed_filter_is_listed_and_a_new_one_works() -> None:
    """A filter that is gone names its lines; one that the document gains filters."""

    def change(data: dict[str, Any]) -> None:
        parameters = data["paths"]["/v3/customers"]["get"]["parameters"]
        parameters[:] = [each for each in parameters if each["name"] != "filter[email_eq]"]
        new = {"name": "filter[last_name_eq]", "in": "query", "schema": {"type": "string"}}
        parameters.append(new)

    with sandbox_of("dispatch", change) as sandbox:
        api = CALLERS["dispatch"](sandbox)
        assert any("filter[email_eq] is no parameter of listCustomers" in line for line in sandbox.stale)
        found = api.get("/v3/customers?filter%5Blast_name_eq%5D=Rivera").body["customers"]
        assert {each["last_name"] for each in found} == {"Rivera"}


def test_the_console_lists_derived_rules_and_stale_lines() -> None:
    """`/_sandbox/rules` and `/_sandbox/overview` say what is derived, and what points at nothing."""
    with sandbox_of("dispatch", add_gadgets) as sandbox:
        base = str(sandbox.credentials["base_url"])
        rules = {each["name"]: each["evidence"] for each in _control(sandbox, f"{base}/_sandbox/rules")}
        assert rules["document.listGadgets"] == "document"
        assert rules["token_lifetime"] == "seed"
        overview = _control(sandbox, f"{base}/_sandbox/overview")
        assert (overview["stale"], overview["derived"]) == ([], len(sandbox.derived))


def _control(sandbox: Sandbox, url: str) -> Any:
    import orjson

    status, _, content = sandbox.transport("GET", url, [], b"", 30.0)
    assert status == 200
    return orjson.loads(content)


def test_the_command_lists_what_is_derived() -> None:
    """`python -m accordant_sandbox VENDOR --derived` prints each derived rule, and how many lines are stale."""
    out = StringIO()
    assert main(["dispatch", "--derived"], out) == 0
    lines = out.getvalue().splitlines()
    assert "document.listBrands: GET /v3/brands lists the brands." in lines
    assert lines[-1].endswith("derived, 0 stale")


def test_what_only_the_vendor_sets_is_needed_in_no_body() -> None:
    """A required property that is read-only is required of responses alone."""
    with sandbox_of("dispatch", add_gadgets) as sandbox:
        api = CALLERS["dispatch"](sandbox)
        assert api.post("/gadgets", {"label": "lever"}).status == 201
        assert list(sandbox.journal)[-1].notes == ()


def test_nothing_is_made_to_fit_at_the_four_vendors() -> None:
    """Derived operations of Dispatch return what fits the document already: nothing of it has to be mended."""
    with Sandbox("dispatch") as sandbox:
        api = CALLERS["dispatch"](sandbox)
        for target in ("/v3/jobs", "/v3/brands", "/v3/users", "/v3/customers", "/v3/organizations/3", "/v3/sources/1"):
            assert api.get(target).status == 200
        assert api.get("/v3/jobs/999999").status == 404
        assert sandbox.mended == []
