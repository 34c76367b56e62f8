"""A sandbox of a document that nobody wrote a line for."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import accordant_documents
from accordant_sandbox import Sandbox, SandboxError
from accordant_sandbox.__main__ import main
from tests.sandbox.caller import Caller, Got
from tests.sandbox.derived_corpus import successes
from tests.sandbox.shop_document import listed, shop


class Shop(Caller[Got]):
    """Calls the shop."""

    got = Got


@pytest.fixture
def api() -> Iterator[Shop]:
    """A caller of the shop, which is open to everyone."""
    with Sandbox.for_document(shop()) as sandbox:
        yield Shop(sandbox)
        assert sandbox.defects == []


def test_records_are_kept_in_the_documented_envelope(api: Shop) -> None:
    """What was created is read, changed, listed and deleted, in envelopes whose required members are there."""
    made = api.post("/items", {"title": "Tea", "kind": "large", "secret_note": "hidden"})
    assert (made.status, made.body["data"]["title"], made.body["data"]["kind"]) == (201, "Tea", "large")
    assert set(made.body) == {"data", "took"}
    assert "secret_note" not in made.body["data"]
    target = f"/items/{made.body['data']['id']}"
    assert made.body["data"]["id"].startswith("it_")
    assert api.patch(target, {"title": "Tea, green", "kind": "small"}).body["data"]["title"] == "Tea, green"
    assert api.get(target).body["data"]["kind"] == "small"
    whole = api.get("/items?limit=100").body
    assert whole["object"] == "list"
    assert whole["data"][-1]["title"] == "Tea, green"
    assert api.delete(target).status == 204
    assert api.get(target).status == 404


def test_lists_filter_by_parameters_that_are_called_like_properties(api: Shop) -> None:
    """A query parameter with the name of a property picks the records that have its value."""
    api.post("/items", {"title": "Big", "kind": "large"})
    kinds = {each["kind"] for each in api.get("/items?kind=large&limit=100").body["data"]}
    assert kinds == {"large"}


def test_shapes_count_where_nothing_is_stated(api: Shop) -> None:
    """A GET that returns an array is a list, a POST beside it creates, inside of the record that the path names."""
    shelves = api.get("/shelves").body
    first, second = (each["id"] for each in shelves[:2])
    assert api.post(f"/shelves/{second}/labels", {"text": "Fragile"}).status == 201
    assert "Fragile" in {each["text"] for each in api.get(f"/shelves/{second}/labels").body}
    assert "Fragile" not in {each["text"] for each in api.get(f"/shelves/{first}/labels").body}
    assert api.get("/shelves/9999/labels").status == 404


def test_other_operations_return_a_made_up_success(api: Shop) -> None:
    """An operation that is no plain one returns what its schema asks for; a success that is no JSON, its example."""
    reserved = api.post("/items/it_00000001:reserve")
    assert (reserved.status, set(reserved.body)) == (200, {"reserved", "until"})
    report = api.get("/report")
    assert (report.headers["content-type"], report.content) == ("text/csv", b"a,b")


def test_failures_have_the_documented_form(api: Shop) -> None:
    """A refusal says what is wrong in the members that the document's failure has, with those that it must have."""
    wrong = api.post("/items", {"title": 7, "kind": "large"})
    assert wrong.status in (400, 422)
    assert "schema" in wrong.body["error"]["message"]
    assert len(wrong.body["error"]["trace"]) == 36
    assert api.get("/items/it_ffffffff").body["error"]["message"].startswith("there is no record")


def test_the_address_of_a_server_is_filled_in(api: Shop) -> None:
    """The path of the first server, its variables at their defaults, is where the API begins."""
    assert str(api.sandbox.credentials["base_url"]).endswith("/v2")
    assert api.sandbox.name == "corner_shop"


# Never an undocumented status


