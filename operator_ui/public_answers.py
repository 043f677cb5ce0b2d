"""How the public page is answered: the file's bytes, kept a short while, in the reader's tongue."""

from starlette.requests import Request
from starlette.responses import Response

from operator_ui.public_pages import EVERY_S, PublicPages, policy
from operator_ui.rendering import render
from operator_ui.words import tongue_of

KEPT = f"public, max-age={int(2 * EVERY_S)}"


def answered(pages: PublicPages, request: Request, commune: str) -> Response:
    """Return a commune's page; without a code its own, or the list of all where there are more."""
    language = tongue_of(request).code
    page = pages.page(commune or pages.own, language)
    if page is None:
        return _listed(pages, language, missing=bool(commune))
    headers = {
        "cache-control": KEPT,
        "content-security-policy": policy(),
        "content-language": language,
        "vary": "accept-language",
        "etag": page.mark,
    }
    if request.headers.get("if-none-match") == page.mark:
        return Response(status_code=304, headers=headers)
    return Response(page.html, media_type="text/html", headers=headers)


def _listed(pages: PublicPages, language: str, *, missing: bool) -> Response:
    values = {"communes": pages.named()}
    html = render("public_communes.html", language, values)
    headers = {"cache-control": KEPT, "content-security-policy": policy()}
    status = 404 if missing else 200 if values["communes"] else 503
    return Response(html, status, media_type="text/html", headers=headers)
