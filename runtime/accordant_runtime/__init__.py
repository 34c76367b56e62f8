"""The ground floor: the values and protocols that generated clients are made of.

It knows no vendor, does no I/O, and needs attrs alone (orjson is used where it is installed).
"""

from ._calls import (
    AsyncCaller,
    AsyncPages,
    AsyncResource,
    CallOptions,
    Page,
    Pages,
    RawResponse,
    SyncCaller,
    SyncResource,
)
from ._decoders import (
    Lazy,
    ListOf,
    MapOf,
    OneOf,
    Tagged,
    boolean,
    day,
    descend,
    exactly,
    identifier,
    instant,
    integer,
    null,
    nullable,
    number,
    string,
    untyped,
)
from ._deprecated import deprecated
from ._encode import to_text, to_wire
from ._enums import GrowingIntEnum, GrowingStrEnum, OpenIntEnum, OpenStrEnum
from ._errors import AccordantError, DecodeError, RequestError, TooDeepError
from ._files import FileInput, Redirect, Upload
from ._form import PartText, form_texts
from ._json import dumps, loads
from ._json_types import is_array, is_object
from ._model import Model, RequestModel, Wire
from ._notes import Decode, Deviation, Notes, whole
from ._operation import (
    IDEMPOTENT,
    Answer,
    Body,
    Entity,
    Failure,
    FieldEncoding,
    Operation,
    OperationDefaults,
    OperationTable,
    Pagination,
    Parameter,
)
from ._problems import ErrorStatuses, ErrorTable
from ._renamed import OLD, OLD_ARGUMENTS, construct, is_old_name, renamed_arguments, renamed_class
from ._request import Request, build_request
from ._spelling import bare_name, misspelt
from ._streams import AsyncItemStream, EventCutter, EventOf, ItemStream, ServerEvent, ValueCutter
from ._styles import Joined, header_trouble
from ._unset import UNSET, Unset
from ._webhooks import WebhookReader, WebhookTable
from ._when_used import imported_when_used

__all__ = [
    "IDEMPOTENT",
    "OLD",
    "OLD_ARGUMENTS",
    "UNSET",
    "AccordantError",
    "Answer",
    "AsyncCaller",
    "AsyncItemStream",
    "AsyncPages",
    "AsyncResource",
    "Body",
    "CallOptions",
    "Decode",
    "DecodeError",
    "Deviation",
    "Entity",
    "ErrorStatuses",
    "ErrorTable",
    "EventCutter",
    "EventOf",
    "Failure",
    "FieldEncoding",
    "FileInput",
    "GrowingIntEnum",
    "GrowingStrEnum",
    "ItemStream",
    "Joined",
    "Lazy",
    "ListOf",
    "MapOf",
    "Model",
    "Notes",
    "OneOf",
    "OpenIntEnum",
    "OpenStrEnum",
    "Operation",
    "OperationDefaults",
    "OperationTable",
    "Page",
    "Pages",
    "Pagination",
    "Parameter",
    "PartText",
    "RawResponse",
    "Redirect",
    "Request",
    "RequestError",
    "RequestModel",
    "ServerEvent",
    "SyncCaller",
    "SyncResource",
    "Tagged",
    "TooDeepError",
    "Unset",
    "Upload",
    "ValueCutter",
    "WebhookReader",
    "WebhookTable",
    "Wire",
    "bare_name",
    "boolean",
    "build_request",
    "construct",
    "day",
    "deprecated",
    "descend",
    "dumps",
    "exactly",
    "form_texts",
    "header_trouble",
    "identifier",
    "imported_when_used",
    "instant",
    "integer",
    "is_array",
    "is_object",
    "is_old_name",
    "loads",
    "misspelt",
    "null",
    "nullable",
    "number",
    "renamed_arguments",
    "renamed_class",
    "string",
    "to_text",
    "to_wire",
    "untyped",
    "whole",
]
