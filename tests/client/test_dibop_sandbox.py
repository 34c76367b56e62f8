"""The client for DIBOP against the sandbox, in process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accordant import Attempt
from accordant.dibop import AsyncDibop, Dibop, parse_alert
from accordant.errors import ForbiddenError, UnauthorizedError, UnprocessableEntityError
from accordant.testing import FakeClock
from accordant_runtime import dumps
from accordant_sandbox import Sandbox
from examples import dibop as example
from tests.client.support import Player
from tests.sandbox.dibop_caller import FAILING, INVENTORY_SYNC, SECRET, VIN, VIN_DECODE, WEBHOOK


class SharedClock(FakeClock):
    """The client's clock; its waits are the sandbox's time too."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox.clock.now().timestamp())
        self._sandbox = sandbox

    def advance(self, seconds: float) -> None:
        super().advance(seconds)
        self._sandbox.clock.advance(seconds=seconds)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("dibop") as made:
        yield made
        assert made.defects == []


def client(play: Player, sandbox: Sandbox, principal: str = "default", **settings: Any) -> Any:
    kind: Any = Dibop if play.kind == "sync" else AsyncDibop
    settings.setdefault("clock", SharedClock(sandbox))
    return play.own(kind(**sandbox.credentials_for(principal), deviations="strict", **settings))


def test_execute_and_wait(play: Player, sandbox: Sandbox) -> None:
    """An orchestration is run to its end, and its outcome comes back typed."""
    api = client(play, sandbox)
    done = play.do(lambda: api.orchestrations.execute_and_wait(VIN_DECODE, parameters={"vin": VIN}))
    assert (done.status, done.steps_completed, done.triggered_by) == ("success", 2, "api")
    failed = play.do(lambda: api.orchestrations.execute_and_wait(VIN_DECODE, parameters={"vin": FAILING}))
    assert failed.status == "failed"
    partial = play.do(lambda: api.orchestrations.execute_and_wait(INVENTORY_SYNC, parameters={"vin": FAILING}))
    assert partial.status == "partial"


def test_limits_are_kept(play: Player, sandbox: Sandbox) -> None:
    """400 requests in a row are all answered: the client waits before the vendor has to refuse any."""
    seen: list[Attempt] = []
    api = client(play, sandbox, "api_key", on_attempt=seen.append)
    for _ in range(400):
        play.do(lambda: api.systems.ping("dms"))
    assert {attempt.status for attempt in seen} == {200}


def test_limits_that_others_use_up(play: Player, sandbox: Sandbox) -> None:
    """What others have used of the enterprise's quota is seen from the answers, and waited for."""
    others = client(play, sandbox, "api_key", rate_limits=None)
    seen: list[Attempt] = []
    api = client(play, sandbox, "api_key", on_attempt=seen.append)
    for _ in range(299):
        play.do(lambda: others.systems.ping("dms"))
    for _ in range(3):
        play.do(lambda: api.systems.ping("dms"))
    assert [attempt.status for attempt in seen] == [200, 200, 200]


def logins(sandbox: Sandbox) -> int:
    return len([entry for entry in sandbox.journal if entry.operation == "login"])


def test_token_life(play: Player, sandbox: Sandbox) -> None:
    """A session outlives its tokens: the client logs in again for each, and a spent one is refused."""
    clock = SharedClock(sandbox)
    api = client(play, sandbox, clock=clock)
    play.do(lambda: api.systems.ping("dms"))
    credentials = sandbox.credentials_for("default")
    user = {"email": credentials["email"], "password": credentials["password"]}
    spent = play.do(lambda: api.auth.login(**user)).access_token
    before = logins(sandbox)
    for _ in range(4):
        clock.advance(86_400)
        play.do(lambda: api.systems.ping("dms"))
    assert logins(sandbox) == before + 4
    kind: Any = Dibop if play.kind == "sync" else AsyncDibop
    address = {name: credentials[name] for name in ("base_url", "transport")}
    late = play.own(kind(token=spent, clock=clock, **address))
    with pytest.raises(UnauthorizedError):
        play.do(lambda: late.systems.ping("dms"))


def test_webhook(play: Player, sandbox: Sandbox) -> None:
    """A webhook starts its orchestration; a wrong secret is refused."""
    api = client(play, sandbox)
    accepted = play.do(lambda: api.webhooks.send(WEBHOOK, secret=SECRET, event="vehicle_updated", vin=VIN))
    done = play.do(lambda: api.executions.wait(accepted.execution_id))
    assert (done.triggered_by, done.parameters["vin"]) == ("event", VIN)
    with pytest.raises(UnauthorizedError):
        play.do(lambda: api.webhooks.send(WEBHOOK, secret="wrong", event="vehicle_updated"))


def test_alerts(play: Player, sandbox: Sandbox) -> None:
    """The alert that the vendor posts is read by parse_alert."""
    api = client(play, sandbox)
    hook = {"webhook": {"url": "http://127.0.0.1:9/alerts"}}
    rule = {"name": "Fails", "type_": "execution_failure", "condition": {}, "notification": hook}
    play.do(lambda: api.alert_rules.create(**rule))
    play.do(lambda: api.orchestrations.execute_and_wait(VIN_DECODE, parameters={"vin": FAILING}))
    bodies = [each.body for each in sandbox.outbox.deliveries if each.body.get("alert_rule") == "Fails"]
    assert bodies
    assert parse_alert(dumps(bodies[0])).alert_rule == "Fails"


def test_errors(play: Player, sandbox: Sandbox) -> None:
    """A refusal carries the vendor's code, and a failed validation its fields."""
    api = client(play, sandbox)
    with pytest.raises(UnprocessableEntityError) as caught:
        play.do(lambda: api.orchestrations.execute(VIN_DECODE))
    assert caught.value.code == "VALIDATION_ERROR"
    assert [item["field"] for item in caught.value.details] == ["parameters.vin"]
    viewer = client(play, sandbox, "viewer")
    with pytest.raises(ForbiddenError) as refused:
        play.do(lambda: viewer.orchestrations.delete(VIN_DECODE))
    assert refused.value.code == "FORBIDDEN"


def test_example(sandbox: Sandbox) -> None:
    """The example plays to its end."""
    with Dibop(**sandbox.credentials, clock=SharedClock(sandbox), deviations="strict") as api:
        lines = list(example.session(api))
    assert len(lines) == 7
    assert lines[-1].endswith("success")
