"""The rules that say by which fields records are told apart."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_codegen.errors import CodegenError
from accordant_codegen.read.rules import metadata, records
from accordant_codegen.render.operation_values import CommonFacts, common_facts, facts
from tests.codegen.ruled import document, of, ruled

ID = {"id": {"type": "integer"}, "name": {"type": "string"}}
PAGED = {"style": "offset", "items": "things", "limit": "limit", "offset": "offset"}


def responding(properties: dict[str, Any], envelope: str = "", *, many: bool = False) -> dict[str, Any]:
    """Responses with one record, or with rows, of these properties."""
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    schema = {"type": "array", "items": schema} if many else schema
    schema = {"type": "object", "properties": {envelope: schema}} if envelope else schema
    return {"200": {"description": "It.", "content": {"application/json": {"schema": schema}}}}


def one(path: str, method: str = "get", extra: dict[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    """The only operation of a document, after the rules; its path variables are parameters."""
    names = [segment[1:-1] for segment in path.split("/") if segment.startswith("{")]
    parts.setdefault("parameters", [{"name": name, "in": "path", "required": True} for name in names])
    operation: dict[str, Any] = {"operationId": "doIt", "security": [], "responses": {}, **parts, **(extra or {})}
    result, _ = ruled(metadata.operation_facts, document({path: {method: operation}}))
    return of(ruled(records.returned_keys, result)[0])["doIt"]


def returned(*args: Any, **parts: Any) -> Any:
    """The fields that come back with the id that was asked for."""
    return one(*args, **parts).get("x-accordant-key", {}).get("returned")


class TestReturned:
    @pytest.mark.parametrize("method", ["get", "put", "patch"])
    def test_guess(self, method: str) -> None:
        """A record that is named by the last variable of its path comes back with that id, in its envelope or bare."""
        assert returned("/things/{id}", method, responses=responding(ID)) == ["id"]
        envelope = {"x-accordant-envelope": "thing"}
        for responses in (responding(ID, "thing"), responding(ID)):
            assert returned("/things/{id}", method, responses=responses, extra=envelope) == ["id"]

    def test_no_guess(self) -> None:
        """Nothing is guessed for deletions, other actions, responses without the field, or keys elsewhere in a path."""
        assert returned("/things/{id}", "delete", responses=responding(ID)) is None
        assert returned("/things/{id}/trace", responses=responding(ID)) is None
        assert returned("/things/{slug}", responses=responding(ID)) is None
        assert returned("/things/{id}", responses={"204": {"description": "Done."}}) is None

    def test_write_that_may_change_the_id(self) -> None:
        """Where the body of a write has the field, the record may come back with another id."""
        body: dict[str, Any] = {"content": {"application/json": {"schema": {"properties": ID}}}}
        assert returned("/things/{id}", "put", responses=responding(ID), requestBody=body) is None
        fixed = {"id": {"type": "integer", "readOnly": True}}
        body = {"content": {"application/json": {"schema": {"properties": fixed}}}}
        assert returned("/things/{id}", "put", responses=responding(ID), requestBody=body) == ["id"]
        inner = {"properties": {"thing": {"properties": ID}}}
        wrapped: dict[str, Any] = {"content": {"application/json": {"schema": inner}}}
        envelope = {"x-accordant-envelope": "thing"}
        assert returned("/things/{id}", "put", responses=responding(ID), requestBody=wrapped, extra=envelope) is None

    def test_alternatives(self) -> None:
        """Where a record may be asked for by other ids, each that the response has is one that may come back."""
        key = {"parameter": "no", "field": "no", "alternatives": {"no": ["id", "guid"]}}
        properties = {**ID, "no": {"type": "string"}}
        assert returned("/things/{no}", responses=responding(properties), extra={"x-accordant-key": key}) == [
            "no",
            "id",
        ]

    def test_key_in_the_query(self) -> None:
        """A stated key in the query counts like one in the path; one in a body does not."""
        stated = {"x-accordant-action": "get", "x-accordant-key": {"parameter": "thingId", "field": "id"}}
        parameters = [{"name": "thingId", "in": "query"}]
        assert returned("/thing", responses=responding(ID), parameters=parameters, extra=stated) == ["id"]
        stated = {"x-accordant-action": "update", "x-accordant-key": {"body": "thingId", "field": "id"}}
        assert returned("/thing", "put", responses=responding(ID), extra=stated) is None

    def test_stated(self) -> None:
        """What the overlay states stays; a field that the record does not have is refused."""
        key = {"parameter": "id", "field": "id", "returned": list[str]()}
        assert returned("/things/{id}", responses=responding(ID), extra={"x-accordant-key": key}) == []
        with pytest.raises(CodegenError, match=r"\['x-accordant-key'\].returned: the record has no field uid"):
            returned("/things/{id}", responses=responding(ID), extra={"x-accordant-key": {**key, "returned": ["uid"]}})

    def test_what_operations_have_in_common(self) -> None:
        """What most operations of a document say is said once; those that say something else say it themselves."""
        failure = {"field": "ok", "message": "why", "equals": False}
        every: list[dict[str, Any]] = [
            {"security": [{"a": []}]},
            {"security": []},
            {"security": [{"a": []}], "x-accordant-failure": failure},
        ]
        common = common_facts(every)
        assert common == CommonFacts('(("a",),)', "")
        assert common_facts([]) == CommonFacts("()", "")
        stated: dict[str, Any] = {"x-accordant-entity": "thing", "x-accordant-action": "custom", "responses": {}}
        said = [facts("/a", "get", {**stated, **operation}, {}, common)[3:] for operation in every]
        assert said == [[], ["security=(),"], ['failure=Failure("ok", "why", equals=False),']]

    def test_operation_data(self) -> None:
        """The operation carries it to the client."""
        operation = one("/things/{id}", responses=responding(ID))
        for parameter in operation["parameters"]:
            parameter["x-accordant-name"] = parameter["name"]
        lines = facts("/things/{id}", "get", operation, {}, CommonFacts("()", ""))
        assert 'Entity("thing", "get", key_parameter="id", key_field="id", returned=("id",)),' in lines


def rows(extra: dict[str, Any] | None = None, others: dict[str, Any] | None = None) -> Any:
    """The key of a list's rows."""
    listed: dict[str, Any] = {
        "operationId": "list",
        "x-accordant-pagination": PAGED,
        "responses": responding(ID, "things", many=True),
        **(extra or {}),
    }
    result, _ = ruled(metadata.operation_facts, document({"/things": {"get": listed}, **(others or {})}))
    return of(ruled(records.row_keys, result)[0])["list"].get("x-accordant-row-key")


