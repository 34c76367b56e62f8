"""The connectors of the seeded catalogue, and what their operation returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["APIS", "SYSTEMS"]

SYSTEMS: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "slug": "nhtsa-vpic", "name": "NHTSA VPIC", "type": "general", "base_url": "https://vpic.nhtsa.dot.gov/api",
        "description": "Decodes vehicle identification numbers; needs no credentials.",
        "documentation_url": "https://vpic.nhtsa.dot.gov/api/",
    },
    {
        "slug": "mercedes-benz-oneapi", "name": "Mercedes-Benz OneAPI", "type": "oem", "auth_type": "oauth2",
        "description": "Vehicles, stock and configurations of the manufacturer.", "version": "2.1.0",
        "base_url": "https://api.mercedes-benz.example.com",
    },
    {
        "slug": "openweathermap", "name": "OpenWeatherMap", "description": "Weather at a place.",
        "base_url": "https://api.openweathermap.org", "auth_type": "api_key",
        "icon_url": "https://demo.dibop.ca/icons/openweathermap.png",
    },
    {
        "slug": "rest-countries", "name": "REST Countries", "base_url": "https://restcountries.com",
        "description": "Countries with their codes and currencies.",
    },
    {
        "slug": "dms", "name": "Generic DMS", "type": "dms", "base_url": "https://dms.example.com",
        "description": "A dealer management system that is only simulated.", "auth_type": "basic", "is_stub": True,
    },
    {
        "slug": "crm", "name": "Generic CRM", "type": "crm", "base_url": "https://crm.example.com",
        "description": "A customer system that is only simulated.", "auth_type": "bearer", "is_stub": True,
    },
)  # fmt: skip


def _parameters(name: str, place: str, kind: str = "string") -> Sequence[Mapping[str, Any]]:
    return [{"name": name, "in": place, "type": kind, "required": True, "description": None}]


_TEXT: Final = {"type": "string"}
_VEHICLE: Final = {"type": "object", "properties": {"vin": _TEXT, "make": _TEXT, "model": _TEXT}}

APIS: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "system": "nhtsa-vpic", "name": "Decode VIN", "endpoint": "/vehicles/DecodeVinValues/{vin}",
        "description": "What a VIN says about its vehicle.", "parameters": _parameters("vin", "path"),
        "_sample": {"vin": "${sent.vin}", "make": "HONDA", "model": "Accord", "year": 2003, "fuel_type": "petrol"},
        "response_schema": _VEHICLE, "_latency_ms": 245,
    },
    {
        "system": "nhtsa-vpic", "name": "Get All Makes", "endpoint": "/vehicles/GetAllMakes",
        "_sample": {"makes": [{"name": "HONDA"}, {"name": "VOLVO"}]}, "_latency_ms": 310,
    },
    {
        "system": "mercedes-benz-oneapi", "name": "Search Vehicles", "endpoint": "/vehicles",
        "description": "Vehicles in stock.", "parameters": _parameters("country", "query"),
        "_sample": {
            "total": 2,
            "vehicles": [
                {"vin": "WDD2050071F000001", "model": "C 200", "status": "active"},
                {"vin": "WDD2050071F000002", "model": "C 300", "status": "sold"},
            ],
        },
        "response_schema": {"type": "object"}, "_latency_ms": 620,
    },
    {
        "system": "openweathermap", "name": "Current Weather", "endpoint": "/data/2.5/weather",
        "parameters": _parameters("city", "query"), "_sample": {"city": "${sent.city}", "temperature": 4.5},
        "_latency_ms": 140,
    },
    {
        "system": "rest-countries", "name": "Country By Code", "endpoint": "/v3.1/alpha/{code}",
        "parameters": _parameters("code", "path"), "_latency_ms": 95,
        "_sample": {"code": "${sent.code}", "name": "Canada", "currency": "CAD"},
    },
    {
        "system": "dms", "name": "Write Vehicle", "method": "POST", "endpoint": "/vehicles",
        "parameters": _parameters("vehicle", "body", "object"), "_latency_ms": 1203,
        "_sample": {"accepted": True, "vehicle": "${sent}"},
    },
    {
        "system": "crm", "name": "Find Customer", "endpoint": "/customers/{customer_id}",
        "parameters": _parameters("customer_id", "path"), "_latency_ms": 210,
        "_sample": {"customer_id": "${sent.customer_id}", "first_name": "Ada", "email": "ada@example.com"},
    },
)  # fmt: skip
