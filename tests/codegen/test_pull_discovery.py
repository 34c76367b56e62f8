"""``make pull`` of a page: where it finds the OpenAPI document that the page shows."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from accordant_codegen.read.load import parse
from tests.codegen.checkouts import MINIMAL, Checkout, refused
from tests.codegen.document_server import DocumentServer, Page, Route

AS_JSON = json.dumps(parse(MINIMAL, "minimal"))
HTML = {"Content-Type": "text/html; charset=utf-8"}
SCRIPT = {"Content-Type": "text/javascript"}
BUNDLE = Page('var url = "https://petstore.swagger.io/v2/swagger.json"', headers=SCRIPT)


@pytest.fixture
def server() -> Iterator[DocumentServer]:
    """A server for one test."""
    with DocumentServer() as started:
        yield started


def page(text: str) -> Page:
    return Page(f"<!DOCTYPE html><html><body>{text}</body></html>", headers=HTML)


SHOWN: dict[str, tuple[str, dict[str, Route]]] = {
    "fastapi": (
        "/docs",
        {"/docs": page("<script>const ui = SwaggerUIBundle({\n url: '/openapi.json',\n dom_id: '#x'})</script>")},
    ),
    "fastapi redoc": ("/redoc", {"/redoc": page('<redoc spec-url="/openapi.json"></redoc>')}),
    "redoc init": ("/r", {"/r": page("<script>Redoc.init('/openapi.json', {}, document.body)</script>")}),
    "scalar attribute": (
        "/reference",
        {"/reference": page('<script id="api-reference" data-url="/openapi.json"></script>')},
    ),
    "scalar configuration": (
        "/s",
        {
            "/s": page(
                '<script id="api-reference" data-configuration="{&quot;url&quot;:&quot;/openapi.json&quot;}"></script>'
            )
        },
    ),
    "scalar call": ("/s", {"/s": page("<script>Scalar.createApiReference('#app', { url: '/openapi.json' })</script>")}),
    "scalar sources": (
        "/s",
        {"/s": page("<script>Scalar.createApiReference('#app', {sources: [{ url: `/openapi.json` }]})</script>")},
    ),
    "elements": ("/e", {"/e": page('<elements-api apiDescriptionUrl="/openapi.json"></elements-api>')}),
    "rapidoc": ("/e", {"/e": page('<rapi-doc spec-url = "openapi.json"> </rapi-doc>')}),
    "springdoc": (
        "/swagger-ui/index.html",
        {
            "/swagger-ui/index.html": page(
                '<script src="./swagger-ui-bundle.js"></script><script src="./swagger-initializer.js"></script>'
            ),
            "/swagger-ui/swagger-ui-bundle.js": BUNDLE,
            "/swagger-ui/swagger-initializer.js": Page(
                'window.ui = SwaggerUIBundle({ url: "https://petstore.swagger.io/v2/swagger.json",'
                ' "configUrl" : "/v3/api-docs/swagger-config" })',
                headers=SCRIPT,
            ),
            "/v3/api-docs/swagger-config": Page('{"configUrl": "/x", "url": "/openapi.json"}'),
        },
    ),
    "swashbuckle": (
        "/swagger/index.html",
        {
            "/swagger/index.html": page(
                '<script>var configObject = JSON.parse(\'{"urls":[{"url":"../openapi.json","name":"V1"}]}\');</script>'
            )
        },
    ),
    "escaped": ("/e", {"/e": page('<script>var c = JSON.parse("{\\"url\\":\\"\\/openapi.json\\"}");</script>')}),
    "nestjs": (
        "/api/",
        {
            "/api/": page('<script src="./swagger-ui-init.js"></script>'),
            "/api/swagger-ui-init.js": Page(
                f'let options = {{"swaggerDoc": {AS_JSON}, "customOptions": {{}}}};', 200, SCRIPT
            ),
        },
    ),
    "redoc inside": (
        "/",
        {"/": page(f"<script>const __redoc_state = {json.dumps({'spec': {'data': json.loads(AS_JSON)}})};</script>")},
    ),
    "scalar inside": ("/", {"/": page(f'<script id="api-reference" type="application/json">{AS_JSON}</script>')}),
    "a link": ("/dev", {"/dev": page('<a href="/blog">Blog</a> <a href="/openapi.json">OpenAPI</a>')}),
    "a link to the page": (
        "/",
        {"/": page('<a href="/api-docs/">Docs</a>'), "/api-docs/": page('<redoc spec-url="/openapi.json"></redoc>')},
    ),
    "service-desc": ("/dev", {"/dev": page('<link rel="service-desc" href="/openapi.json">')}),
    "link header": ("/dev", {"/dev": Page("<p>", 200, {**HTML, "Link": '</openapi.json>; rel="service-desc"'})}),
    "base": ("/a/b", {"/a/b": page('<base href="/"><redoc spec-url="openapi.json"></redoc>')}),
    "another origin is tried first and is not there": (
        "/",
        {"/": page('<redoc spec-url="http://127.0.0.1:9/x.json"></redoc><a href="/openapi.json">it</a>')},
    ),
}
USUAL = ("/openapi.json", "/openapi.yaml", "/swagger.json", "/v3/api-docs", "/v2/api-docs", "/swagger/v1/swagger.json")


class TestPages:
    @pytest.mark.parametrize("kind", SHOWN)
    def test_found(self, kind: str, checkout: Checkout, server: DocumentServer) -> None:
        """The document behind a page is found, whatever shows it."""
        place, routes = SHOWN[kind]
        server.routes.update({"/openapi.json": Page(AS_JSON), **routes})
        if "inside" in kind or kind == "nestjs":
            del server.routes["/openapi.json"]
        assert checkout.run("pull", "--vendor", "shop", "--url", server.url + place) == 0
        kept = checkout.root / "specs/shop/openapi.json"
        assert json.loads(kept.read_text()) == json.loads(AS_JSON)

    @pytest.mark.parametrize("place", USUAL)
    @pytest.mark.parametrize("root", [page("<h1>Our API</h1>"), Page("{}", 404), Page('{"status": "ok"}')])
    def test_usual_places(self, root: Page, place: str, checkout: Checkout, server: DocumentServer) -> None:
        """The bare address of a server is enough where the document is at one of the usual places."""
        server.routes.update({"/": root, place: Page(AS_JSON)})
        assert checkout.run("pull", "--vendor", "shop", "--url", server.url) == 0

    def test_usual_page(self, checkout: Checkout, server: DocumentServer) -> None:
        """So it is where a page at one of the usual places names the document."""
        server.routes.update(
            {"/docs": page('<redoc spec-url="/hidden/it.json"></redoc>'), "/hidden/it.json": Page(AS_JSON)}
        )
        assert checkout.run("pull", "--vendor", "shop", "--url", server.url) == 0

    def test_found_again(self, checkout: Checkout, server: DocumentServer) -> None:
        """Where it was found is asked first the next time, conditionally; where it has moved it is searched anew."""
        first = Page(AS_JSON, headers={"ETag": '"1"'})
        server.routes.update({"/docs": page('<redoc spec-url="/v1.json"></redoc>'), "/v1.json": first})
        assert checkout.run("pull", "--vendor", "shop", "--url", f"{server.url}/docs") == 0
        server.asked.clear()
        assert checkout.run("pull") == 0
        assert server.paths == ["/v1.json"]
        del server.routes["/v1.json"]
        newer = AS_JSON.replace("closed", "shut")
        server.routes.update({"/docs": page('<redoc spec-url="/v2.json"></redoc>'), "/v2.json": Page(newer)})
        assert checkout.run("pull") == 0
        assert "shut" in (checkout.root / "specs/shop/openapi.json").read_text()

    def test_several(self, checkout: Checkout, server: DocumentServer, capsys: pytest.CaptureFixture[str]) -> None:
        """A page with several documents gives the first one; the others are named."""
        urls = '<script>SwaggerUIBundle({urls: [{url: "/v2.json", name: "2"}, {url: "/v1.json", name: "1"}]})</script>'
        server.routes.update({"/docs": page(urls), "/v2.json": Page(AS_JSON), "/v1.json": Page(AS_JSON)})
        assert checkout.run("pull", "--vendor", "shop", "--url", f"{server.url}/docs") == 0
        assert (
            f"the page names more documents: {server.url}/v1.json. Pull one of them by its address"
            in capsys.readouterr().out
        )

    def test_nowhere(self, checkout: Checkout, server: DocumentServer, capsys: pytest.CaptureFixture[str]) -> None:
        """A site without a document is refused after a limited number of requests."""
        links = "".join(f'<a href="/openapi/{number}">{number}</a>' for number in range(200))
        server.routes["/"] = page(links)
        message = refused(checkout, capsys, "pull", "--vendor", "shop", "--url", server.url)
        assert "no OpenAPI document was found" in message
        assert len(server.asked) <= 60

    def test_credentials_stay(
        self, checkout: Checkout, server: DocumentServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A page that names a document on another host does not get the credentials sent there."""
        monkeypatch.setenv("SHOP_TOKEN", "tok-51bc")
        with DocumentServer({"/o.json": Page(AS_JSON)}) as other:
            server.routes["/docs"] = page(f'<redoc spec-url="{other.url}/o.json"></redoc>')
            folder = checkout.root / "specs/shop"
            folder.mkdir(parents=True)
            (folder / "source.toml").write_text(
                f'document = "o.json"\n[pull]\nurl = "{server.url}/docs"\nheaders = {{X-Token = "${{SHOP_TOKEN}}"}}\n'
            )
            assert checkout.run("pull") == 0
            assert server.asked[0][1]["x-token"] == "tok-51bc"
            assert "x-token" not in other.asked[0][1]
