"""The entity of ``models`` as one would write it for pydantic, names as on the wire (what is quickest for it)."""

from __future__ import annotations

import datetime
import enum
import uuid

from pydantic import BaseModel, ConfigDict


class Status(enum.StrEnum):
    """The state of an appointment."""

    OPEN = "open"
    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


class Base(BaseModel):
    """Unknown keys are kept, as accordant keeps them."""

    model_config = ConfigDict(extra="allow")


class Address(Base):
    """Where it takes place."""

    Street: str
    House: str
    City: str
    Zip: str
    State: str
    Country: str
    Latitude: float
    Longitude: float


class Phone(Base):
    """How somebody is reached."""

    Kind: str
    Number: str


class Appointment(Base):
    """The record that is measured."""

    Id: int
    Uid: uuid.UUID
    Duration: int
    Status: Status
    Address: Address
    Phones: list[Phone]
    Subject: str
    Body: str
    SourceApp: str
    SourceType: str
    Category: str
    Locked: bool
    Planner: bool
    Start: datetime.datetime
    End: datetime.datetime
    Created: datetime.datetime
    Modified: datetime.datetime
    Planned: datetime.datetime
    Pin: str | None
    Remark: str | None
    Shape: int | None
    Color: int | None
    Rate: float | None
    Due: datetime.datetime | None
    Note: str | None = None
    Reference: str | None = None
    Batch: int | None = None
    Region: str | None = None


class Appointments(Base):
    """A page of them."""

    Data: list[Appointment]
