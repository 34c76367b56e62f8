"""From a vendor's document to its effective document and its generated client.

``python -m accordant_codegen --help`` lists the commands of the repository, ``accordant --help`` those of a project.
Both need the extra ``workbench``.
"""

from importlib.util import find_spec

_NEEDED = ("jsonpath_rfc9535", "openapi_python_client", "ruff", "tomlkit", "yaml")

if any(find_spec(name) is None for name in _NEEDED):
    raise ImportError("accordant_codegen needs an extra: pip install 'accordant[workbench]'", name=__name__)
