"""Forms of people who are not signed in: their token is tied to a cookie made with the page."""

import secrets
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from operator_ui.doors import FormRefused
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.same_origin import form_token, token_fits


class TwicePassword(BaseModel):
    """A password that somebody chooses, typed twice."""

    password: str = Field("", max_length=1000)
    again: str = Field("", max_length=1000)

    @property
    def problem(self) -> str:
        """What keeps it from being taken, in a sentence; empty where nothing does."""
        same = self.password == self.again
        return "" if same else "Les deux mots de passe diffèrent : recommencez."


async def guest_page(
    request: Request,
    held: Installation,
    template: str,
    *,
    shown: Mapping[str, object],
    status: int = 200,
) -> HTMLResponse:
    """Return a page with a form for whoever comes; `form_token` goes in it."""
    nonce = request.cookies.get(guest_cookie(held)) or secrets.token_urlsafe(24)
    values = {**shown, "form_token": form_token(held.session_key, nonce)}
    answer = await page(request, held, template, shown=values, status=status)
    answer.set_cookie(
        guest_cookie(held), nonce, httponly=True, secure=held.https, samesite="strict", path="/"
    )
    return answer


async def guest_form(
    request: Request, held: Annotated[Installation, Depends(installation)]
) -> None:
    """Refuse a form that does not carry the token of its page (a FastAPI dependency)."""
    given = (await request.form()).get("token")
    if not token_fits(held.session_key, request.cookies.get(guest_cookie(held), ""), given):
        raise FormRefused


def let_through(held: Installation, session: str, *, to: str) -> RedirectResponse:
    """Give the browser its session's cookie, and send it on."""
    answer = RedirectResponse(to, 303)
    keep_session(answer, held, session)
    answer.delete_cookie(guest_cookie(held), secure=held.https, samesite="strict")
    return answer


def keep_session(answer: Response, held: Installation, session: str) -> None:
    """Set the session's cookie: out of reach of scripts and of other sites."""
    answer.set_cookie(
        held.cookie, session, httponly=True, secure=held.https, samesite="strict", path="/"
    )


def source_of(request: Request) -> str:
    """Return where a request comes from: an address, or the /64 that one subscriber holds."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(int(address) >> 64)
    return host


def inside(address: str) -> str:
    """Return a path of this site: never another site's address, whatever the link said."""
    plain = address.isascii() and all(sign > " " for sign in address) and "\\" not in address
    if not plain or not address.startswith("/") or address.startswith("//"):
        return "/"
    return address


def guest_cookie(held: Installation) -> str:
    """Return the name of the cookie that binds a guest's form to her browser."""
    return f"{held.cookie}-form"
