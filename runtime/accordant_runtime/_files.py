"""Files that travel in a request."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO, TypeAlias

from attrs import field, frozen


@frozen
class Upload:
    """One file of a multipart request, with the name and the media type that the vendor shall see.

    ``content`` is bytes, a path, or an open binary file. ``filename`` defaults to the path's or file's own name, and
    ``content_type`` to what the document says or the file name suggests (``application/octet-stream`` when neither
    says anything). ``headers`` are further ones of the file's part.
    """

    content: bytes | os.PathLike[str] | IO[bytes] = field(repr=False)
    filename: str | None = None
    content_type: str | None = None
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)


FileInput: TypeAlias = bytes | os.PathLike[str] | IO[bytes] | Upload
"""What an upload argument takes: bytes, a path, an open binary file, or an :class:`Upload` that names the details."""


@frozen
class Redirect:
    """A success that points elsewhere (3xx): ``location`` is the absolute or relative URL that the vendor named."""

    status: int
    location: str
