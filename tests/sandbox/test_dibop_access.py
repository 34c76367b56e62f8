"""Who may do what in DIBOP, how it refuses, and how often it may be called."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest

from accordant_sandbox import Sandbox, SandboxError
from tests.sandbox.dibop_caller import ADMIN, INVENTORY_SYNC, SECRET, VIEWER, VIN, VIN_DECODE, WEBHOOK, Api

PASSWORD = "northgate-admin"


def test_login(dibop: Sandbox) -> None:
    """E-mail and password get a JWT with HS256, `bearer` in lower case, and its life in seconds."""
    got = Api(dibop, None).log_in(ADMIN, PASSWORD)
    assert got.status == 200
    assert (got.body["token_type"], got.body["expires_in"]) == ("bearer", 3600)
    parts = got.body["access_token"].split(".")
    head, claims = (orjson.loads(base64.urlsafe_b64decode(part + "==")) for part in parts[:2])
    assert head["alg"] == "HS256"
    assert (claims["email"], claims["role"]) == (ADMIN, "enterprise_admin")
    assert claims["exp"] - claims["iat"] == 3600


def test_token_life(dibop: Sandbox, dibop_api: Api) -> None:
    """A JWT works until `expires_in` is over; then 401, and a new login helps."""
    dibop.clock.advance(seconds=3599)
    assert dibop_api.get("/systems").status == 200
    dibop.clock.advance(seconds=1)
    got = dibop_api.get("/systems")
    assert (got.status, got.code) == (401, "UNAUTHORIZED")
    assert Api(dibop).get("/systems").status == 200


def test_token_life_can_be_set() -> None:
    """The session may last up to 4 hours: the setting `token_lifetime` is what `expires_in` says."""
    with Sandbox("dibop", settings={"token_lifetime": 14400}) as sandbox:
        api = Api(sandbox)
        sandbox.clock.advance(seconds=14399)
        assert api.get("/systems").status == 200
        sandbox.clock.advance(seconds=1)
        assert api.get("/systems").status == 401


def test_api_key_is_a_bearer_token_without_end(dibop: Sandbox) -> None:
    """An API key travels in the same header, never expires, and has an administrator's rights."""
    api = Api(dibop, "api_key")
    dibop.clock.advance(days=400)
    assert api.post("/orchestrations", {"name": "By key"}).status == 201


def test_api_keys_are_made_and_removed(dibop: Sandbox) -> None:
    """A new API key opens the door until it is removed; a viewer makes none."""
    api = Api(dibop, None)
    api.token = dibop.act.create_api_key(email=ADMIN)
    assert api.get("/systems").status == 200
    dibop.act.revoke_api_key(key=api.token)
    assert api.get("/systems").status == 401
    with pytest.raises(SandboxError, match="administrator"):
        dibop.act.create_api_key(email=VIEWER)


@pytest.mark.parametrize(
    ("email", "password"),
    [(ADMIN, "wrong"), ("nobody@example.com", PASSWORD), ("sso@northgate.example.com", "anything")],
)
def test_login_refused(dibop: Sandbox, email: str, password: str) -> None:
    """A wrong password, an unknown user and one who signs in by SSO get 401."""
    got = Api(dibop, None).log_in(email, password)
    assert (got.status, got.code) == (401, "UNAUTHORIZED")


def test_deactivated_user(dibop: Sandbox, dibop_api: Api) -> None:
    """A deactivated user neither logs in nor goes on with the token that it has."""
    dibop.act.deactivate_user(email=ADMIN)
    assert dibop_api.log_in(ADMIN, PASSWORD).status == 401
    assert dibop_api.get("/systems").status == 401
    dibop.act.activate_user(email=ADMIN)
    assert dibop_api.get("/systems").status == 200


@pytest.mark.parametrize("body", [{}, {"email": ADMIN}, {"email": "no address", "password": "x"}])
def test_login_body(dibop: Sandbox, body: dict[str, str]) -> None:
    """A login without a field, or with an address that is none, is 422."""
    got = Api(dibop, None).post("/auth/login", body)
    assert (got.status, got.code) == (422, "VALIDATION_ERROR")


