"""Symptoms of faults in lists: pages, totals, filters."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tests.sandbox.symptoms import Patient, shows

TIMES = ("2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z")


def walked(patient: Patient, size: int = 3) -> tuple[list[int], list[list[Any]]]:
    """The ids of ten appointments in the order of a walk, and the pages."""
    if not len(patient.sandbox.state.appointments):
        patient.sandbox.given("appointments", 10)
    pages = patient.pages("/v3/appointments", size)
    return [row["id"] for page in pages for row in page], pages


def found(patient: Patient, **filters: str) -> list[int]:
    """The ids of the appointments that filters let through; three exist, an hour apart."""
    if not len(patient.sandbox.state.appointments):
        for time, status in zip(TIMES, ("draft", "started", "complete"), strict=True):
            patient.sandbox.given("appointments", time=time, status=status)
    query = "&".join(f"filter[{name}]={quote(value)}" for name, value in filters.items())
    return [row["id"] for row in patient.see("GET", f"/v3/appointments?{query}").body["appointments"]]


@shows("page_overlap")
def page_overlap(patient: Patient) -> bool:
    ids, _ = walked(patient)
    return ids == [1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10]


@shows("page_skip")
def page_skip(patient: Patient) -> bool:
    ids, _ = walked(patient)
    return ids == [1, 2, 3, 5, 6, 7, 8, 9, 10]


@shows("limit_ignored")
def limit_ignored(patient: Patient) -> bool:
    _, pages = walked(patient)
    return [len(page) for page in pages] == [10, 7, 4, 1]


@shows("limit_plus_one")
def limit_plus_one(patient: Patient) -> bool:
    _, pages = walked(patient)
    return [len(page) for page in pages] == [4, 4, 4, 1]


@shows("total_wrong")
def total_wrong(patient: Patient) -> bool:
    patient.sandbox.given("appointments", 3)
    return patient.total("/v3/appointments") == 4


@shows("total_wrong.page_length")
def total_of_page(patient: Patient) -> bool:
    patient.sandbox.given("appointments", 3)
    return patient.total("/v3/appointments") == 1


@shows("empty_middle_page")
def empty_middle_page(patient: Patient) -> bool:
    _, pages = walked(patient)
    return [len(page) for page in pages] == [3, 0, 3, 0]


@shows("sort_unstable")
def sort_unstable(patient: Patient) -> bool:
    first, _ = walked(patient, 10)
    second, _ = walked(patient, 10)
    return first != second and sorted(first) == sorted(second)


@shows("filter_ignored")
def filter_ignored(patient: Patient) -> bool:
    return found(patient, status_eq="draft") == [1, 2, 3]


@shows("filter_boundary")
def filter_boundary(patient: Patient) -> bool:
    return found(patient, time_gteq=TIMES[1]) == [3] and found(patient, time_lteq=TIMES[1]) == [1]


@shows("filter_boundary.inclusive")
def filter_too_wide(patient: Patient) -> bool:
    return found(patient, time_gt=TIMES[1]) == [2, 3] and found(patient, time_lt=TIMES[1]) == [1, 2]


@shows("filter_in_first_only")
def filter_in_first_only(patient: Patient) -> bool:
    roles = patient.see("GET", "/v3/users?filter[by_user_roles]=dispatcher,technician").body["users"]
    return found(patient, status_in="started,draft") == [2] and [user["id"] for user in roles] == [790]
