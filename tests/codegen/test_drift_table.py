"""Each kind of change of a document, judged: what breaks a caller, what only adds, what is nothing."""

from __future__ import annotations

import pytest

from accordant_codegen.drift.lines import Impact, worst
from tests.codegen.drift_documents import (
    MODERN,
    OLDER,
    SWAGGER,
    Edit,
    add,
    all_of,
    at,
    cut,
    drifted,
    move,
    put,
    set_to,
)

LIST = "paths>/things>get"
MAKE = "paths>/things>post"
ONE = "paths>/things/{id}"
PING = "paths>/ping>post"
GIVEN = f"{LIST}>parameters"
WRITE = "components>schemas>ThingWrite"
READ = "components>schemas>Thing"
JSON = "content>application/json>schema"
EXTRA = {"name": "extra", "in": "query", "schema": {"type": "string"}}

BREAKING: dict[str, tuple[str, Edit]] = {
    "number became an integer": ("request-type-narrowed", put(f"{WRITE}>properties>price", type="integer")),
    "returned integer became a number": ("response-type-widened", put(f"{READ}>properties>id", type="number")),
    "returned items changed": ("response-type-changed", put(f"{READ}>properties>tags", items={"type": "integer"})),
    "returned list in an envelope": (
        "response-type-changed",
        set_to(f"{LIST}>responses>200>{JSON}", {"type": "object", "properties": {"items": {"type": "array"}}}),
    ),
    "success has another status": ("success-status-removed", move(f"{MAKE}>responses>201", "200")),
    "success without a body": ("response-body-removed", set_to(f"{ONE}>get>responses", {"204": {"description": "d"}})),
    "page size gone": ("parameter-removed", cut(f"{GIVEN}>0")),
    "required cookie added": (
        "required-parameter-added",
        add(GIVEN, {"name": "c", "in": "cookie", "required": True, "schema": {"type": "string"}}),
    ),
    "path in other case": ("path-changed", move("paths>/ping", "/Ping")),
    "server with a path": ("server-removed", set_to("servers", [{"url": "https://api.shop.example/v2"}])),
    "server with another default": (
        "server-removed",
        set_to("servers", [{"url": "https://{a}.shop.example", "variables": {"a": {"default": "eu"}}}]),
    ),
    "key moved to the query": ("security-scheme-changed", set_to("components>securitySchemes>key>in", "query")),
    "fewer fields will not do": ("request-min-properties-tightened", put(WRITE, minProperties=3)),
    "body is a merge patch": (
        "request-media-type-removed",
        move(f"{MAKE}>requestBody>content>application/json", "application/merge-patch+json"),
    ),
    "operation removed": ("operation-removed", cut(f"{ONE}>delete")),
    "path removed": ("operation-removed", cut(ONE)),
    "path renamed": ("path-changed", move(ONE, "/items/{id}")),
    "method changed": ("path-changed", move(f"{ONE}>delete", "patch")),
    "required parameter added": ("required-parameter-added", add(GIVEN, {**EXTRA, "required": True})),
    "parameter removed": ("parameter-removed", cut(f"{GIVEN}>3")),
    "header parameter removed": ("parameter-removed", cut(f"{GIVEN}>5")),
    "parameter renamed": ("parameter-removed", put(f"{GIVEN}>3", name="after")),
    "parameter moved": ("parameter-moved", put(f"{GIVEN}>3", in_="header")),
    "parameter became required": ("parameter-became-required", put(f"{GIVEN}>3", required=True)),
    "parameter type changed": ("request-type-changed", put(f"{GIVEN}>0>schema", type="string")),
    "parameter type narrowed": ("request-type-narrowed", put(f"{GIVEN}>6>schema", type=["integer", "null"])),
    "parameter null gone": ("request-null-gone", put(f"{GIVEN}>6>schema", type=["string", "integer"])),
    "parameter item type changed": ("request-type-changed", put(f"{GIVEN}>2>schema>items", type="boolean")),
    "parameter written otherwise": ("parameter-style-changed", put(f"{GIVEN}>2", explode=False)),
    "parameter maximum lowered": ("request-maximum-tightened", put(f"{GIVEN}>0>schema", maximum=50)),
    "parameter minimum raised": ("request-minimum-tightened", put(f"{GIVEN}>0>schema", minimum=5)),
    "parameter default changed": ("request-default-changed", put(f"{GIVEN}>0>schema", default=10)),
    "parameter maxLength lowered": ("request-max-length-tightened", put(f"{GIVEN}>4>schema", maxLength=5)),
    "parameter maxLength added": ("request-max-length-tightened", put(f"{GIVEN}>3>schema", maxLength=5)),
    "parameter minLength raised": ("request-min-length-tightened", put(f"{GIVEN}>4>schema", minLength=3)),
    "parameter maxItems lowered": ("request-max-items-tightened", put(f"{GIVEN}>2>schema", maxItems=5)),
    "parameter minItems added": ("request-min-items-tightened", put(f"{GIVEN}>2>schema", minItems=1)),
    "parameter uniqueItems added": ("request-unique-items-changed", put(f"{GIVEN}>2>schema", uniqueItems=True)),
    "parameter multipleOf added": ("request-multiple-of-changed", put(f"{GIVEN}>0>schema", multipleOf=5)),
    "parameter pattern changed": ("request-pattern-changed", put(f"{GIVEN}>4>schema", pattern="^[A-Z]+$")),
    "parameter pattern added": ("request-pattern-added", put(f"{GIVEN}>3>schema", pattern="^2")),
    "parameter format changed": ("request-format-changed", put(f"{GIVEN}>3>schema", format="date-time")),
    "parameter format added": ("request-format-added", put(f"{GIVEN}>4>schema", format="uuid")),
    "parameter enum added": ("request-values-listed", put(f"{GIVEN}>4>schema", enum=["a", "b"])),
    "parameter enum value removed": ("request-value-removed", set_to("components>schemas>State>enum", ["open"])),
    "path parameter type changed": ("request-type-changed", put(f"{ONE}>parameters>0>schema", type="string")),
    "required body added": (
        "required-body-added",
        put(f"{ONE}>delete", requestBody={"required": True, "content": {"application/json": {"schema": {}}}}),
    ),
    "body removed": ("body-removed", cut(f"{MAKE}>requestBody")),
    "body became required": ("body-became-required", put(f"{PING}>requestBody", required=True)),
    "body media type removed": (
        "request-media-type-removed",
        move(f"{MAKE}>requestBody>content>application/json", "application/x-www-form-urlencoded"),
    ),
    "request field required added": (
        "request-required-field-added",
        all_of(put(f"{WRITE}>properties", color={"type": "string"}), add(f"{WRITE}>required", "color")),
    ),
    "request field became required": ("request-field-became-required", add(f"{WRITE}>required", "size")),
    "request field removed": ("request-field-removed", cut(f"{WRITE}>properties>size")),
    "request field renamed": ("request-field-removed", move(f"{WRITE}>properties>size", "length")),
    "request field type changed": ("request-type-changed", put(f"{WRITE}>properties>size", type="string")),
    "request field type narrowed": ("request-type-narrowed", put(f"{WRITE}>properties>price", type="integer")),
    "request field null gone": ("request-null-gone", put(f"{WRITE}>properties>note", type="string")),
    "request field enum value removed": ("request-value-removed", set_to(f"{WRITE}>properties>kind>enum", ["a"])),
    "request field const": ("request-value-removed", set_to(f"{WRITE}>properties>kind", {"const": "a"})),
    "request field maximum lowered": ("request-maximum-tightened", put(f"{WRITE}>properties>price", maximum=10)),
    "request field minimum became exclusive": (
        "request-exclusive-minimum-tightened",
        set_to(f"{WRITE}>properties>price", {"type": "number", "exclusiveMinimum": 0, "maximum": 1000, "default": 1}),
    ),
    "request field default changed": ("request-default-changed", put(f"{WRITE}>properties>price", default=2)),
    "request field became read-only": (
        "request-field-became-read-only",
        put(f"{WRITE}>properties>size", readOnly=True),
    ),
    "request field of a nested schema required": (
        "request-field-became-required",
        add("components>schemas>Owner>required", "email"),
    ),
    "request field by allOf removed": (
        "request-field-removed",
        cut(f"{WRITE}>properties>both>allOf>1>properties>extra"),
    ),
    "request fields closed": ("request-closed", put(WRITE, additionalProperties=False)),
    "request map values changed": (
        "request-type-changed",
        put(f"{WRITE}>properties>map>additionalProperties", type="boolean"),
    ),
    "request alternative removed": ("request-alternative-removed", cut(f"{WRITE}>properties>either>oneOf>1")),
    "request condition added": ("request-condition-changed", put(WRITE, not_={"required": ["size", "price"]})),
    "success status removed": ("success-status-removed", move(f"{LIST}>responses>200", "202")),
    "response body removed": ("response-body-removed", cut(f"{ONE}>get>responses>200>content")),
    "response media type removed": ("response-media-type-removed", cut(f"{LIST}>responses>200>content>text/csv")),
    "response media type changed": (
        "response-media-type-removed",
        move(f"{MAKE}>responses>201>content>application/json", "application/xml"),
    ),
    "response header removed": ("response-header-removed", cut(f"{LIST}>responses>200>headers>X-Total")),
    "response header became optional": (
        "response-header-became-optional",
        put(f"{LIST}>responses>200>headers>X-Total", required=False),
    ),
    "response field removed": ("response-field-removed", cut(f"{READ}>properties>price")),
    "response field renamed": ("response-field-removed", move(f"{READ}>properties>price", "cost")),
    "response field became optional": ("response-field-became-optional", set_to(f"{READ}>required", ["id", "kind"])),
    "response field became nullable": (
        "response-became-nullable",
        put(f"{READ}>properties>name", type=["string", "null"]),
    ),
    "response field became write-only": (
        "response-field-became-write-only",
        put(f"{READ}>properties>price", writeOnly=True),
    ),
    "response field type changed": ("response-type-changed", put(f"{READ}>properties>name", type="integer")),
    "response field type widened": ("response-type-widened", put(f"{READ}>properties>id", type="number")),
    "response field without type": ("response-type-widened", cut(f"{READ}>properties>price>type")),
    "response field format removed": ("response-format-removed", cut(f"{READ}>properties>at>format")),
    "response field format changed": ("response-format-changed", put(f"{READ}>properties>at", format="date")),
    "response object became a list": (
        "response-type-changed",
        set_to(f"{ONE}>get>responses>200>{JSON}", {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}),
    ),
    "response alternative added": (
        "response-alternative-added",
        all_of(
            add("components>schemas>Pet>oneOf", {"$ref": "#/components/schemas/Bird"}),
            put("components>schemas>Pet>discriminator>mapping", bird="#/components/schemas/Bird"),
        ),
    ),
    "discriminator renamed": (
        "response-discriminator-changed",
        put("components>schemas>Pet>discriminator", propertyName="type"),
    ),
    "discriminator mapping changed": (
        "response-discriminator-mapping-changed",
        put("components>schemas>Pet>discriminator>mapping", cat="#/components/schemas/Dog"),
    ),
    "security added": ("security-added", cut(f"{PING}>security")),
    "security alternative removed": ("security-changed", cut(f"{ONE}>delete>security>0")),
    "security scope added": (
        "security-changed",
        all_of(set_to(f"{ONE}>delete>security", [{"token": ["write", "read"]}, {"key": []}])),
    ),
    "security both needed": ("security-changed", set_to("security", [{"key": [], "token": []}])),
    "security scheme swapped": ("security-changed", set_to("security", [{"token": ["read"]}])),
    "security scheme changed": (
        "security-scheme-changed",
        set_to("components>securitySchemes>key", {"type": "http", "scheme": "bearer"}),
    ),
    "security key renamed": ("security-scheme-changed", put("components>securitySchemes>key", name="X-Api-Key")),
    "token address changed": (
        "security-address-changed",
        put("components>securitySchemes>token>flows>clientCredentials", tokenUrl="https://x.example/t"),
    ),
    "server changed": ("server-removed", put("servers>0", url="https://other.example")),
}