def test_a_refusal_has_the_nearest_documented_status() -> None:
    """Where the fitting failure is not documented, the nearest one is returned."""
    document = shop()
    responses = document["paths"]["/items/{item_id}"]["get"]["responses"]
    responses["410"] = responses.pop("4XX")
    with Sandbox.for_document(document) as sandbox:
        assert Shop(sandbox).get("/items/it_ffffffff").status == 410


def test_a_wrong_request_is_never_told_as_a_wrong_caller() -> None:
    """Where only 401 and 500 are documented, a body that does not fit gets neither of them."""
    document = shop()
    responses = document["paths"]["/items"]["post"]["responses"]
    responses["401"] = responses["500"] = responses.pop("4XX")
    with Sandbox.for_document(document) as sandbox:
        assert Shop(sandbox).post("/items", {"title": 7}).status == 201
        assert list(sandbox.journal)[-1].problem == "invalid"
        assert sandbox.state.items.all(title=7) == []


def test_a_post_to_a_records_path_may_make_it() -> None:
    """A POST to the path of one record which returns 201, and which others change, need not find that record."""
    document = shop()
    item = document["paths"]["/items/{item_id}"]
    item["post"] = copy.deepcopy(item["patch"]) | {"operationId": "putThere", "x-accordant-action": "custom"}
    item["post"]["responses"]["201"] = item["post"]["responses"].pop("200")
    with Sandbox.for_document(document) as sandbox:
        assert Shop(sandbox).post("/items/it_ffffffff", {"title": "new", "kind": "small"}).status == 201


def test_a_body_that_is_a_text_says_no_field() -> None:
    """A creation whose body is a text makes a record of what the document says alone."""
    document = shop()
    document["paths"]["/items"]["post"]["requestBody"]["content"]["application/json"]["schema"] = {"type": "string"}
    with Sandbox.for_document(document) as sandbox:
        assert Shop(sandbox).post("/items", "text").status == 201
        assert list(sandbox.journal)[-1].notes == ()


def test_without_a_documented_failure_a_success_is_made_up() -> None:
    """An operation that documents no failure returns a made-up success, and the journal says why."""
    document = shop()
    del document["paths"]["/items/{item_id}"]["get"]["responses"]["4XX"]
    with Sandbox.for_document(document) as sandbox:
        assert Shop(sandbox).get("/items/it_ffffffff").status == 200
        assert any("in the place of 404" in note for note in list(sandbox.journal)[-1].notes)
    with Sandbox.for_document(document, settings={"undocumented_errors": True}) as sandbox:
        assert Shop(sandbox).get("/items/it_ffffffff").status == 404


# Paging


