"""How each vendor writes its records, lists, errors and tokens: what the scripts are made of."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any, ClassVar

from attrs import evolve, frozen

from .replies import body_of, http

DATE = "2026-03-01T09:00:00Z"
REFUSED = "the lab refuses this"
TEXT = "a text in the record"


@frozen
class Shapes:
    """A vendor's responses; subclasses say how it writes them. ``other`` is the address of another host."""

    other: str = ""

    token_path: ClassVar[str] = ""
    text_field: ClassVar[str] = "name"
    number_field: ClassVar[str | None] = None
    """A field of a record that holds an integer."""
    date_field: ClassVar[str | None] = None
    """A field of a record that holds a date-time."""

    def at(self, other: str) -> Shapes:
        """The same, with another host to point to."""
        return evolve(self, other=other)

    def fields(self, number: int) -> dict[str, Any]:
        """A record, complete enough to be without a deviation."""
        raise NotImplementedError

    def wrapped(self, record: Any) -> Any:
        """A record in its envelope."""
        return record

    def record(self, number: int, **changes: Any) -> bytes:
        """The response to ``get``."""
        return http(self.wrapped({**self.fields(number), **changes}))

    def bare(self, number: int) -> bytes:
        """The same without its envelope."""
        return http(self.fields(number))

    def bytes_of(self, number: int) -> bytes:
        """The body of the response to ``get``."""
        return body_of(self.record(number))

    def made(self, number: int) -> bytes:
        """The response to ``create``."""
        return http(self.wrapped(self.fields(number)), 201)

    def gone(self) -> bytes:
        """The response to ``delete``."""
        return b"HTTP/1.1 204 No Content\r\n\r\n"

    def row(self, number: int) -> dict[str, Any]:
        """One row of a list."""
        return self.fields(number)

    def rows(self, numbers: Sequence[int], total: Any = None) -> bytes:
        """One page of a list."""
        raise NotImplementedError

    def error(self, status: int, words: str = REFUSED, headers: dict[str, str | None] | None = None) -> bytes:
        """An error in the vendor's own form."""
        return http({"error": words}, status, headers)

    def token(self, access: str = "lab-access", **fields: Any) -> bytes:
        """The response of the token endpoint."""
        return http({"access_token": access, "token_type": "bearer", **fields})

    def refused(self, words: str = REFUSED) -> bytes:
        """The token endpoint's refusal."""
        return http({"error": "invalid_client", "error_description": words}, 401)


@frozen
class DispatchShapes(Shapes):
    """Envelopes by the record's name, ``meta.total``."""

    token_path = "/v3/oauth/token"
    text_field = "title"
    number_field = "customer_id"
    date_field = "created_at"

    def fields(self, number: int) -> dict[str, Any]:
        """A job."""
        return {
            **{"id": number, "title": TEXT, "description": None, "service_type": None, "customer_id": 5},
            **{"organization_id": 6, "address": {"street_1": "Main St", "city": "Town"}, "status": "scheduled"},
            **{"created_at": DATE},
        }

    def wrapped(self, record: Any) -> Any:
        """A job in its envelope."""
        return {"job": record}

    def made(self, number: int) -> bytes:
        """An appointment."""
        visit = {"id": number, "job_id": 1, "organization_id": 6, "status": "draft", "time": None, "duration": 60}
        return http({"appointment": {**visit, "user_id": None}}, 201)

    def rows(self, numbers: Sequence[int], total: Any = None) -> bytes:
        """A page of jobs."""
        return http({"jobs": [self.row(number) for number in numbers], "meta": {"total": total}})

    def error(self, status: int, words: str = REFUSED, headers: dict[str, str | None] | None = None) -> bytes:
        """Failed validations are listed."""
        return http({"errors": [{"message": words}]}, status, headers)