def test_no_credential_and_junk(dibop: Sandbox) -> None:
    """Every operation but login needs a credential; another scheme and a token that nobody issued are 401."""
    api = Api(dibop, None)
    for header in (None, "Bearer nothing", "Basic eDp5"):
        got = api.call("GET", "/systems", headers={"Authorization": header} if header else {})
        assert (got.status, got.code) == (401, "UNAUTHORIZED")


WRITES: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/orchestrations", {"name": "New"}),
    ("PUT", f"/orchestrations/{VIN_DECODE}", {"name": "New"}),
    ("DELETE", f"/orchestrations/{INVENTORY_SYNC}", None),
    ("POST", f"/orchestrations/{VIN_DECODE}/execute", {"parameters": {"vin": VIN}}),
    ("POST", "/systems/dms/ping", None),
    ("POST", "/canonical/part", {"data": {"part_number": "P-1"}}),
    ("POST", "/alert-rules", {"name": "x", "type": "system_down", "condition": {}, "notification": {}}),
    ("PUT", "/alert-rules/x", {"name": "x", "type": "system_down", "condition": {}, "notification": {}}),
    ("DELETE", "/alert-rules/x", None),
)
READS = (
    "/orchestrations",
    f"/orchestrations/{VIN_DECODE}",
    f"/orchestrations/{VIN_DECODE}/executions",
    "/systems",
    "/systems/dms/apis",
    "/api-calls",
    "/api-calls/systems",
    "/canonical",
    "/canonical/vehicle",
    "/observability/sla",
    "/observability/metrics",
    "/alert-rules",
)


def test_viewer_reads_only(dibop: Sandbox) -> None:
    """A Viewer reads everything and changes nothing: 403."""
    api = Api(dibop, "viewer")
    for method, target, body in WRITES:
        got = api.call(method, target, body)
        assert (got.status, got.code) == (403, "FORBIDDEN"), target
    assert {api.get(target).status for target in READS} == {200}


def test_platform_admin_sees_no_payloads(dibop: Sandbox) -> None:
    """A Platform Admin runs nothing for an enterprise and sees neither its executions nor its records: 403."""
    api = Api(dibop, "platform_admin")
    execution = dibop.state.executions.all()[0]["execution_id"]
    record = dibop.state.canonical_records.all()[0]["id"]
    closed = (
        f"/orchestrations/{VIN_DECODE}/executions",
        f"/executions/{execution}",
        f"/executions/{execution}/trace",
        "/canonical/vehicle",
        f"/canonical/vehicle/{record}",
    )
    assert {api.get(target).status for target in closed} == {403}
    assert api.post(f"/orchestrations/{VIN_DECODE}/execute", {"parameters": {"vin": VIN}}).status == 403
    assert api.post("/canonical/part", {"data": {"part_number": "P-1"}}).status == 403
    assert api.get("/systems").status == 200


def test_role_holds_at_once(dibop: Sandbox, dibop_api: Api) -> None:
    """A changed role holds from the next request on, without a new login."""
    assert dibop_api.post("/orchestrations", {"name": "As admin"}).status == 201
    dibop.act.set_role(email=ADMIN, role="viewer")
    assert dibop_api.post("/orchestrations", {"name": "As viewer"}).status == 403
    with pytest.raises(SandboxError, match="did you mean 'viewer'"):
        dibop.act.set_role(email=ADMIN, role="viewers")


def test_another_enterprise_is_not_there(dibop: Sandbox, dibop_api: Api) -> None:
    """Records of another enterprise are 404, never 403, and are in no list."""
    other = Api(dibop, "other_enterprise")
    execution = dibop.state.executions.all()[0]["execution_id"]
    record = dibop.state.canonical_records.all(domain="vehicle")[0]["id"]
    for target in (
        f"/orchestrations/{VIN_DECODE}",
        f"/orchestrations/{VIN_DECODE}/executions",
        f"/executions/{execution}",
        f"/executions/{execution}/trace",
        f"/canonical/vehicle/{record}",
    ):
        got = other.get(target)
        assert (got.status, got.code) == (404, "NOT_FOUND"), target
    assert [row["name"] for row in other.rows("/orchestrations")] == ["Southbank VIN decode"]
    assert other.rows("/alert-rules") == other.rows("/api-calls") == other.rows("/canonical/vehicle") == []
    assert "Southbank VIN decode" not in [row["name"] for row in dibop_api.rows("/orchestrations")]


