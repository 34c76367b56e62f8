"""A working day with DIBOP: a vehicle is decoded, recorded and watched, and another system reports news of it.

Run it against your instance or a local sandbox: ``python -m examples.dibop`` reads the DIBOP_* variables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from accordant.dibop import Dibop, parse_alert
from accordant.errors import AccordantError, ConflictError, NotFoundError

VIN = "2FTFW1ET5DFC10399"


def session(api: Dibop) -> Iterator[str]:
    """Play the day; yields one line for each step that worked."""
    systems = api.systems.list(type="general")
    ping = api.systems.ping("nhtsa-vpic")
    yield f"{systems.total} general systems in the catalogue; {ping.system} is {ping.status}"

    orchestration = api.orchestrations.create(
        name="Demo: decode a VIN",
        status="active",
        parameters=[{"name": "vin", "type": "string", "required": True}],
        steps=[
            {
                "name": "decode_vin",
                "type": "api_call",
                "connection": "nhtsa-vpic",
                "operation": "Decode VIN",
                "parameters": {"vin": "${parameters.vin}"},
            },
            {
                "name": "pick",
                "type": "transform",
                "transform_type": "map",
                "input": ["${decode_vin.response}"],
                "mapping": {"vin": "${decode_vin.response.vin}", "make": "${decode_vin.response.make}"},
            },
        ],
    )
    yield f"orchestration {orchestration.name!r} is {orchestration.status}"

    done = api.orchestrations.execute_and_wait(orchestration.id, parameters={"vin": VIN}, deadline=60)
    trace = api.executions.trace(done.execution_id)
    yield f"execution: {done.status}, {done.steps_completed} of {done.steps_total} steps: " + ", ".join(
        step.name for step in trace.steps
    )

    record = api.canonical.create("vehicle", data={"vin": VIN, "make": "Ford", "mileage_km": 58_000})
    try:
        api.canonical.create("vehicle", data={"vin": VIN})
    except ConflictError as error:
        yield f"vehicle {record.id} recorded once; a second time is {error.code}"

    rule = api.alert_rules.create(
        name="Demo: executions fail",
        type_="execution_failure",
        condition={},
        notification={"webhook": {"url": "https://alerts.example.com/dibop"}},
    )
    alert = parse_alert(f'{{"alert_rule": "{rule.name}", "severity": "warning", "threshold": 1}}')
    yield f"rule {alert.alert_rule!r} is on; an alert of it is a {alert.severity}"

    try:
        api.webhooks.send("no-such-webhook", secret="invented", event="vehicle_updated", vin=VIN)
    except NotFoundError as error:
        yield f"a webhook that was never set up: {error.code}"

    api.alert_rules.delete(rule.id)
    api.orchestrations.delete(orchestration.id)
    yield f"cleaned up; the execution can still be read: {api.executions.get(done.execution_id).status}"


def main() -> None:
    """Play the session with the credentials of the environment."""
    try:
        with Dibop.from_env() as api:
            for line in session(api):
                print(line)
    except AccordantError as error:
        sys.exit(f"dibop: {error}")


if __name__ == "__main__":
    main()