STYLES = {
    "offset": listed({"style": "offset", "limit": "limit", "offset": "start", "total": "total"}, "limit", "start",
                     members={"total": {"type": "integer"}}),
    "page from 0": listed({"style": "page", "page": "page", "size": "size", "start": 0}, "page", "size"),
    "cursor": listed({"style": "cursor", "limit": "limit", "cursor": "after", "next": "next"}, "limit", "after",
                     members={"next": {"type": ["string", "null"]}}),
    "address": listed({"style": "cursor", "limit": "limit", "cursor": "after", "next": "next_url"}, "limit", "after",
                      members={"next_url": {"type": ["string", "null"]}}),
    "last row": listed({"style": "cursor", "limit": "limit", "cursor": "after", "next-row": "id", "more": "has_more"},
                       "limit", "after", members={"has_more": {"type": "boolean"}}),
    "link header": listed({"style": "cursor", "limit": "limit", "cursor": "after", "next-header": "Link"},
                          "limit", "after"),
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_a_walk_over_pages_sees_each_record_once(style: str) -> None:
    """Whatever `x-accordant-pagination` says about the next page leads through the whole list."""
    with Sandbox.for_document(STYLES[style]) as sandbox:
        api = Shop(sandbox)
        sandbox.given("items", 4)
        seen: list[str] = []
        query: str | None = f"{'size' if style.startswith('page') else 'limit'}=3"
        first = query
        while query is not None:
            got = api.get(f"/items?{query}")
            seen += [each["id"] for each in got.body["rows"]]
            query = _next(style, got, len(seen), str(first))
        assert seen == [row["id"] for row in sandbox.state.items.all()]
        assert len(seen) == len(set(seen)) == 10


def _next(style: str, got: Got, seen: int, first: str) -> str | None:
    rows = got.body["rows"]
    if style == "offset":
        return f"{first}&start={seen}" if seen < got.body["total"] else None
    if style == "page from 0":
        return f"{first}&page={seen // 3}" if len(rows) == 3 else None
    if style == "cursor":
        return f"{first}&after={got.body['next']}" if got.body["next"] else None
    if style == "last row":
        return f"{first}&after={rows[-1]['id']}" if got.body["has_more"] else None
    address = got.body.get("next_url") or got.headers.get("link", "").partition(">")[0].lstrip("<")
    return f"{first}&after={parse_qs(urlsplit(address).query)['after'][0]}" if address else None


# Credentials


def secured(*requirements: dict[str, list[str]]) -> Sandbox:
    """A sandbox whose list of shelves needs credentials."""
    document = shop()
    document["paths"]["/shelves"]["get"]["security"] = list(requirements)
    return Sandbox.for_document(document)


def test_each_scheme_opens_what_asks_for_it() -> None:
    """Keys in header, query and cookie, basic, and a bearer token open the operation; none, and wrong ones, do not."""
    for scheme, target, headers in (
        ("inHeader", "/shelves", {"X-App": "{api_key}"}),
        ("inQuery", "/shelves?key={api_key}", {}),
        ("inCookie", "/shelves", {"Cookie": "a=1; sid={api_key}"}),
        ("basic", "/shelves", {"Authorization": "Basic {pair}"}),
        ("bearer", "/shelves", {"Authorization": "Bearer {token}"}),
        ("oidc", "/shelves", {"Authorization": "Bearer {token}"}),
    ):
        with secured({scheme: []}) as sandbox:
            api, known = Shop(sandbox), {**sandbox.credentials}
            user = f"{known.get('username', '')}:{known.get('password', '')}"
            known["pair"] = base64.b64encode(user.encode()).decode()
            wrong = dict.fromkeys(known, "x" * 12)

            def call(values: dict[str, Any], target: str = target, headers: dict[str, str] = headers) -> int:
                sent = {name: value.format_map(values) for name, value in headers.items()}
                return api.get(target.format_map(values), headers=sent).status  # noqa: B023 - called in this turn

            assert api.get("/shelves").status == 401, scheme
            assert call(wrong) == 401, scheme
            assert call(known) == 200, scheme
            secrets = [str(known[name]) for name in ("api_key", "password", "token") if name in known]
            assert secrets
            assert not any(value in str(list(sandbox.journal)[-1].view()) for value in secrets), scheme


def test_pairs_and_alternatives_hold_together() -> None:
    """Of a pair both are needed; of alternatives one; an operation without requirements is open."""
    with secured({"inHeader": [], "inQuery": []}, {"basic": []}) as sandbox:
        api, known = Shop(sandbox), sandbox.credentials
        header = {"X-App": known["in_header_api_key"]}
        assert api.get("/shelves", headers=header).status == 401
        assert api.get(f"/shelves?key={known['in_query_api_key']}", headers=header).status == 200
        pair = base64.b64encode(f"{known['username']}:{known['password']}".encode()).decode()
        assert api.get("/shelves", headers={"Authorization": f"Basic {pair}"}).status == 200
        assert api.get("/items").status == 200


def test_a_scheme_that_is_not_declared_asks_for_nothing() -> None:
    """A scheme that is named and not declared crashes nothing; what stands beside it counts."""
    with secured({"nowhere": []}) as sandbox:
        assert Shop(sandbox).get("/shelves").status == 200
    with secured({"nowhere": [], "inHeader": []}) as sandbox:
        api = Shop(sandbox)
        assert api.get("/shelves").status == 401
        assert api.get("/shelves", headers={"X-App": sandbox.credentials["api_key"]}).status == 200


def test_a_token_endpoint_outside_the_document_gives_tokens() -> None:
    """The path of a flow's `tokenUrl` gives a token for the client's secrets, and none for wrong ones."""
    with secured({"oauth": []}) as sandbox:
        known, root = sandbox.credentials, str(sandbox.credentials["base_url"]).removesuffix("/v2")
        form = f"grant_type=client_credentials&client_id={known['client_id']}&client_secret={known['client_secret']}"
        assert _token(sandbox, root, form.replace(known["client_secret"], "wrong"))[0] == 401
        status, token = _token(sandbox, root, form)
        assert status == 200
        api = Shop(sandbox)
        assert api.get("/shelves").status == 401
        assert api.get("/shelves", headers={"Authorization": f"Bearer {token['access_token']}"}).status == 200
        sandbox.clock.advance(hours=2)
        assert api.get("/shelves", headers={"Authorization": f"Bearer {token['access_token']}"}).status == 401


def test_a_documented_token_endpoint_gives_tokens_as_every_other_does() -> None:
    """A token endpoint that documents JSON and asks for more takes the form of RFC 6749 too, and a refusal is no token
    although its document has nothing but 401 for it."""
    document = shop()
    body = {"type": "object", "required": ["grant_type", "scope"], "properties": {"scope": {"enum": ["all"]}}}
    shown = {"type": "object", "properties": {"access_token": {"type": "string"}}}
    document["paths"]["/oauth/token"] = {
        "post": {
            "operationId": "giveToken",
            "security": [],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": {
                "200": {"description": "", "content": {"application/json": {"schema": shown}}},
                "401": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}},
            },
        }
    }
    scheme = document["components"]["securitySchemes"]["oauth"]
    next(iter(scheme["flows"].values()))["tokenUrl"] = "/v2/oauth/token"
    document["paths"]["/shelves"]["get"]["security"] = [{"oauth": []}]
    with Sandbox.for_document(document) as sandbox:
        known, root = sandbox.credentials, str(sandbox.credentials["base_url"])
        form = f"grant_type=client_credentials&client_id={known['client_id']}&client_secret={known['client_secret']}"
        status, token = _token(sandbox, root, form)
        assert status == 200
        assert "refresh_token" not in token  # a secret that the document does not show
        assert Shop(sandbox).get("/shelves", headers={"Authorization": f"Bearer {token['access_token']}"}).status == 200
        assert _token(sandbox, root, form.replace(known["client_secret"], "wrong"))[0] == 401
        assert _token(sandbox, root, "grant_type=client_credentials")[0] == 401


