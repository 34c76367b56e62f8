"""Wall-clock times: for vendors that name instants without an offset, in the time zone of the customer's organisation.

Inward, naive datetimes become aware ones in that zone; outward, aware datetimes become the zone's wall clock. Without a
zone nothing is touched.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, TypeGuard, cast

import attrs

from accordant_runtime import RequestModel, is_array, is_object

from ..errors import ConfigurationError, RequestError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def time_zone(name: str | None) -> ZoneInfo | None:
    """A zone by its IANA name; raises ``ConfigurationError`` for one that this machine does not know."""
    if name is None:
        return None
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # most clients have no zone

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(
            f"there is no time zone {name!r}; give an IANA name such as America/New_York"
        ) from None


def aware(value: Any, zone: ZoneInfo) -> Any:
    """The same value with every naive datetime in it made aware; models are changed in place."""
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=zone) if value.tzinfo is None else value
    if is_array(value):
        value[:] = [aware(item, zone) for item in value]
    elif is_object(value):
        value.update({key: aware(item, zone) for key, item in value.items()})
    elif is_model(value):
        for name in _names(value):
            held = getattr(value, name)
            changed = aware(held, zone)
            if changed is not held:
                setattr(value, name, changed)
    return value


def require_aware(value: Any, path: str) -> None:
    """Raise ``RequestError`` for a naive datetime in an argument: nobody could say which instant it means."""
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise RequestError(f"{path}: {value.isoformat()} has no offset; give an aware datetime, such as one in UTC")
    elif is_object(value):
        for key, item in value.items():
            require_aware(item, f"{path}.{key}")
    elif is_array(value):
        for index, item in enumerate(value):
            require_aware(item, f"{path}[{index}]")
    elif is_model(value):
        for name in _names(value):
            require_aware(getattr(value, name), f"{path}.{name}")


def wall_clock(value: Any, zone: ZoneInfo) -> Any:
    """A copy of an argument with every aware datetime in it turned into the zone's wall clock."""
    if isinstance(value, datetime.datetime):
        return value if value.tzinfo is None else value.astimezone(zone).replace(tzinfo=None)
    if is_object(value):
        return {key: wall_clock(item, zone) for key, item in value.items()}
    if is_array(value):
        return [wall_clock(item, zone) for item in value]
    if is_model(value):
        changed = {name: wall_clock(getattr(value, name), zone) for name in _names(value)}
        return cast(Any, type(value))(**changed)
    return value


def is_model(value: object) -> TypeGuard[RequestModel]:
    """Whether a value is a generated model."""
    return isinstance(value, RequestModel)


def _names(model: RequestModel) -> list[str]:
    return [item.name for item in attrs.fields(cast(Any, type(model)))]
