"""The resources of the feature document, driven with callers that only remember what they were asked."""

from __future__ import annotations

import asyncio
import datetime
import inspect
import sys
import uuid
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from accordant_runtime import (
    CallOptions,
    Notes,
    Operation,
    Request,
    RequestError,
    Upload,
    build_request,
)
from tests.codegen.type_checks import Complaint

ROOT = Path(__file__).parents[2]


class Caller:
    """Remembers the last call as a request, and answers with a prepared document."""

    def __init__(self, answer: Any = None, status: int = 200) -> None:
        self.answer = answer
        self.status = status
        self.operation: Operation[Any] | None = None
        self.request: Request | None = None
        self.options: CallOptions | None = None

    def call(self, operation: Operation[Any], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        self.operation, self.options = operation, options
        self.request = build_request(operation, arguments)
        answer = operation.answer(self.status)
        return None if answer is None else answer.read(self.answer, Notes())

    def paginate(self, operation: Operation[Any], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        assert operation.pagination is not None
        self.call(operation, arguments, options)
        answer = operation.answers[0]
        return [answer.decode(row, Notes()) for row in self.answer[operation.pagination.items]]


class AsyncCaller(Caller):
    """The same without blocking."""

    async def call(self, operation: Operation[Any], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        return Caller.call(self, operation, arguments, options)

    def paginate(self, operation: Operation[Any], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        return ("pages", operation.id, dict(arguments), options)


@pytest.fixture
def operations(feature: str) -> Any:
    """The table of operations."""
    return import_module(f"{feature}.operations").OPERATIONS


def client(feature: str, caller: Caller) -> Any:
    """The resources of the feature document over a caller."""
    kind = import_module(f"{feature}.client").Resources
    made = kind()
    made._caller = caller
    return made


def sent(caller: Caller) -> Request:
    """The request that a caller has seen."""
    assert caller.request is not None
    return caller.request


ORDER = {"id": 1, "status": "open"}


class TestCalls:
    def test_list(self, feature: str) -> None:
        """A list takes filters, headers, cookies and structured queries as arguments, and walks typed rows."""
        caller = Caller({"orders": [ORDER], "meta": {"total": 1}})
        rows = client(feature, caller).orders.list(
            status_in=["open", "new"],
            x_tenant="t",
            since=datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC),
            session=uuid.UUID(int=1),
            range={"min": 1, "max": 2},
            query={"min": 3},
            limit=5,
        )
        assert [row.id for row in rows] == [1]
        request = sent(caller)
        assert request.query == (
            ("filter[status_in]", "open,new"),
            ("range[min]", "1"),
            ("range[max]", "2"),
            ("query", '{"min":3}'),
            ("limit", "5"),
        )
        assert request.headers == (
            ("X-Tenant", "t"),
            ("since", "2026-03-01T00:00:00Z"),
            ("Cookie", "session=00000000-0000-0000-0000-000000000001"),
        )

    def test_create_opens_the_envelope(self, feature: str) -> None:
        """A body is keyword arguments, the answer's envelope is opened, and a bare answer is read as well."""
        for answer in ({"order": ORDER}, ORDER):
            caller = Caller(answer, status=201)
            made = client(feature, caller).orders.create(status="open", note=None, lines=[{"no": 1}])
            assert made.id == 1
            assert sent(caller).content == b'{"status":"open","note":null,"lines":[{"no":1}]}'

    def test_colliding_arguments(self, feature: str) -> None:
        """A query argument and a body property of the same name are two arguments."""
        caller = Caller(ORDER)
        client(feature, caller).orders.update(1, note="why", note_body="what")
        assert sent(caller).query == (("note", "why"),)
        assert sent(caller).content == b'{"note":"what"}'

    def test_optional_body(self, feature: str) -> None:
        """A body that need not be sent is not."""
        caller = Caller(ORDER)
        client(feature, caller).orders.update(1)
        assert sent(caller).content is None

    def test_paths(self, feature: str) -> None:
        """Path arguments are positional and stay within their segments."""
        caller = Caller({"no": 2})
        line = client(feature, caller).orders.get_line(1, "a/b")
        assert line.no == 2
        assert sent(caller).path == "/orders/1/lines/a%2Fb"
        with pytest.raises(RequestError, match="path segment"):
            client(feature, caller).orders.get_line(1, "..")

    def test_nothing(self, feature: str) -> None:
        """An answer without content is None."""
        caller = Caller(status=204)
        assert client(feature, caller).orders.delete(1) is None
        assert sent(caller).method == "DELETE"

    def test_bytes_text_and_redirect(self, feature: str, operations: Any) -> None:
        """Raw bodies are bytes, text answers text, and a success that points elsewhere says so."""
        caller = Caller("abc")
        assert client(feature, caller).orders.put_invoice(1, b"%PDF") == "abc"
        assert sent(caller).content == b"%PDF"
        assert sent(caller).content_type == "application/pdf"
        assert [answer.kind for answer in operations["putInvoice"].answers] == ["text"]
        assert [answer.kind for answer in operations["getInvoice"].answers] == ["bytes", "redirect"]

    def test_multipart(self, feature: str) -> None:
        """An upload takes files in any form, several of them, and fields beside them."""
        caller = Caller({"uid": "00000000-0000-0000-0000-000000000001"}, status=201)
        upload = Upload(b"b", filename="b.txt")
        stored = client(feature, caller).files.create(
            file=b"a", folder="x", more=[upload, b"c"], meta={"min": 1}, body_body="y"
        )
        assert stored.uid == uuid.UUID(int=1)
        assert sent(caller).files == (("file", b"a"), ("more", upload), ("more", b"c"))
        assert sent(caller).form == (("folder", "x"), ("meta", '{"min":1}'), ("body", "y"))

    def test_form(self, feature: str) -> None:
        """A form is keyword arguments too, and its answer under a media type range is JSON."""
        caller = Caller({"token": "t"})
        token = client(feature, caller).sessions.create(user="a", password="p w", scopes=["x", "y"])
        assert token.token == "t"
        assert sent(caller).form == (("user", "a"), ("password", "p w"), ("scopes", "x"), ("scopes", "y"))

    def test_reserved_names(self, feature: str) -> None:
        """Arguments that are called like Python's or the method's own words travel under their names."""
        caller = Caller({"class": "c"})
        models = client(feature, caller).models
        query = {"class_": "q", "self_": "s", "options_": "o", "list": True, "id": "i", "body": "b"}
        models.create(class_body="c", id_body=7, page_size=1, size=2, **query)
        assert sent(caller).query == (
            ("list", "true"),
            ("class", "q"),
            ("self", "s"),
            ("options", "o"),
            ("id", "i"),
            ("body", "b"),
            ("Page[size]", "1"),
            ("size", "2"),
        )
        assert sent(caller).content == b'{"class":"c","id":7}'

    def test_method_called_list(self, feature: str) -> None:
        """A method called list may answer with a list."""
        rows = client(feature, Caller([{"class": "a"}, {"class": "b"}])).models.list()
        assert [row.class_ for row in rows] == ["a", "b"]

    def test_whole_body(self, feature: str) -> None:
        """A body that is no single object is one argument, under the name that the document gives it."""
        caller = Caller({"value": "x"})
        client(feature, caller).trees.put_tree(["a", "b"])
        assert sent(caller).content == b'["a","b"]'
        client(feature, caller).trees.put_tree(tree={"children": []})
        assert sent(caller).content == b'{"children":[]}'

    def test_several_answers(self, feature: str) -> None:
        """Two documented successes are read each as its own type."""
        assert client(feature, Caller({"value": "x"}, 200)).trees.put_tree([]).value == "x"
        stored = client(feature, Caller({"uid": "00000000-0000-0000-0000-000000000001"}, 202)).trees.put_tree([])
        assert stored.uid == uuid.UUID(int=1)

    def test_options(self, feature: str) -> None:
        """Every method takes the options of one call, and hands them on."""
        caller = Caller(status=204)
        options = CallOptions(timeout=3.0)
        client(feature, caller).orders.delete(1, options=options)
        assert caller.options is options


def resource_names(feature: str) -> tuple[str, ...]:
    """The resources, as attributes of the client."""
    kind: type[object] = import_module(f"{feature}.client").Resources
    return tuple(name for name in vars(kind) if not name.startswith("_"))


class TestData:
    def test_table(self, feature: str, operations: Any) -> None:
        """The table has every operation of the document, with method, path, security and the statuses of errors."""
        assert len(operations) == 13
        create = operations["createOrder"]
        assert (create.method, create.path, create.resource, create.name) == ("POST", "/orders", "orders", "create")
        assert create.security == (("bearer",),)
        assert operations["deleteOrder"].security == ()
        assert create.errors == ("422",)
        assert [answer.status for answer in create.answers] == ["201"]
        assert resource_names(feature) == ("orders", "files", "sessions", "models", "trees")

    def test_entities(self, operations: Any) -> None:
        """Every operation says what it does to which record, and which argument carries the key."""
        entity = operations["updateOrder"].entity
        assert (entity.name, entity.action, entity.key_parameter, entity.key_field) == ("order", "update", "id", "id")
        assert operations["getLine"].entity.key_parameter == "line_no"

    def test_paging(self, operations: Any) -> None:
        """A list says how it pages and by what it filters."""
        found = operations["listOrders"]
        assert found.pagination.style == "offset"
        assert (found.pagination.items, found.pagination.total) == ("orders", "meta.total")
        assert (found.pagination.limit, found.pagination.position) == ("limit", "offset")
        assert found.pagination.max_limit == 50
        assert [item.filter for item in found.parameters if item.filter] == [("status", "in")]

    def test_idempotent(self, operations: Any) -> None:
        """What HTTP calls idempotent may be repeated; a POST may not."""
        assert operations["putTree"].idempotent
        assert operations["getOrder"].safe
        assert not operations["createOrder"].idempotent

    def test_idempotency_key(self, operations: Any) -> None:
        """An operation knows the header in which the vendor takes a key of the call; most have none."""
        assert operations["createOrder"].idempotency_header == "Idempotency-Key"
        assert operations["putTree"].idempotency_header is None


class TestAsynchronous:
    def test_calls(self, feature: str) -> None:
        """The asynchronous resources make the same calls."""
        made = import_module(f"{feature}.client").AsyncResources()
        made._caller = caller = AsyncCaller({"order": ORDER})
        assert asyncio.run(made.orders.get(1)).id == 1
        assert sent(caller).path == "/orders/1"
        assert made.orders.list(limit=2)[:2] == ("pages", "listOrders")

    def test_same_surface(self, feature: str) -> None:
        """Synchronous and asynchronous classes have the same methods, arguments and documentation."""
        for name in resource_names(feature):
            place = "models_resource" if name == "models" else name
            module, waiting = import_module(f"{feature}.{place}"), import_module(f"{feature}.aio.{place}")
            [kind] = [
                value
                for value in vars(module).values()
                if inspect.isclass(value) and value.__module__ == module.__name__
            ]
            twin: Any = getattr(waiting, f"Async{kind.__name__}")
            surface: dict[str, Any] = dict(vars(kind))
            for method, function in surface.items():
                if method.startswith("_"):
                    continue
                other: Any = getattr(twin, method)
                assert list(inspect.signature(function).parameters) == list(inspect.signature(other).parameters)
                assert function.__doc__ == other.__doc__
                assert inspect.iscoroutinefunction(other) is ("AsyncPages" not in str(other.__annotations__["return"]))


class TestPackage:
    def test_resources_are_lazy_and_kept(self, feature: str) -> None:
        """A resource is imported when it is first asked for, and stays the same object."""
        made = client(feature, Caller())
        sys.modules.pop(f"{feature}.trees", None)
        assert f"{feature}.trees" not in sys.modules
        assert made.trees is made.trees
        assert f"{feature}.trees" in sys.modules

    def test_importing_a_resource_imports_no_model(self, feature: str) -> None:
        """Models wait until an answer is read."""
        for name in [name for name in sys.modules if name.startswith(f"{feature}.")]:
            del sys.modules[name]
        import_module(f"{feature}.orders")
        assert not [name for name in sys.modules if name.startswith(f"{feature}.models.")]

    def test_documentation(self, feature: str) -> None:
        """Methods say what the document says: summary, description, arguments, errors; quotes and backslashes stay."""
        orders = import_module(f"{feature}.orders").Orders
        assert orders.__doc__.strip() == 'Orders, "as they stand".'
        assert "status_in: Any of these." in orders.list.__doc__
        assert "Raises an APIStatusError for 401." in orders.list.__doc__
        assert "a backslash: \\d." in import_module(f"{feature}.models_resource").Models.create.__doc__

    @pytest.mark.parametrize("tool", ["mypy", "basedpyright"])
    def test_types(self, tool: str, complaints: Callable[[str], list[Complaint]]) -> None:
        """mypy --strict and pyright strict have nothing to say about generated code."""
        assert [each for each in complaints(tool) if each.file.startswith("accordant_")] == []
