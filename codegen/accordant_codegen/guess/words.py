"""The words that documents use for pages, in :func:`accordant_codegen.guess.facts.plain`
spelling: no signs, no capitals.

They come from public documents and common frameworks; a word that often means something else (``count``, ``from``,
``next``) counts only together with others, as ``paging`` says.
"""

from __future__ import annotations

PAGE = ("page", "pagenumber", "pagenum", "pageno", "pagenr", "pageindex", "currentpage", "pageid")
OFFSET = (
    *("offset", "skip", "startat", "startindex", "startposition", "pageoffset", "start", "firstresult", "rowoffset"),
    *("recordoffset", "startingindex", "startrow", "startrecord", "startfrom", "from"),
)
CURSOR = (
    *("cursor", "pagetoken", "nextpagetoken", "pagecursor", "nextcursor", "nexttoken", "continuationtoken", "iterator"),
    *("continuation", "startingafter", "startafter", "after", "aftercursor", "pageafter", "marker", "nextmarker"),
    *("paginationtoken", "bookmark", "scrollid", "scroll", "exclusivestartkey", "afterid", "startcursor", "next"),
    *("pagingtoken", "paginationcursor", "syncpagetoken", "continuetoken", "nextpage", "startkey", "pagestate"),
)
SIZE = (
    *("limit", "pagesize", "perpage", "size", "maxresults", "take", "top", "pagelimit", "count", "itemsperpage"),
    *("resultsperpage", "recordsperpage", "rowsperpage", "maxitems", "maxrecords", "numresults", "rpp", "length"),
    *("rows", "maxpagesize", "entriesperpage", "batchsize", "fetchsize", "num", "first", "pagecount", "maxentries"),
    *("resultspage", "countperpage", "numberofresults", "resultsize", "chunksize"),
)

ROWS = (
    *("data", "items", "results", "records", "values", "value", "entries", "list", "rows", "content", "elements"),
    *("objects", "collection", "resources", "hits", "nodes", "members", "response", "result", "entities", "documents"),
)
NOT_ROWS = frozenset(
    {"errors", "warnings", "links", "messages", "included", "includes", "facets", "sort", "sorts", "fields", "columns"}
    | {"headers", "aggregations", "filters", "scopes", "notices", "meta", "orderby", "groupby", "buckets", "deleted"}
    | {"htmlattributions", "debug", "info", "acceptedscopes", "failures", "skipped", "suggestions", "infomessages"}
)
"""Lists beside the rows, unless the path says so."""

TOTAL = (
    *("total", "totalcount", "totalitems", "totalresults", "totalrecords", "totalelements", "totalrows", "totalsize"),
    *("totalhits", "numfound", "recordstotal", "totalentries", "totalrecordcount", "totalnumber", "itemstotal"),
    *("totalitemcount", "resultstotal", "totalcountofitems", "totalobjects", "totalmatches", "countall", "rowcount"),
    *("allcount", "totalavailable", "fullcount", "nbhits", "recordcount", "totalresultcount", "numberofresults"),
)
"""The rows of all pages. ``count`` is the page's as often as the list's: its description has to say so."""

NEXT = (
    *("nextpagetoken", "nextcursor", "nexttoken", "nextpagecursor", "continuationtoken", "nextmarker", "endcursor"),
    *("nextiterator", "cursornext", "nextpagekey", "nextkey", "nextstartingafter", "nextcontinuationtoken", "afterid"),
    *(
        "nextid",
        "continuetoken",
        "scrollid",
        "iterator",
        "cursor",
        "after",
        "marker",
        "bookmark",
        "pagetoken",
        "continuation",
        "next",
    ),
    *("paginationtoken", "lastevaluatedkey", "lastkey", "pagestate", "pagingtoken", "nextpage", "lastid"),
)
NEXT_ADDRESS = (
    *("nextpageurl", "nextpageuri", "nexturl", "nexturi", "nextlink", "nextpagelink", "nexthref", "odatanextlink"),
    *("next", "nextpage"),
)
MORE = (
    *("hasmore", "hasnext", "hasnextpage", "more", "moreresults", "morerecords", "hasmoreitems", "hasmoreresults"),
    *("moredata", "hasmorepages", "hasmoredata", "moreavailable", "hasmorerecords", "morepages"),
)
LAST = ("done", "islast", "islastpage", "last", "lastpage", "complete", "finished", "endofresults", "isend")

META = frozenset(
    {"meta", "metadata", "pagination", "paging", "page", "pages", "pageinfo", "listmetadata", "responsemetadata"}
    | {"cursors", "cursor", "links", "pagemeta", "paginationinfo", "pageable", "info", "resultinfo", "resultset"}
    | {"collection", "paginationmetadata", "pagingmetadata", "resourceinfo", "summary", "attributes", "extensions"}
    | {
        "searchmetadata",
        "searchinfo",
        "pager",
        "paginator",
        "list",
        "header",
        "headers",
        "nextpage",
        "data",
        "response",
    }
)
"""Objects that may hold the total and the next cursor beside the rows."""

SIDE = META | frozenset(
    {"success", "ok", "status", "statuscode", "code", "message", "messages", "requestid", "object", "type", "kind"}
    | {"etag", "self", "href", "uri", "url", "count", "errors", "error", "warnings", "warning", "version", "apiversion"}
    | {
        "errorinfo",
        "errordetails",
        "timestamp",
        "took",
        "time",
        "included",
        "includes",
        "debug",
        "infomessages",
        "prev",
        "previous",
    }
    | {"resultscount", "correlationid", "traceid", "jsonapi", "response", "expand", "notices", "acceptedscopes"}
)
"""What may be beside a record or its list and is not the vendor's data."""
