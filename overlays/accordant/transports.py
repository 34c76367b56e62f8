"""What carries a client's requests over the network.

::

    from accordant import transports
    from accordant.dispatch import Dispatch

    api = Dispatch.from_env(transport=transports.FAST)

- ``HTTPX``: on httpx, the default.
- ``HTTPX2``: on httpx2, httpx's continuation (``pip install 'accordant[httpx2]'``). Where httpx is not installed and
  httpx2 is, this is the default.
- ``FAST``: on httptools, a parser written in C (``pip install 'accordant[fast]'``): a call costs less than half of what
  it costs on httpx. It refuses SOCKS proxies.

Without the setting, the environment variable ``ACCORDANT_TRANSPORT`` decides: ``httpx``, ``httpx2`` or ``fast``. All of
them take the same ``HttpOptions`` and keep the same promises; docs/client.md says in what they differ.
"""

from ._http.engines import FAST, HTTPX, HTTPX2, Network

__all__ = ["FAST", "HTTPX", "HTTPX2", "Network"]
