"""The clients of the four vendors, brought to the same few verbs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import field, frozen

from accordant.dibop import AsyncDibop, Dibop
from accordant.dime_scheduler import AsyncDimeScheduler, DimeScheduler
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.espace import AsyncEspace, Espace

CANARY: Final = "lab-canary-4711"
"""The secret of every credential in the lab; it must not show anywhere."""


@frozen
class Verb:
    """One call: what starts it, and what its result reads like."""

    start: Callable[[Any], Any]
    show: Callable[[Any], str]


@frozen
class LabVendor:
    """A vendor's clients, and how they do what the words of a case say.

    ``login`` are credentials that are exchanged for a token, ``direct`` ones that travel as they are.
    """

    name: str
    title: str
    clients: tuple[type[Any], type[Any]]
    login: Mapping[str, str]
    direct: Mapping[str, str]
    get: Callable[[Any, int], Any]
    key: str
    create: Callable[[Any], Any]
    made: Callable[[Any], Any]
    delete: Callable[[Any, int], Any]
    rows: Callable[[Any], Any]
    row_key: str
    record_path: str
    secret_setting: str
    more: Mapping[str, Any] = field(factory=dict[str, Any])

    def client(self, twin: str) -> type[Any]:
        """The class of one twin."""
        return self.clients[twin == "async"]

    def verb(self, words: str) -> Verb:
        """What a word of a case does."""
        name, _, number = words.partition(" ")
        if name == "get":
            return Verb(lambda api: self.get(api, int(number)), lambda got: str(getattr(got, self.key)))
        if name == "create":
            return Verb(self.create, lambda got: f"made {self.made(got)}")
        if name == "delete":
            return Verb(lambda api: self.delete(api, int(number or 1)), lambda _: "gone")
        if name == "list":
            return Verb(self.rows, lambda got: " ".join(("rows", *(str(getattr(row, self.row_key)) for row in got))))
        method = "HEAD" if name == "head" else "GET"
        return Verb(lambda api: api.request(method, self.record_path), lambda got: f"{name} {got.status}")


def _visit(api: Any) -> Any:
    return api.appointments.create(job_id=1, status="draft", duration=60)


def _order(api: Any) -> Any:
    return api.work_orders.create(full_description="x", location_id=1, service_category_id=1, priority_id=1)


LAB_VENDORS: Final = {
    "dispatch": LabVendor(
        name="dispatch",
        title="Dispatch",
        clients=(Dispatch, AsyncDispatch),
        login={"client_id": "lab", "client_secret": CANARY},
        direct={"token": CANARY},
        get=lambda api, number: api.jobs.get(number),
        key="id",
        create=_visit,
        made=lambda got: got.id,
        delete=lambda api, number: api.appointments.delete(number),
        rows=lambda api: api.jobs.list(limit=2).collect(),
        row_key="id",
        record_path="/v3/jobs/1",
        secret_setting="client_secret",
    ),
    "dibop": LabVendor(
        name="dibop",
        title="DIBOP",
        clients=(Dibop, AsyncDibop),
        login={"email": "lab@lab.test", "password": CANARY},
        direct={"api_key": CANARY},
        get=lambda api, number: api.orchestrations.get(str(number)),
        key="id",
        create=lambda api: api.orchestrations.create(name="x"),
        made=lambda got: got.id,
        delete=lambda api, number: api.orchestrations.delete(str(number)),
        rows=lambda api: api.orchestrations.list(page_size=2).collect(),
        row_key="id",
        record_path="/orchestrations/1",
        secret_setting="password",
        more={"rate_limits": None},
    ),
    "dime_scheduler": LabVendor(
        name="dime_scheduler",
        title="Dime.Scheduler",
        clients=(DimeScheduler, AsyncDimeScheduler),
        login={"username": "lab", "password": CANARY},
        direct={"api_key": CANARY},
        get=lambda api, number: api.jobs.get(str(number)),
        key="job_no",
        create=lambda api: api.appointments.upsert({"appointmentNo": "A8"}),
        made=lambda got: json.loads(got.content)["id"],
        delete=lambda api, number: api.categories.delete({"name": str(number)}),
        rows=lambda api: api.notifications.list(limit=2).collect(),
        row_key="connector_id",
        record_path="/job/1",
        secret_setting="api_key",
    ),
    "espace": LabVendor(
        name="espace",
        title="eSPACE",
        clients=(Espace, AsyncEspace),
        login={"api_key": CANARY},
        direct={"token": CANARY},
        get=lambda api, number: api.work_orders.get(number),
        key="id",
        create=_order,
        made=lambda got: got.id,
        delete=lambda api, number: api.work_orders.delete(number),
        rows=lambda api: api.work_orders.list(),
        row_key="id",
        record_path="/api/v2/workorder",
        secret_setting="api_key",
    ),
}