@frozen
class DibopShapes(Shapes):
    """No envelopes; pages by number."""

    token_path = "/auth/login"
    date_field = "created_at"

    def fields(self, number: int) -> dict[str, Any]:
        """An orchestration."""
        return {
            **{"id": str(number), "name": TEXT, "description": None, "status": "draft", "trigger": {"type": "manual"}},
            **{"parameters": [], "steps": [], "error_handling": {}, "created_at": DATE, "updated_at": DATE},
            **{"last_execution_at": None, "created_by": None},
        }

    def row(self, number: int) -> dict[str, Any]:
        """A summary."""
        whole = self.fields(number)
        names = ("id", "name", "description", "status", "trigger", "created_at", "updated_at", "last_execution_at")
        return {**{name: whole[name] for name in names}, "step_count": 0}

    def rows(self, numbers: Sequence[int], total: Any = None) -> bytes:
        """A page of summaries."""
        return http({"items": [self.row(number) for number in numbers], "total": total, "page": 1, "page_size": 2})

    def error(self, status: int, words: str = REFUSED, headers: dict[str, str | None] | None = None) -> bytes:
        """A code and words."""
        return http({"error": {"code": "LAB", "message": words}}, status, headers)


@frozen
class DimeShapes(Shapes):
    """Bare records; every write returns a ``ContentResult``."""

    token_path = "/token"
    text_field = "description"

    def fields(self, number: int) -> dict[str, Any]:
        """A job."""
        return {"sourceApp": "LAB", "sourceType": "JOB", "jobNo": str(number), "description": TEXT}

    def made(self, number: int) -> bytes:
        """The result of an upsert."""
        content = json.dumps({"id": number})
        return http({"content": content, "contentType": "application/json", "statusCode": 200})

    def gone(self) -> bytes:
        """The result of a delete."""
        return http({"content": "", "contentType": "application/json", "statusCode": 200})

    def row(self, number: int) -> dict[str, Any]:
        """A notification."""
        return {"connectorId": str(number), "text": TEXT}

    def rows(self, numbers: Sequence[int], total: Any = None) -> bytes:
        """A page of notifications, which has no total."""
        del total
        return http([self.row(number) for number in numbers])

    def error(self, status: int, words: str = REFUSED, headers: dict[str, str | None] | None = None) -> bytes:
        """A description."""
        return http({"Error": "Lab", "Description": words}, status, headers)

    def token(self, access: str = "lab-access", **fields: Any) -> bytes:
        """A JWT, whose end is in itself."""
        return http({"token": access, **fields})


@frozen
class EspaceShapes(Shapes):
    """One wrapper for everything but the token."""

    token_path = "/api/v2/requesttoken"
    text_field = "FullDescription"
    number_field = "LocationId"
    date_field = "Eta"

    def fields(self, number: int) -> dict[str, Any]:
        """A work order."""
        none = ("ShortDescription", "SpaceNames", "Eta", "EtaDisplay", "AssignedId", "AssignedTo", "VendorAssignedName")
        more = ("VendorAssignedId", "VendorContactId", "AssignedDepartmentId", "Spaces", "Costs", "Tasks")
        flags = ("HasSpaces", "HasCosts", "HasTasks", "HasAttachments")
        return {
            **{"Id": number, "WorkOrderNumber": 1, "FullDescription": TEXT, "LocationName": "Hall", "LocationId": 5},
            **{"ServiceCategory": "Doors", "ServiceCategoryId": 1, "StatusId": 1, "Status": "Open", "Priority": "Low"},
            **dict.fromkeys((*none, *more, "Attachments")),
            **dict.fromkeys(flags, False),
        }

    def wrapped(self, record: Any) -> Any:
        """Anything in the wrapper."""
        return {"IsSuccessStatusCode": True, "Message": None, "Data": record}

    def made(self, number: int) -> bytes:
        """A work order, made with a 200."""
        return http(self.wrapped(self.fields(number)))

    def rows(self, numbers: Sequence[int], total: Any = None) -> bytes:
        """A list of work orders, which is whole."""
        del total
        return http(self.wrapped([self.row(number) for number in numbers]))

    def error(self, status: int, words: str = REFUSED, headers: dict[str, str | None] | None = None) -> bytes:
        """The wrapper with a message."""
        return http({"IsSuccessStatusCode": False, "Message": words, "Data": None}, status, headers)

    def token(self, access: str = "lab-access", **fields: Any) -> bytes:
        """One JSON string."""
        del fields
        return http(access)


def jwt(expires: Any, subject: str = "lab") -> str:
    """A JSON web token with an end, and a signature that nobody checks."""

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part({'sub': subject, 'exp': expires})}.c2ln"


SHAPES: dict[str, Shapes] = {
    "dispatch": DispatchShapes(),
    "dibop": DibopShapes(),
    "dime_scheduler": DimeShapes(),
    "espace": EspaceShapes(),
}
