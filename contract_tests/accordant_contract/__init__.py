"""Contract tests: probes drive a vendor's API, judges decide whether what came back is right, evidence says so."""

from importlib.util import find_spec

_NEEDED = ("hypothesis", "jsonschema_rs", "schemathesis", "uvicorn")

if any(find_spec(name) is None for name in _NEEDED):
    raise ImportError("accordant_contract needs an extra: pip install 'accordant[workbench]'", name=__name__)