ADDITIVE: dict[str, tuple[str, Edit]] = {
    "scope not needed any more": (
        "security-scope-removed",
        set_to(f"{ONE}>delete>security", [{"token": []}, {"key": []}]),
    ),
    "returned number became an integer": ("response-type-narrowed", put(f"{READ}>properties>price", type="integer")),
    "response format added": ("response-format-added", put(f"{READ}>properties>note", format="date-time")),
    "operation added": (
        "operation-added",
        put(ONE, patch={"operationId": "x", "responses": {"200": {"description": "x"}}}),
    ),
    "path added": (
        "operation-added",
        put("paths", **{"/new": {"get": {"operationId": "x", "responses": {"200": {"description": "x"}}}}}),
    ),
    "optional parameter added": ("parameter-added", add(GIVEN, EXTRA)),
    "parameter became optional": ("parameter-became-optional", put(f"{GIVEN}>6", required=False)),
    "parameter type widened": ("request-type-widened", put(f"{GIVEN}>0>schema", type="number")),
    "parameter became nullable": ("request-became-nullable", put(f"{GIVEN}>4>schema", type=["string", "null"])),
    "parameter maximum raised": ("request-maximum-loosened", put(f"{GIVEN}>0>schema", maximum=500)),
    "parameter maximum removed": ("request-maximum-loosened", cut(f"{GIVEN}>0>schema>maximum")),
    "parameter pattern removed": ("request-pattern-removed", cut(f"{GIVEN}>4>schema>pattern")),
    "parameter format removed": ("request-format-removed", cut(f"{GIVEN}>3>schema>format")),
    "parameter default added": ("request-default-added", put(f"{GIVEN}>4>schema", default="abc")),
    "parameter deprecated": ("parameter-deprecated", put(f"{GIVEN}>3", deprecated=True)),
    "optional body added": (
        "body-added",
        put(f"{ONE}>delete", requestBody={"content": {"application/json": {"schema": {"type": "object"}}}}),
    ),
    "body became optional": ("body-became-optional", put(f"{MAKE}>requestBody", required=False)),
    "body media type added": (
        "request-media-type-added",
        put(f"{MAKE}>requestBody>content", **{"application/xml": {"schema": {"type": "object"}}}),
    ),
    "request field added": ("request-field-added", put(f"{WRITE}>properties", color={"type": "string"})),
    "request field became optional": ("request-field-became-optional", set_to(f"{WRITE}>required", [])),
    "request field enum value added": ("request-value-added", add(f"{WRITE}>properties>kind>enum", "c")),
    "request field deprecated": ("request-deprecated", put(f"{WRITE}>properties>size", deprecated=True)),
    "request alternative added": (
        "request-alternative-added",
        add(f"{WRITE}>properties>either>oneOf", {"type": "boolean"}),
    ),
    "response field added": ("response-field-added", put(f"{READ}>properties", color={"type": "string"})),
    "required response field added": (
        "response-field-added",
        all_of(put(f"{READ}>properties", color={"type": "string"}), add(f"{READ}>required", "color")),
    ),
    "response field became required": ("response-field-became-required", add(f"{READ}>required", "price")),
    "response field null gone": ("response-null-gone", put(f"{READ}>properties>note", type="string")),
    "response enum value added": ("response-value-added", add(f"{READ}>properties>kind>enum", "c")),
    "response enum value removed": ("response-value-removed", set_to(f"{READ}>properties>kind>enum", ["a"])),
    "response type narrowed": ("response-type-narrowed", put(f"{READ}>properties>price", type="integer")),
    "response bound loosened": ("response-max-length-loosened", put(f"{READ}>properties>name", maxLength=80)),
    "response media type added": (
        "response-media-type-added",
        put(f"{MAKE}>responses>201>content", **{"text/csv": {"schema": {"type": "string"}}}),
    ),
    "response header added": (
        "response-header-added",
        put(f"{LIST}>responses>200>headers", **{"X-New": {"schema": {"type": "string"}}}),
    ),
    "success status added": ("success-status-added", put(f"{LIST}>responses", **{"202": {"description": "Later."}})),
    "error status added": ("error-status-added", put(f"{LIST}>responses", **{"409": {"description": "No."}})),
    "error status removed": ("error-status-removed", cut(f"{LIST}>responses>404")),
    "response alternative removed": (
        "response-alternative-removed",
        all_of(cut("components>schemas>Pet>oneOf>1"), cut("components>schemas>Pet>discriminator>mapping>dog")),
    ),
    "operation deprecated": ("operation-deprecated", put(f"{ONE}>delete", deprecated=True)),
    "operation sunset": ("operation-sunset", put(f"{ONE}>delete", **{"x-sunset": "2027-01-01"})),
    "operationId renamed": ("operation-id-changed", put(f"{ONE}>delete", operationId="removeThing")),
    "security removed": ("security-removed", set_to(f"{ONE}>delete>security", [])),
    "security alternative added": (
        "security-alternative-added",
        set_to("security", [{"key": []}, {"token": ["read"]}]),
    ),
    "flow added": (
        "security-flow-added",
        put("components>securitySchemes>token>flows", password={"tokenUrl": "https://x.example/t", "scopes": {}}),
    ),
    "server added": ("server-added", add("servers", {"url": "https://eu.shop.example"})),
}

