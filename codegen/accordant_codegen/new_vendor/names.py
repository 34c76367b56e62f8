"""What a vendor may be called: its name is a folder, a package that users import, and the prefix of its variables."""

from __future__ import annotations

import keyword
import re
import sys
from importlib.util import find_spec
from pathlib import Path

from ..errors import CodegenError
from ..layout import layout_of
from ..names import DEVICES

LONGEST = 40
_GOOD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def check_name(root: Path, name: str | None) -> str:
    """The name, when a new vendor can have it; raises :class:`CodegenError` with the reason and what to do."""
    if not name:
        given = layout_of(root).option("name")
        raise CodegenError(f"a vendor needs a name, such as my_vendor. Give it with {given}")
    problem = _problem(root, name)
    if problem:
        raise CodegenError(f"{name!r} cannot be the name of a vendor: {problem}")
    return name


def _problem(root: Path, name: str) -> str:
    if not _GOOD.fullmatch(name):
        suggestion = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_").lstrip("0123456789_")
        hint = f". Try {suggestion!r}" if _GOOD.fullmatch(suggestion) and len(suggestion) <= LONGEST else ""
        return f"it needs small letters, digits and single underscores, and begins with a letter{hint}"
    if len(name) > LONGEST:
        return f"it has {len(name)} letters. Use at most {LONGEST}"
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        return f"it is a word of Python's. Try {name + '_api'!r}"
    if name in DEVICES:
        return f"no file can be called so under Windows. Try {name + '_api'!r}"
    if name in sys.stdlib_module_names:
        return f"it is the name of a module of Python's. Try {name + '_api'!r}"
    layout = layout_of(root)
    if name == "shared" or (root / layout.clients / f"{name}.py").exists():
        return f"{layout.client_package} has a module of that name. Try {name + '_api'!r}"
    if layout.project and find_spec(f"accordant.{name}") is not None:
        return f"accordant has a vendor or a module of that name. Try {name + '_api'!r}"
    return ""