def test_what_no_request_can_show_opens_nothing_that_another_way_opens() -> None:
    """Beside a scheme that a request can show, one that it cannot (a signature) lets nobody in without any."""
    document = shop()
    document["components"]["securitySchemes"]["signed"] = {"type": "http", "scheme": "signature"}
    document["paths"]["/shelves"]["get"]["security"] = [{"bearer": []}, {"signed": []}]
    document["paths"]["/report"]["get"]["security"] = [{"signed": []}]
    with Sandbox.for_document(document) as sandbox:
        api, token = Shop(sandbox), sandbox.credentials["token"]
        assert api.get("/shelves").status == 401
        assert api.get("/shelves", headers={"Authorization": f"Bearer {token}"}).status == 200
        assert api.get("/report").status == 200


def test_openid_connect_is_discovered() -> None:
    """The address of OpenID Connect's discovery leads to a token endpoint of the sandbox."""
    with secured({"oidc": []}) as sandbox:
        root = str(sandbox.credentials["base_url"]).removesuffix("/v2")
        status, _, content = sandbox.transport("GET", f"{root}/.well-known/openid-configuration", [], b"", 30.0)
        assert (status, json.loads(content)["issuer"]) == (200, root)
        assert json.loads(content)["token_endpoint"].startswith(root)


