"""Equipment: what is overdue, and the work on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.model.operations import Operations, Within
from accordant_sandbox.model.paging import LARGEST, Top
from accordant_sandbox.model.query import Filter, plain
from accordant_sandbox.ports import Call, Row, Tx
from accordant_sandbox.vendors.espace.local_time import moved, times, today
from accordant_sandbox.vendors.espace.views import EQUIPMENT_PARTS, UPDATE_FREQUENCIES, known_as

__all__ = ["completed", "serve_equipment"]


def completed(tx: Tx, row: Row) -> Mapping[str, Any]:
    """What follows from the fields of a piece of equipment: stored times, and what filters look at."""
    return {
        **times(row, "DateInService WarrantyPartExpDate WarrantyLaborExpDate RetiredDate LastMetricsUpdate"),
        "_category": known_as(tx, "service_categories", *row["ServiceCategoryIds"]),
        "_retired": bool(row["IsRetired"]) or row["RetiredDate"] is not None,
    }


def _deleted(call: Call, shown: Mapping[str, Any]) -> Answer:
    return call.one("equipment", {"EquipmentId": shown["Id"], "Status": "Deleted"})


def _chosen(call: Call, rows: Sequence[Row]) -> Sequence[Row]:
    """Only those whose reading is overdue, where they are asked for."""
    if str(call.query.get("onlyPastDue", "")).casefold() not in ("true", "1"):
        return rows
    return [row for row in rows if _is_past_due(call.tx, row)]


def _is_past_due(tx: Tx, row: Row) -> bool:
    """Whether the reading of its mileage or running time should have been updated before today."""
    last, frequency = row["LastMetricsUpdate"], row["UpdateFrequencyType"]
    if last is None or frequency is None:
        return False
    days = UPDATE_FREQUENCIES[frequency][1] * (row["UpdateFrequencyValue"] or 1)
    return moved(last, min(days, 100_000))[:10] < today(tx)


def serve_equipment(operations: Operations) -> None:
    """Serve everything about equipment."""
    key = "query:equipmentId"
    operations.get("Equipment_Equipment", "equipment", key=key)
    operations.list(
        "Equipment_EquipmentList",
        "equipment",
        paging=Top("top", LARGEST, LARGEST),
        choose=_chosen,
        filters={
            "retiredStatus": Filter("_retired", "eq", stored={1: False, 2: True}),
            **plain(
                type=("Type", "eq"),
                equipmentName=("Name", "part"),
                manufacturer=("Manfacturer", "part"),
                barcode=("Barcode", "part"),
                locationIds=("LocationId", "in"),
                category=("_category", "any_of"),
            ),
            **plain(
                "day",
                dateInServiceFrom=("DateInService", "gteq"),
                dateInServiceTo=("DateInService", "lteq"),
                warrantyExpPartsFrom=("WarrantyPartExpDate", "gteq"),
                warrantyExpPartsTo=("WarrantyPartExpDate", "lteq"),
                warrantyExpLaborFrom=("WarrantyLaborExpDate", "gteq"),
                warrantyExpLaborTo=("WarrantyLaborExpDate", "lteq"),
            ),
        },
    )
    operations.create("Equipment_Create", "equipment")
    operations.alias("Equipment_PostToList", "Equipment_Create", "post_to_collection")
    operations.update("Equipment_Update", "equipment", key=key, rules=("absent_unchanged",))
    operations.alias("Equipment_Patch", "Equipment_Update", "patch")
    operations.delete("Equipment_Delete", "equipment", key=key, shape=_deleted)
    operations.list("Equipment_WorkOrders", "work_orders", within=Within("equipment", key, part="WorkOrders"))

    @operations.special("Equipment_Space")
    def space(call: Call) -> Answer:
        row = call.tx.get("equipment", call.query["equipmentId"])
        return call.one("item", EQUIPMENT_PARTS["Space"].shown(call.tx, row))
