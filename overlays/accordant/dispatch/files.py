"""Downloads of datafiles, which live on another host than the API."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

from accordant_generated.dispatch import datafiles as generated
from accordant_generated.dispatch.aio import datafiles as generated_aio
from accordant_runtime import CallOptions

from ..clients import FileSink, download, own_async_caller, own_caller


class Datafiles(generated.Datafiles):
    """Uploaded files and photos."""

    def download(self, uid: UUID | str, *, options: CallOptions | None = None) -> bytes:
        """Fetch the content of a file into memory.

        The vendor returns a redirect to its file store; it is followed without the bearer token, which stays with
        the API's own address, and only over TLS.

        Args:
            uid: `uid` of the datafile.

        Raises an APIStatusError for 401, 403, 404, 429, 500, 503, also from the file store, and a DecodeError when the
        content is cut short.
        """
        caller = own_caller(self._caller)
        flow = download(caller.session, caller.defaults, generated.GET_DATAFILE, {"uid": uid}, options, None)
        return caller.io.run(flow)

    def download_to(self, uid: UUID | str, path: str | os.PathLike[str], *, options: CallOptions | None = None) -> Path:
        """Fetch the content of a file into a file of your own.

        The content is never whole in memory, and ``path`` is either complete or as it was before: a partial file beside
        it takes its place at the end. ``timeout`` bounds each wait for data, and only a ``deadline`` in ``options``
        the transfer as a whole.

        Args:
            uid: `uid` of the datafile.
            path: Where to write; replaced when it exists.

        Raises what ``download`` raises, and ``OSError`` when the file cannot be written.
        """
        caller = own_caller(self._caller)
        with FileSink(path, caller.io.clock.nonce()) as sink:
            caller.io.run(
                download(caller.session, caller.defaults, generated.GET_DATAFILE, {"uid": uid}, options, sink)
            )
        return sink.path


class AsyncDatafiles(generated_aio.AsyncDatafiles):
    """Uploaded files and photos."""

    async def download(self, uid: UUID | str, *, options: CallOptions | None = None) -> bytes:
        """Fetch the content of a file into memory.

        The vendor returns a redirect to its file store; it is followed without the bearer token, which stays with
        the API's own address, and only over TLS.

        Args:
            uid: `uid` of the datafile.

        Raises an APIStatusError for 401, 403, 404, 429, 500, 503, also from the file store, and a DecodeError when the
        content is cut short.
        """
        caller = own_async_caller(self._caller)
        flow = download(caller.session, caller.defaults, generated.GET_DATAFILE, {"uid": uid}, options, None)
        return await caller.io.run(flow)

    async def download_to(
        self, uid: UUID | str, path: str | os.PathLike[str], *, options: CallOptions | None = None
    ) -> Path:
        """Fetch the content of a file into a file of your own.

        The content is never whole in memory, and ``path`` is either complete or as it was before: a partial file beside
        it takes its place at the end. ``timeout`` bounds each wait for data, and only a ``deadline`` in ``options``
        the transfer as a whole.

        Args:
            uid: `uid` of the datafile.
            path: Where to write; replaced when it exists.

        Raises what ``download`` raises, and ``OSError`` when the file cannot be written.
        """
        caller = own_async_caller(self._caller)
        with FileSink(path, caller.io.clock.nonce()) as sink:
            await caller.io.run(
                download(caller.session, caller.defaults, generated.GET_DATAFILE, {"uid": uid}, options, sink)
            )
        return sink.path
