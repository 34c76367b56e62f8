"""A program that gives dicts in place of models, right ones and wrong ones, for type checkers."""

from __future__ import annotations

PROGRAM = """\
import datetime
from typing import Any, cast
from accordant.dibop import AsyncDibop
from accordant.dime_scheduler import DimeScheduler
from accordant.dime_scheduler.models import CategoryWriteParam
from accordant.dispatch import Dispatch
from accordant.dispatch.models import Location, LocationParam, TimeWindowParam
from accordant.espace import Espace

def right(dispatch: Dispatch, dime: DimeScheduler, espace: Espace, found: dict[str, Any]) -> None:
    address: LocationParam = {"street_1": "1 Main St", "city": "Boston"}
    address["postal_code"] = "02101"
    window: TimeWindowParam = {"start_time": datetime.datetime.now(datetime.UTC), "end_time": "2026-01-02T03:04:05Z"}
    dispatch.jobs.create(title="a", customer_id=1, organization_id=1, status="unscheduled", address=address)
    dispatch.jobs.update(1, address=Location(street_1="1 Main St", city="Boston"))
    dispatch.jobs.update(1, address=cast(LocationParam, found))
    dispatch.jobs.add_time_windows(1, time_windows=[window])
    blue: CategoryWriteParam = {"name": "b", "displayName": "Blue", "color": "#0000ff"}
    dime.categories.upsert(blue)
    dime.categories.upsert([blue, {"name": "r", "displayName": "Red", "color": "#ff0000"}])
    dime.imports.setup({"anything": found})

async def also_right(dibop: AsyncDibop) -> None:
    await dibop.orchestrations.create(
        name="n", steps=[{"name": "s", "type": "api_call", "connection": "c", "operation": "o"}]
    )

def wrong(dispatch: Dispatch, dime: DimeScheduler, found: dict[str, Any]) -> None:
    dispatch.jobs.update(1, address={"stret_1": "1 Main St", "city": "Boston"})  # WRONG
    dispatch.jobs.update(1, address={"street_1": 1, "city": "Boston"})  # WRONG
    dispatch.jobs.update(1, address={"street_1": "1 Main St"})  # WRONG
    dispatch.jobs.update(1, address=found)  # WRONG
    dime.categories.upsert({"name": "b", "display_name": "Blue", "color": "#0000ff"})  # WRONG
    dime.categories.upsert([{"name": "b"}])  # WRONG

async def also_wrong(dibop: AsyncDibop) -> None:
    steps = dibop.orchestrations
    await steps.create(name="n", steps=[{"name": "s", "type": "api_call", "conection": "c", "operation": "o"}])  # WRONG
    await steps.create(name="n", steps=[{"name": "s", "type": "call", "connection": "c", "operation": "o"}])  # WRONG
"""
WRONG = {number for number, line in enumerate(PROGRAM.splitlines(), 1) if "# WRONG" in line}
"""The lines that a type checker must report, counted from 1; it must report no other."""