def _token(sandbox: Sandbox, root: str, form: str) -> tuple[int, Any]:
    headers = [("Content-Type", "application/x-www-form-urlencoded")]
    status, _, content = sandbox.transport("POST", f"{root}/oauth/token", headers, form.encode(), 30.0)
    return status, json.loads(content)


# Odd documents


@pytest.mark.parametrize(
    "odd",
    [
        {"enum": "text"},
        {"type": "any"},
        {"pattern": "["},
        {"$ref": "#/nowhere"},
        {"properties": []},
        {"required": "id"},
        7,
    ],
    ids=str,
)
def test_a_malformed_schema_crashes_nothing(odd: Any) -> None:
    """A schema that no validator takes fits everything: the operation returns a success, and no traceback."""
    document = shop()
    document["components"]["schemas"]["Shelf"]["properties"]["odd"] = odd
    document["components"]["schemas"]["Label"] = odd
    with Sandbox.for_document(document) as sandbox:
        api = Shop(sandbox)
        assert api.get("/shelves").status == 200
        assert api.get("/shelves/1/labels").status == 200
        assert api.post("/shelves/1/labels", {"text": "x"}).status == 201
        assert sandbox.defects == []
        assert sandbox.engine.faults.catalogue


def test_one_bad_node_costs_its_operation() -> None:
    """An operation that cannot be read is left out, with the reason; the others are served."""
    document = shop()
    document["paths"]["/report"]["get"]["parameters"] = [{"$ref": "#/nowhere"}]
    with Sandbox.for_document(document) as sandbox:
        assert "getReport" not in sandbox.operations
        assert "nothing is there" in sandbox.vendor.document.left_out["/paths/~1report/get"]
        assert Shop(sandbox).get("/items").status == 200


def test_a_file_that_is_no_effective_document_is_refused_with_the_reason(tmp_path: Path) -> None:
    """A missing file, YAML, another version and a list are refused in one sentence."""
    for name, text, reason in (
        ("a.yaml", "openapi: 3.1.0", "effective document"),
        ("b.json", '{"openapi": "3.0.3", "paths": {}}', "not an OpenAPI 3.1 document"),
        ("c.json", "[]", "no object"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(SandboxError, match=reason):
            Sandbox.for_document(tmp_path / name)
    with pytest.raises(SandboxError, match="missing"):
        Sandbox.for_document(tmp_path / "missing.json")


def test_the_command_serves_a_document(tmp_path: Path) -> None:
    """`--document PATH` takes the place of a vendor's name: faults and derived rules are listed for it."""
    file = tmp_path / "corner.json"
    file.write_text(json.dumps({**shop(), "security": [{"inHeader": []}]}))
    out = StringIO()
    assert main(["--document", str(file), "--derived"], out) == 0
    assert "document.listItems: GET /items lists the items" in out.getvalue()
    assert main(["--document", str(file), "--fault", "list"], out) == 0
    assert int(out.getvalue().splitlines()[-1].split()[0]) > 50
    assert main(["--document", str(tmp_path / "none.json")]) == 2
    with pytest.raises(SystemExit):
        main(["dispatch", "--document", str(file)])


def test_faults_act_as_everywhere() -> None:
    """A fault that is armed at a derived operation acts, and its response is not made to fit."""
    with secured({"inHeader": []}) as sandbox:
        api, header = Shop(sandbox), {"X-App": sandbox.credentials["api_key"]}
        with sandbox.fault("unavailable_503", on="listShelves"):
            assert api.get("/shelves", headers=header).status == 503
        assert api.get("/shelves", headers=header).status == 200


def test_the_four_vendors_documents_are_served_without_their_packages() -> None:
    """Nearly every operation of the four documents returns a documented success to a valid request, all derived."""
    for vendor in ("dibop", "dispatch", "espace"):
        with Sandbox.for_document(accordant_documents.path(vendor)) as sandbox:
            found = successes(sandbox)
            failed = {name: verdict for name, verdict in found.items() if verdict != "good"}
            assert len(failed) <= 0.05 * len(found), failed