NOTHING: dict[str, Edit] = {
    "operation in another group": put(LIST, tags=["ping"]),
    "returned integer is longer": put(f"{READ}>properties>id", format="int64"),
    "returned object closed": put(READ, additionalProperties=False),
    "returned list bounded": put(f"{READ}>properties>tags", maxItems=3),
    "server by a variable": set_to(
        "servers", [{"url": "https://{a}.shop.example", "variables": {"a": {"default": "api"}}}]
    ),
    "encoding of nothing": put(f"{MAKE}>requestBody>content>application/json", encoding={}),
    "choice by anyOf": set_to(f"{WRITE}>properties>either", {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
    "description": put(f"{ONE}>get", description="Another text."),
    "summary": put(LIST, summary="All things."),
    "field description": put(f"{READ}>properties>name", description="Its name."),
    "tag description": put("tags>0", description="All things."),
    "version of the document": put("info", version="2"),
    "example": put(f"{READ}>properties>name", example="x"),
    "order of fields": lambda document: at(document, READ).update(
        properties=dict(reversed(at(document, f"{READ}>properties").items()))
    ),
    "order of required": lambda document: at(document, f"{READ}>required").reverse(),
    "order of enum values": lambda document: at(document, f"{READ}>properties>kind>enum").reverse(),
    "path variable renamed": all_of(move(ONE, "/things/{key}"), put("paths>/things/{key}>parameters>0", name="key")),
    "response bound tightened": put(f"{READ}>properties>name", maxLength=20),
    "response field read-only": put(f"{READ}>properties>price", readOnly=True),
    "response default": put(f"{READ}>properties>price", default=3),
    "unused schema": put("components>schemas", Unused={"type": "object"}),
    "security scheme renamed": all_of(
        move("components>securitySchemes>key", "apiKey"),
        set_to("security", [{"apiKey": []}]),
        set_to(f"{ONE}>delete>security", [{"token": ["write"]}, {"apiKey": []}]),
    ),
    "schema renamed": all_of(
        move("components>schemas>State", "Condition"),
        put(f"{GIVEN}>1>schema", **{"$ref": "#/components/schemas/Condition"}),
    ),
    "schema written in place": set_to(f"{GIVEN}>1>schema", {"type": "string", "enum": ["open", "closed"]}),
    "parameter by reference": all_of(
        put(
            "components",
            parameters={"Since": {"name": "since", "in": "query", "schema": {"type": "string", "format": "date"}}},
        ),
        set_to(f"{GIVEN}>3", {"$ref": "#/components/parameters/Since"}),
    ),
    "media type with a charset": move(
        f"{MAKE}>responses>201>content>application/json", "application/json; charset=utf-8"
    ),
    "header of the protocol": add(
        GIVEN, {"name": "Accept", "in": "header", "required": True, "schema": {"type": "string"}}
    ),
    "style spelt out": put(f"{GIVEN}>2", style="form", explode=True),
}


@pytest.mark.parametrize("change", BREAKING)
def test_breaking(change: str) -> None:
    """What breaks a caller is told as breaking, as what it is."""
    kind, edit = BREAKING[change]
    lines = drifted(MODERN, edit)
    assert kind in {line.kind for line in lines if line.impact is Impact.BREAKING}


@pytest.mark.parametrize("change", ADDITIVE)
def test_additive(change: str) -> None:
    """What only adds is told as additive, as what it is, and nothing else is."""
    kind, edit = ADDITIVE[change]
    lines = drifted(MODERN, edit)
    assert {line.kind for line in lines} == {kind}
    assert worst(lines) is Impact.ADDITIVE


@pytest.mark.parametrize("change", NOTHING)
def test_nothing(change: str) -> None:
    """What changes nothing for any caller is not told."""
    assert drifted(MODERN, NOTHING[change]) == ()


@pytest.mark.parametrize("change", [name for name in BREAKING if name.startswith("request field")])
def test_direction(change: str) -> None:
    """An edit of what is sent does not touch what is returned."""
    assert not [
        line for line in drifted(MODERN, BREAKING[change][1]) if "returned" in line.place and "Owner" not in line.place
    ]


OTHERS: dict[str, tuple[str, Edit, str, Impact]] = {
    "3.0 response became nullable": (
        OLDER,
        put("components>schemas>Thing>properties>name", nullable=True),
        "response-became-nullable",
        Impact.BREAKING,
    ),
    "3.0 response null gone": (
        OLDER,
        cut("components>schemas>Thing>properties>maybe>nullable"),
        "response-null-gone",
        Impact.ADDITIVE,
    ),
    "3.0 reference null gone": (
        OLDER,
        cut("components>schemas>Thing>properties>owner>nullable"),
        "response-null-gone",
        Impact.ADDITIVE,
    ),
    "3.0 request null gone": (OLDER, put(f"{GIVEN}>1>schema", nullable=False), "request-null-gone", Impact.BREAKING),
    "3.0 exclusive bound loosened": (
        OLDER,
        put(f"{GIVEN}>0>schema", minimum=-5),
        "request-exclusive-minimum-loosened",
        Impact.ADDITIVE,
    ),
    "3.0 nested field removed": (
        OLDER,
        cut("components>schemas>Owner>properties>id"),
        "response-field-removed",
        Impact.BREAKING,
    ),
    "2.0 parameter removed": (SWAGGER, cut(f"{GIVEN}>0"), "parameter-removed", Impact.BREAKING),
    "2.0 maximum lowered": (SWAGGER, put(f"{GIVEN}>0", maximum=10), "request-maximum-tightened", Impact.BREAKING),
    "2.0 collection format": (
        SWAGGER,
        put(f"{GIVEN}>1", collectionFormat="multi"),
        "parameter-style-changed",
        Impact.BREAKING,
    ),
    "2.0 body field required": (
        SWAGGER,
        add("definitions>ThingWrite>required", "size"),
        "request-field-became-required",
        Impact.BREAKING,
    ),
    "2.0 body field added": (
        SWAGGER,
        put("definitions>ThingWrite>properties", color={"type": "string"}),
        "request-field-added",
        Impact.ADDITIVE,
    ),
    "2.0 response value added": (
        SWAGGER,
        add("definitions>Thing>properties>state>enum", "lost"),
        "response-value-added",
        Impact.ADDITIVE,
    ),
    "2.0 consumes changed": (
        SWAGGER,
        set_to("consumes", ["application/xml"]),
        "request-media-type-removed",
        Impact.BREAKING,
    ),
    "2.0 produces changed": (SWAGGER, set_to("produces", ["text/csv"]), "response-media-type-removed", Impact.BREAKING),
    "2.0 key renamed": (SWAGGER, put("securityDefinitions>key", name="K"), "security-scheme-changed", Impact.BREAKING),
    "2.0 host changed": (SWAGGER, set_to("host", "x.example"), "server-removed", Impact.BREAKING),
    "2.0 operation removed": (SWAGGER, cut(MAKE), "operation-removed", Impact.BREAKING),
}


@pytest.mark.parametrize("change", OTHERS)
def test_other_versions(change: str) -> None:
    """OpenAPI 3.0 and Swagger 2.0 documents are judged as those of 3.1 are."""
    document, edit, kind, impact = OTHERS[change]
    lines = drifted(document, edit)
    assert worst(lines) is impact
    assert kind in {line.kind for line in lines if line.impact is impact}


def test_conversion_is_no_change() -> None:
    """A vendor that moves from 3.0 to 3.1 and says the same changes nothing."""

    def to_31(document: dict[str, object]) -> None:
        document["openapi"] = "3.1.0"
        put(f"{GIVEN}>0", schema={"type": "integer", "exclusiveMinimum": 0})(document)
        put(f"{GIVEN}>1", schema={"type": ["string", "null"]})(document)
        fields = "components>schemas>Thing>properties"
        put(fields, maybe={"type": ["null", "string"]})(document)
        put(fields, owner={"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Owner"}]})(document)

    assert drifted(OLDER, to_31) == ()


