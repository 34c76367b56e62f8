"""What a vendor may do to its document, for each of the four: an edit of the document as the vendor wrote it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from accordant_runtime import is_object

Edit = Callable[[dict[str, Any]], None]
DEPOT = {
    "type": "object",
    "required": ["id", "label"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "label": {"type": "string", "description": "What it is called."},
        "bays": {"type": "integer", "description": "How many vehicles it takes."},
    },
}


@frozen
class Changes:
    """What is edited in the document of one vendor.

    ``existing`` is the operation that is added to a group which there is: path, method, operation. ``read`` and
    ``written`` are the schemas of one kind of record, ``field`` one of its fields. ``listed`` is the path of a list,
    ``values`` that of an enum. ``renamed`` and ``removed`` name operations, ``resource`` the room in the client of the
    added one.
    """

    existing: tuple[str, str, dict[str, Any]]
    resource: str
    prefix: str
    read: tuple[str, ...]
    written: tuple[str, ...]
    created: tuple[str, ...]
    field: str
    listed: str
    values: tuple[str, ...]
    value: Any
    renamed: str
    removed: str


def _reply(schema: dict[str, Any], status: str = "200") -> dict[str, Any]:
    return {status: {"description": "It.", "content": {"application/json": {"schema": schema}}}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


VENDORS: dict[str, Changes] = {
    "dispatch": Changes(
        existing=(
            "/v3/brands/{id}",
            "get",
            {
                "operationId": "getBrand",
                "tags": ["Brands"],
                "summary": "Get a brand.",
                "parameters": [{"$ref": "#/components/parameters/BrandId"}],
                "responses": _reply(_ref("BrandEnvelope")),
            },
        ),
        resource="brands",
        prefix="/v3",
        read=("Brand",),
        written=("BrandCreate", "BrandUpdate"),
        created=("BrandCreate",),
        field="phone_number",
        listed="/v3/brands",
        values=("AppointmentStatus",),
        value="paused",
        renamed="acceptJob",
        removed="restoreUser",
    ),
    "dibop": Changes(
        existing=(
            "/alert-rules/{id}",
            "get",
            {
                "operationId": "getAlertRule",
                "tags": ["Alert Rules"],
                "summary": "Get an alert rule.",
                "parameters": [{"$ref": "#/components/parameters/AlertRuleId"}],
                "responses": _reply(_ref("AlertRule")),
            },
        ),
        resource="alert_rules",
        prefix="",
        read=("AlertRule",),
        written=("AlertRuleInput",),
        created=("AlertRuleInput",),
        field="description",
        listed="/alert-rules",
        values=("ApiCallStatus",),
        value="refused",
        renamed="pingSystem",
        removed="getSlaMetrics",
    ),
    "dime_scheduler": Changes(
        existing=(
            "/category/{name}",
            "get",
            {
                "operationId": "getCategory",
                "tags": ["Categories"],
                "summary": "Get a category.",
                "parameters": [{"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": _reply(_ref("Category")),
            },
        ),
        resource="categories",
        prefix="",
        read=("Category",),
        written=("CategoryWrite",),
        created=("CategoryWrite",),
        field="displayName",
        listed="/category",
        values=("TaskType",),
        value=2,
        renamed="createRecurringAppointment",
        removed="deleteRecurringAppointment",
    ),
    "espace": Changes(
        existing=(
            "/api/v2/event/reopen",
            "put",
            {
                "operationId": "EventV2_Reopen",
                "tags": ["Event"],
                "summary": "Reopen a canceled schedule.",
                "parameters": [
                    {"name": "eventId", "in": "query", "required": True, "type": "integer", "format": "int64"},
                    {"name": "scheduleId", "in": "query", "required": True, "type": "integer", "format": "int64"},
                ],
                "produces": ["application/json", "text/json"],
                "responses": {"200": {"description": "It.", "schema": {"$ref": "#/definitions/EventCreatedApiModel"}}},
            },
        ),
        resource="events",
        prefix="/api/v2",
        read=("ApiEquipmentInfoDto", "ApiEquipmentInfoDtoWithRelatedObjects"),
        written=("EquipmentInputModel",),
        created=("EquipmentInputModel",),
        field="SerialNumber",
        listed="/api/v2/ministry/equipment/list",
        values=("ApiEquipmentInfoDto", "properties", "Type"),
        value="Trailer",
        renamed="EventV2_Submit",
        removed="EventV2_Cancel",
    ),
}


def _schemas(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["definitions"] if "swagger" in document else document["components"]["schemas"]
    return found


def _operation(document: dict[str, Any], name: str) -> tuple[dict[str, Any], str]:
    """The path item that has an operation, and the method."""
    items: list[dict[str, Any]] = list(document["paths"].values())
    return next(
        (item, method)
        for item in items
        for method, each in item.items()
        if is_object(each) and each.get("operationId") == name
    )


def _added(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> None:
    document["paths"].setdefault(path, {})[method] = operation


def add_operations(changes: Changes) -> Edit:
    """One operation of a group that there is, and a new group with a new kind of record."""

    def edit(document: dict[str, Any]) -> None:
        _added(document, *changes.existing)
        swagger = "swagger" in document
        _schemas(document)["Depot"] = DEPOT
        one = {"$ref": "#/definitions/Depot"} if swagger else _ref("Depot")
        many = {"type": "array", "items": one}
        listing: dict[str, Any] = {"operationId": "listDepots", "tags": ["Depots"], "summary": "List depots."}
        making: dict[str, Any] = {"operationId": "createDepot", "tags": ["Depots"], "summary": "Create a depot."}
        if swagger:
            for each, schema in ((listing, many), (making, one)):
                each |= {
                    "produces": ["application/json"],
                    "responses": {"200": {"description": "It.", "schema": schema}},
                }
            making["parameters"] = [{"name": "model", "in": "body", "required": True, "schema": one}]
            making["consumes"] = ["application/json"]
        else:
            listing["responses"], making["responses"] = _reply(many), _reply(one, "201")
            making["requestBody"] = {"required": True, "content": {"application/json": {"schema": one}}}
        _added(document, f"{changes.prefix}/depots", "get", listing)
        _added(document, f"{changes.prefix}/depots", "post", making)

    return edit


def add_fields(changes: Changes) -> Edit:
    """A field that may be written and one that must be, both returned."""

    def edit(document: dict[str, Any]) -> None:
        schemas = _schemas(document)
        for name in (*changes.read, *changes.written):
            schemas[name]["properties"] |= {
                "motto": {"type": "string", "description": "A line of its own."},
                "crest": {"type": "string", "description": "What stands on its doors."},
            }
        for name in changes.created:
            schemas[name]["required"] = [*schemas[name].get("required", ()), "crest"]

    return edit


def rename_operation(changes: Changes) -> Edit:
    """Another operationId."""

    def edit(document: dict[str, Any]) -> None:
        item, method = _operation(document, changes.renamed)
        item[method]["operationId"] = f"{changes.renamed}Anew"

    return edit


def remove_operation(changes: Changes) -> Edit:
    """One operation less."""

    def edit(document: dict[str, Any]) -> None:
        item, method = _operation(document, changes.removed)
        del item[method]
        for path in [path for path, each in document["paths"].items() if each is item and not item]:
            del document["paths"][path]

    return edit


def rename_field(changes: Changes) -> Edit:
    """A field of a record with another name, in what is sent and returned."""

    def edit(document: dict[str, Any]) -> None:
        for name in (*changes.read, *changes.written):
            schema = _schemas(document)[name]
            new = f"{changes.field}Anew"
            schema["properties"] = {
                (new if each == changes.field else each): value for each, value in schema["properties"].items()
            }
            if "required" in schema:
                schema["required"] = [new if each == changes.field else each for each in schema["required"]]

    return edit


def add_value(changes: Changes) -> Edit:
    """A value more in an enum."""

    def edit(document: dict[str, Any]) -> None:
        node = _schemas(document)
        for key in changes.values:
            node = node[key]
        node["enum"] = [*node["enum"], changes.value]

    return edit


def require_parameter(changes: Changes) -> Edit:
    """A query parameter that a list now needs."""

    def edit(document: dict[str, Any]) -> None:
        new: dict[str, Any] = {"name": "region", "in": "query", "required": True, "description": "Whose."}
        new |= {"type": "string"} if "swagger" in document else {"schema": {"type": "string"}}
        document["paths"][changes.listed]["get"].setdefault("parameters", []).append(new)

    return edit


EDITS: dict[str, Callable[[Changes], Edit]] = {
    "added operations": add_operations,
    "added fields": add_fields,
    "renamed operation": rename_operation,
    "removed operation": remove_operation,
    "renamed field": rename_field,
    "added value": add_value,
    "required parameter": require_parameter,
}
