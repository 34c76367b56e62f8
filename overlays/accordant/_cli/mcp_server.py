"""A server of the Model Context Protocol whose tools are a vendor's methods. It needs the extra ``mcp``."""

from __future__ import annotations

import signal
from functools import partial
from typing import Any, Final

from .._client.clients import Client
from .._version import __version__
from .tools import Tool, run_tool

try:
    import anyio
    from anyio.from_thread import check_cancelled
    from mcp import MCPError, types
    from mcp.server import Server, ServerRequestContext
    from mcp.server.stdio import stdio_server
except ImportError as problem:
    raise ImportError("accordant mcp needs an extra: pip install 'accordant[mcp]'", name=problem.name) from None

_AT_ONCE: Final = 8
"""Calls that run at the same time, each in a thread."""


def server(vendor: str, api: Client, tools: dict[str, Tool]) -> Server[dict[str, Any]]:
    """A server with these tools; each call of one is a call of the client."""
    threads = anyio.CapacityLimiter(_AT_ONCE)

    async def list_tools(
        _: ServerRequestContext[dict[str, Any]], __: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in tools.values()])

    async def call_tool(
        _: ServerRequestContext[dict[str, Any]], asked: types.CallToolRequestParams
    ) -> types.CallToolResult:
        tool = tools.get(asked.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"there is no tool {asked.name!r}")
        work = partial(run_tool, api, tool, asked.arguments or {}, check_cancelled)
        text, failed = await anyio.to_thread.run_sync(work, limiter=threads)
        return types.CallToolResult(content=[types.TextContent(text=text)], is_error=failed)

    return Server(f"accordant-{vendor}", version=__version__, on_list_tools=list_tools, on_call_tool=call_tool)


def serve(vendor: str, api: Client, tools: dict[str, Tool]) -> None:
    """Serve on the standard streams until the input ends."""

    async def serving() -> None:
        made = server(vendor, api, tools)
        async with stdio_server() as (incoming, outgoing):
            await made.run(incoming, outgoing, made.create_initialization_options())

    # A thread of the SDK sits in a read that nothing interrupts: Ctrl-C must end the process, as SIGTERM does.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        anyio.run(serving)
    finally:
        signal.signal(signal.SIGINT, before)


def _described(tool: Tool) -> types.Tool:
    hints = types.ToolAnnotations(
        read_only_hint=tool.reads,
        destructive_hint=None if tool.reads else tool.deletes,
        idempotent_hint=tool.idempotent,
    )
    return types.Tool(name=tool.name, description=tool.description, input_schema=dict(tool.schema), annotations=hints)