WITH_HOOK = MODERN.replace(
    "components:\n",
    """webhooks:
  made:
    post:
      operationId: thingMade
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
      responses: {"200": {description: ok}}
components:
""",
)


HOOKS: list[tuple[Edit, str, Impact]] = [
    (cut("webhooks>made"), "webhook-removed", Impact.BREAKING),
    (
        lambda document: at(document, "webhooks").update(gone=at(document, "webhooks>made")),
        "webhook-added",
        Impact.ADDITIVE,
    ),
    (cut(f"{READ}>properties>price"), "response-field-removed", Impact.BREAKING),
    (add(f"{READ}>required", "price"), "response-field-became-required", Impact.ADDITIVE),
]


@pytest.mark.parametrize(("edit", "kind", "impact"), HOOKS)
def test_webhooks(edit: Edit, kind: str, impact: Impact) -> None:
    """What a webhook carries is read, not sent: a field that goes breaks its receiver."""
    lines = drifted(WITH_HOOK, edit)
    assert {(line.kind, line.impact) for line in lines} == {(kind, impact)}


def test_users_of_a_schema() -> None:
    """A change of a schema is told once, with the operations that it reaches."""
    lines = drifted(MODERN, cut(f"{READ}>properties>price"))
    assert len(lines) == 1
    assert lines[0].operations == ("GET /things", "GET /things/{id}", "POST /things")


def test_strict() -> None:
    """A new value in a response breaks strict clients only, which is told on request."""
    edit = ADDITIVE["response enum value added"][1]
    assert worst(drifted(MODERN, edit)) is Impact.ADDITIVE
    assert worst(drifted(MODERN, edit, strict=True)) is Impact.BREAKING
