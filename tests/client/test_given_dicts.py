"""Dicts in place of models, over all vendors: what type checkers say, and what a call refuses."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import pytest

from accordant import dibop, dime_scheduler, dispatch, espace
from accordant.dibop import Dibop
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.dispatch.models import Location, LocationParam
from accordant.errors import RequestError
from accordant.testing import Script
from accordant_runtime import Lazy, Operation, RequestModel, build_request
from tests.client import wrong_dicts
from tests.client.vendors import vendors
from tests.codegen.type_checks import own_cache

ROOT = Path(__file__).resolve().parents[2]
SIGN_IN: dict[str, Any] = {
    "client_id": "public",
    "client_secret": "invented",
    "username": "ann",
    "password": "invented",
}
JOB: dict[str, Any] = {"title": "Leak", "customer_id": 1, "organization_id": 1, "status": "unscheduled"}
MISSPELT = cast("LocationParam", {"stret_1": "1 Main St", "city": "Boston"})
SAID = "createJob: the body cannot be sent: $.address: Location has no key 'stret_1': did you mean 'street_1'?"


def test_mypy_sees_a_wrong_dict(tmp_path: Path) -> None:
    """mypy --strict reports a misspelt key, a wrong value, a missing key and a plain dict, and accepts what is right; a
    single step among many kinds is checked as well. What pyright says of the same is asked in ``test_hover``."""
    program = tmp_path / "program.py"
    program.write_text(wrong_dicts.PROGRAM)
    paths = [str(ROOT / name) for name in ("runtime", "generated", "overlays")]
    (tmp_path / "mypy.ini").write_text(
        f"[mypy]\nstrict = True\nmypy_path = {':'.join(paths)}\nexplicit_package_bases = True\n"
        f"namespace_packages = True\ncache_dir = {own_cache(tmp_path)}\nwarn_unreachable = True\n"
    )
    command = [sys.executable, "-m", "mypy", "--config-file", str(tmp_path / "mypy.ini"), str(program)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    errors = [line for line in done.stdout.splitlines() if "error:" in line]
    found = {int(line.split("program.py:")[1].split(":")[0]) for line in errors}
    assert found == wrong_dicts.WRONG, done.stdout + done.stderr


def test_nothing_is_sent_by_either_client_or_by_raw_access() -> None:
    """The error comes before the token is asked for: blocking, awaited, and for the response as it came."""
    script = Script(repeat=True)
    with Dispatch(**SIGN_IN, transport=script) as client:
        api: Any = client
        with pytest.raises(RequestError) as direct:
            api.jobs.create(**JOB, address=MISSPELT)
        with pytest.raises(RequestError) as raw:
            api.raw(api.jobs.create, **JOB, address=MISSPELT)
    assert all(str(caught.value).startswith(SAID) for caught in (direct, raw))

    async def awaited() -> None:
        async with AsyncDispatch(**SIGN_IN, transport=script) as client:
            api: Any = client
            with pytest.raises(RequestError) as direct:
                await api.jobs.create(**JOB, address=MISSPELT)
            with pytest.raises(RequestError) as raw:
                await api.raw(api.jobs.create, **JOB, address=MISSPELT)
        assert all(str(caught.value).startswith(SAID) for caught in (direct, raw))

    asyncio.run(awaited())
    assert script.requests == []


def test_a_misspelt_keyword_is_pythons_own_error() -> None:
    """A keyword that a method does not have is a TypeError that names it, as with any function."""
    with Dispatch(**SIGN_IN, transport=Script()) as api, pytest.raises(TypeError, match="argument 'titel'"):
        cast("Any", api.jobs.create)(titel="Leak")


def test_another_key_reaches_the_vendor() -> None:
    """A key that the document does not know is sent: documents are behind their vendors."""
    script = Script((200, {"access_token": "t", "token_type": "bearer", "expires_in": 60}), (201, {"job": {"id": 1}}))
    address = cast("LocationParam", {"street_1": "1 Main St", "city": "Boston", "entrance": "B"})
    with Dispatch(**SIGN_IN, transport=script) as api:
        api.jobs.create(**JOB, address=address)
        assert script.requests[-1].json["address"] == address


def taking() -> Iterator[tuple[str, Operation[Any], str, type[RequestModel]]]:
    """Every argument of every operation that consists of one model: the vendor, the operation, the argument."""
    for vendor in vendors():
        operations = import_module(f"accordant_generated.{vendor}.operations").OPERATIONS
        for operation in operations.values():
            takes: Any = operation.body and operation.body.takes
            if isinstance(takes, Lazy):
                yield vendor, operation, operation.body.argument, target(takes)


def target(takes: Any) -> type[RequestModel]:
    """The model behind a lazy decoder."""
    model: type[RequestModel] = takes.target
    return model


CASES = list(taking())


def test_every_whole_body_of_every_vendor_is_checked() -> None:
    """Every operation that takes one record or a list of them refuses a key that has lost its last letter."""
    tried = 0
    for vendor, operation, argument, model in CASES:
        wires = [wire for wire, _ in model.WIRE.values()]
        short = next((wire[:-1] for wire in wires if len(wire) > 4 and wire[:-1] not in wires), None)
        if short is None:  # an object without fields takes any key
            continue
        tried += 1
        for given, place in (({short: 1}, "$"), ([{short: 1}], "$[0]")):
            with pytest.raises(RequestError) as caught:
                build_request(operation, {argument: given, **required(operation)})
            said = f"{operation.id}: the body cannot be sent: {place}: {model.__name__} has no key {short!r}"
            assert str(caught.value).startswith(said), vendor
    assert tried > 80


def required(operation: Operation[Any]) -> dict[str, Any]:
    """Something for the parameters that must be given."""
    return {each.name: 1 for each in operation.parameters if each.required}


@pytest.mark.parametrize("vendor", [dibop, dime_scheduler, dispatch, espace])
def test_typed_dicts_are_beside_the_models(vendor: Any) -> None:
    """Each TypedDict is imported from the vendor's models, when it is asked for, and has the model's JSON names."""
    models = import_module(f"{vendor.__name__}.models")
    names = [name for name in models.__all__ if name.endswith("Param") and name.removesuffix("Param") in models.__all__]
    assert names
    for name in names:
        fields = getattr(models, name.removesuffix("Param")).WIRE.values()
        assert set(getattr(models, name).__annotations__) <= {wire for wire, _ in fields}


def test_the_way_round_that_the_error_names() -> None:
    """A model with the key in additional_properties sends what a dict may not, as the error says."""
    script = Script((200, {"access_token": "t", "token_type": "bearer", "expires_in": 60}), (201, {"job": {"id": 1}}))
    place = Location(street_1="1 Main St", city="Boston", additional_properties={"stret_1": "x"})
    with Dispatch(**SIGN_IN, transport=script) as api:
        api.jobs.create(**JOB, address=place)
    assert script.requests[-1].json["address"]["stret_1"] == "x"


def test_steps_of_many_kinds_are_checked_by_their_type() -> None:
    """In an orchestration the type of a step says which keys it has; the error names the step."""
    steps: Any = [
        {"name": "a", "type": "transform", "transform_type": "map", "mapping": {"conection": "x"}},
        {"name": "b", "type": "api_call", "conection": "x", "operation": "y"},
    ]
    with (
        Dibop(email="ann@example.test", password="invented", instance="acme", transport=Script()) as api,
        pytest.raises(RequestError) as caught,
    ):
        api.orchestrations.create(name="n", steps=steps)
    assert "$.steps[1]: ApiCallStep has no key 'conection': did you mean 'connection'?" in str(caught.value)
