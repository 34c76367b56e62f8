"""The connectors of the seeded catalogue, and what their operation returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["APIS", "SYSTEMS"]

SYSTEMS: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "slug": "nhtsa-vpic",
        "name": "NHTSA VPIC",
        "type": "general",
        "description": "Decodes vehicle identification numbers; needs no credentials.",
        "base_url": "https://vpic.nhtsa.dot.gov/api",
        "documentation_url": "https://vpic.nhtsa.dot.gov/api/",
    },
    {
        "slug": "mercedes-benz-oneapi",
        "name": "Mercedes-Benz OneAPI",
        "type": "oem",
        "description": "Vehicles, stock and configurations of the manufacturer.",
        "base_url": "https://api.mercedes-benz.example.com",
        "auth_type": "oauth2",
        "version": "2.1.0",
    },
    {
        "slug": "openweathermap",
        "name": "OpenWeatherMap",
        "description": "Weather at a place.",
        "base_url": "https://api.openweathermap.org",
        "icon_url": "https://demo.dibop.ca/icons/openweathermap.png",
        "auth_type": "api_key",
    },
    {
        "slug": "rest-countries",
        "name": "REST Countries",
        "description": "Countries with their codes and currencies.",
        "base_url": "https://restcountries.com",
    },
    {
        "slug": "dms",
        "name": "Generic DMS",
        "type": "dms",
        "description": "A dealer management system that is only simulated.",
        "base_url": "https://dms.example.com",
        "auth_type": "basic",
        "is_stub": True,
    },
    {
        "slug": "crm",
        "name": "Generic CRM",
        "type": "crm",
        "description": "A customer system that is only simulated.",
        "base_url": "https://crm.example.com",
        "auth_type": "bearer",
        "is_stub": True,
    },
)


def _parameter(name: str, place: str, kind: str = "string") -> dict[str, Any]:
    return {"name": name, "in": place, "type": kind, "required": True, "description": None}


_VEHICLE: Final = {
    "type": "object",
    "properties": {"vin": {"type": "string"}, "make": {"type": "string"}, "model": {"type": "string"}},
}

APIS: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "system": "nhtsa-vpic",
        "name": "Decode VIN",
        "endpoint": "/vehicles/DecodeVinValues/{vin}",
        "description": "What a VIN says about its vehicle.",
        "parameters": [_parameter("vin", "path")],
        "response_schema": _VEHICLE,
        "_sample": {"vin": "${sent.vin}", "make": "HONDA", "model": "Accord", "year": 2003, "fuel_type": "petrol"},
        "_latency_ms": 245,
    },
    {
        "system": "nhtsa-vpic",
        "name": "Get All Makes",
        "endpoint": "/vehicles/GetAllMakes",
        "_sample": {"makes": [{"name": "HONDA"}, {"name": "VOLVO"}]},
        "_latency_ms": 310,
    },
    {
        "system": "mercedes-benz-oneapi",
        "name": "Search Vehicles",
        "endpoint": "/vehicles",
        "description": "Vehicles in stock.",
        "parameters": [_parameter("country", "query")],
        "response_schema": {"type": "object"},
        "_sample": {
            "total": 2,
            "vehicles": [
                {"vin": "WDD2050071F000001", "model": "C 200", "status": "active"},
                {"vin": "WDD2050071F000002", "model": "C 300", "status": "sold"},
            ],
        },
        "_latency_ms": 620,
    },
    {
        "system": "openweathermap",
        "name": "Current Weather",
        "endpoint": "/data/2.5/weather",
        "parameters": [_parameter("city", "query")],
        "_sample": {"city": "${sent.city}", "temperature": 4.5},
        "_latency_ms": 140,
    },
    {
        "system": "rest-countries",
        "name": "Country By Code",
        "endpoint": "/v3.1/alpha/{code}",
        "parameters": [_parameter("code", "path")],
        "_sample": {"code": "${sent.code}", "name": "Canada", "currency": "CAD"},
        "_latency_ms": 95,
    },
    {
        "system": "dms",
        "name": "Write Vehicle",
        "method": "POST",
        "endpoint": "/vehicles",
        "parameters": [_parameter("vehicle", "body", "object")],
        "_sample": {"accepted": True, "vehicle": "${sent}"},
        "_latency_ms": 1203,
    },
    {
        "system": "crm",
        "name": "Find Customer",
        "endpoint": "/customers/{customer_id}",
        "parameters": [_parameter("customer_id", "path")],
        "_sample": {"customer_id": "${sent.customer_id}", "first_name": "Ada", "email": "ada@example.com"},
        "_latency_ms": 210,
    },
)