class TestRowKeys:
    def test_path_of_one_row(self) -> None:
        """An operation on one record below the list's path names the key of its rows."""
        assert rows(others={"/things/{id}": {"delete": {"operationId": "a", "responses": {}}}}) == ["id"]
        assert rows(others={"/things/{id}/parts": {"get": {"operationId": "a", "responses": {}}}}) is None
        assert rows(others={"/other/{id}": {"get": {"operationId": "a", "responses": {}}}}) is None

    def test_field_that_rows_lack(self) -> None:
        """A field that the rows do not have is no key of theirs."""
        assert rows(others={"/things/{uid}": {"get": {"operationId": "a", "responses": {}}}}) is None

    def test_own_key(self) -> None:
        """The list's own key counts first, with the scope in which it is unique; so does a window's identity."""
        assert rows({"x-accordant-key": {"field": "name", "scope": ["id"]}}) == ["id", "name"]
        assert rows({"x-accordant-key": {"field": None}}) is None
        assert rows({"x-accordant-pagination": {**PAGED, "identity": ["id", "name"]}}) == ["id", "name"]

    def test_stated(self) -> None:
        """What the overlay states stays; a field that rows lack, and a list that does not page, are refused."""
        others: dict[str, Any] = {"/things/{id}": {"get": {"operationId": "a", "responses": {}}}}
        assert rows({"x-accordant-row-key": list[str]()}, others) == []
        assert rows({"x-accordant-row-key": ["name"]}) == ["name"]
        with pytest.raises(CodegenError, match="the record has no field uid"):
            rows({"x-accordant-row-key": ["uid"]})
        lone: dict[str, Any] = {"operationId": "b", "responses": {}, "x-accordant-row-key": ["id"]}
        with pytest.raises(CodegenError, match=r"/lone'\].get\['x-accordant-row-key'\]: .* a list that pages"):
            rows(others={"/lone": {"get": lone}})

    def test_operation_data(self) -> None:
        """The operation carries it to the client."""
        operation: dict[str, Any] = {
            "operationId": "list",
            "x-accordant-entity": "thing",
            "x-accordant-action": "list",
            "responses": {},
            "x-accordant-pagination": PAGED,
            "x-accordant-row-key": ["id", "name"],
        }
        paging = 'pagination=Pagination("offset", "things", limit="limit", position="offset", key=("id", "name")),'
        assert paging in facts("/things", "get", operation, {}, CommonFacts("()", ""))