def test_error_envelope(dibop_api: Api) -> None:
    """A failure has code, message, details and the request's id, which `X-Request-Id` carries as well."""
    got = dibop_api.get("/orchestrations/unknown")
    error = got.body["error"]
    assert sorted(error) == ["code", "details", "message", "request_id"]
    assert error["request_id"] == got.headers["x-request-id"]
    assert (got.status, error["code"], error["details"]) == (404, "NOT_FOUND", None)


def test_broken_and_invalid_bodies(dibop_api: Api) -> None:
    """Text that is no JSON is 400, a body that breaks its schema 422 with the field's name."""
    broken = dibop_api.call("POST", "/orchestrations", raw=b"{")
    assert (broken.status, broken.code) == (400, "BAD_REQUEST")
    invalid = dibop_api.post("/orchestrations", {"name": "x", "status": "asleep"})
    assert (invalid.status, invalid.code, invalid.fields) == (422, "VALIDATION_ERROR", {"status"})
    assert dibop_api.call("POST", "/orchestrations", raw=b"a=b", headers={"Content-Type": "text/csv"}).status == 400


def test_wrong_method(dibop_api: Api) -> None:
    """A method that a path does not have is 405 and names those that it has."""
    got = dibop_api.call("PATCH", "/orchestrations")
    assert (got.status, got.headers["allow"]) == (405, "GET, POST")


def test_requests_per_minute(dibop: Sandbox, dibop_api: Api) -> None:
    """300 requests a minute and enterprise; then 429 with the headers of the limit until the minute is over."""
    used = [dibop_api.get("/systems?page_size=1") for _ in range(300)]
    assert {got.status for got in used} == {200}
    assert [got.headers["x-ratelimit-remaining"] for got in used[:2]] == ["299", "298"]
    refused = Api(dibop, "api_key").get("/systems")
    reset = dibop.clock.epoch() // 60 * 60 + 60
    assert (refused.status, refused.code) == (429, "RATE_LIMIT")
    assert {name: refused.headers[name] for name in ("x-ratelimit-limit", "x-ratelimit-remaining")} == {
        "x-ratelimit-limit": "300",
        "x-ratelimit-remaining": "0",
    }
    assert int(refused.headers["x-ratelimit-reset"]) == reset
    assert int(refused.headers["retry-after"]) == reset - dibop.clock.epoch()
    assert Api(dibop, "other_enterprise").get("/systems").status == 200
    dibop.clock.advance(seconds=int(refused.headers["retry-after"]))
    assert dibop_api.get("/systems").status == 200


def test_executions_per_minute(dibop: Sandbox, dibop_api: Api) -> None:
    """60 executions a minute and enterprise, those of webhooks among them; the 429 then says limit 60."""
    target = f"/orchestrations/{VIN_DECODE}/execute"
    started = [dibop_api.post(target, {"parameters": {"vin": VIN}}) for _ in range(59)]
    assert {got.status for got in started} == {202}
    assert started[0].headers["x-ratelimit-limit"] == "300"
    event = {"event": "vehicle_updated", "vin": VIN}
    webhook = {"X-Webhook-Secret": SECRET}
    assert Api(dibop, None).call("POST", f"/webhooks/{WEBHOOK}", event, webhook).status == 202
    refused = dibop_api.post(target, {"parameters": {"vin": VIN}})
    assert (refused.status, refused.headers["x-ratelimit-limit"]) == (429, "60")
    assert dibop_api.get("/systems").status == 200


def test_limits_can_be_set() -> None:
    """The setting `limits` replaces the published numbers."""
    with Sandbox("dibop", settings={"limits": {"requests": "2/min", "executions": "1/min"}}) as sandbox:
        api = Api(sandbox, "api_key")
        assert [api.get("/systems").status for _ in range(3)] == [200, 200, 429]


def test_numbers_keep_to_their_format(dibop_api: Api) -> None:
    """A number beyond the 32 bits that the document gives it is refused: 400 in a query, 422 in a body."""
    assert dibop_api.get(f"/systems?page={2**31 - 1}").status == 200
    assert dibop_api.get(f"/systems?page={2**31}").status == 400
    handling = {"error_handling": {"retry_delay_ms": 2**31}}
    assert dibop_api.post("/orchestrations", {"name": "Late", **handling}).status == 422
