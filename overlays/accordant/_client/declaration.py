"""What the two clients of a vendor have in common, declared once: credentials, variables, what is wrapped as a secret.

::

    class ExampleClient(VendorClient, Generic[TokenT]):
        def __init__(self, *, api_key: str | None = None, token: TokenT | None = None, **settings: ...) -> None:
            \"\"\"``api_key`` is a key. ``token`` replaces it: a bearer token, or a function that returns one.\"\"\"
            ...

        @classmethod
        def from_env(cls, environ: Mapping[str, str] | None = None, **settings: ...) -> Self: ...

    class Example(ExampleClient[str | TokenProvider], Client, Resources):
        \"\"\"A client for Example that waits for its responses; safe to share among threads.\"\"\"

    class AsyncExample(ExampleClient[AnyToken], AsyncClient, AsyncResources):
        \"\"\"A client for Example on an event loop; safe to share among its tasks.\"\"\"
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from types import FunctionType
from typing import Any, ClassVar, Final, TypeVar

from .._auth.credentials import AnyToken
from .base import BaseClient
from .clients import AsyncClient, Client

TokenT = TypeVar("TokenT", bound=AnyToken)
"""The tokens that a client takes: an asynchronous one takes asynchronous functions as well."""

_WIDTH: Final = 116
_GENERIC: Final = "TokenT | None"
_TOKENS: Final = {False: "str | TokenProvider | None", True: "AnyToken | None"}
"""How the type of ``token`` is written in the signature of a client, blocking and asynchronous."""


class VendorClient(BaseClient):
    """A vendor's declaration, from which its two clients are made; see the module's docstring.

    Each client gets the constructor and ``from_env`` as its own: messages and help name it, signatures say which tokens
    it takes, and the docstring of the constructor follows the client's own.
    """

    _constructor: ClassVar[Callable[..., object]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        declaration = next((base for base in cls.__bases__ if VendorClient in base.__bases__), None)
        if declaration is None:
            return
        asynchronous = issubclass(cls, AsyncClient)
        words = inspect.getdoc(vars(declaration)["__init__"]) or ""
        constructor = _own(vars(declaration)["__init__"], cls, asynchronous)
        constructor.__doc__ = None
        own: dict[str, Any] = {
            "__init__": constructor,
            "_constructor": staticmethod(constructor),
            "from_env": classmethod(_own(vars(declaration)["from_env"].__func__, cls, asynchronous)),
        }
        for name, value in own.items():
            setattr(cls, name, value)
        cls.__doc__ = f"{cls.__doc__}\n\n{_wrapped(words, asynchronous)}"


def client_attributes() -> frozenset[str]:
    """The public attributes that clients have themselves; a resource with one of these names could not be reached."""
    names = {name for kind in (VendorClient, Client, AsyncClient) for name in dir(kind)} | {"from_env"}
    return frozenset(name for name in names if not name.startswith("_"))


def _own(function: FunctionType, client: type[Any], asynchronous: bool) -> FunctionType:
    """A copy of a declared function that belongs to a client."""
    own = FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    own.__kwdefaults__ = function.__kwdefaults__
    own.__doc__ = function.__doc__
    own.__module__ = client.__module__
    own.__qualname__ = f"{client.__qualname__}.{function.__name__}"
    token = _TOKENS[asynchronous]
    own.__annotations__ = {name: token if kind == _GENERIC else kind for name, kind in function.__annotations__.items()}
    return own


def _wrapped(words: str, asynchronous: bool) -> str:
    """The words about the credentials, true for one kind of client."""
    if asynchronous:
        words = words.replace("or a function that", "or a function (asynchronous or not) that")
    return "\n\n".join(textwrap.fill(" ".join(part.split()), _WIDTH) for part in words.split("\n\n"))
