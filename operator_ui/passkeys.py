"""What scripts ask of us for a passkey: to sign in, to confirm, to add one; JSON both ways."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from typing_extensions import override

from dispatcher.access.ceremony import Browser, KeyNotKept
from dispatcher.access.passkey_doors import (
    Asked,
    begin_sign_in,
    begin_step_up,
    finish_sign_in,
    finish_step_up,
)
from dispatcher.access.passkeys import begin_registration, finish_registration
from dispatcher.access.relying_party import RelyingParty
from dispatcher.access.sessions import SignInRefused, stepped_up
from dispatcher.api.permissions import OWN, PUBLIC, needs
from dispatcher.store.factors import codes_left
from dispatcher.store.logbook import Entry
from dispatcher.store.sessions import Session, end_others
from dispatcher.store.users import User
from dispatcher.store.versions import Chained
from operator_ui.doors import ConfirmFirst, FormRefused, admit, held_session, signed_in
from operator_ui.guest_forms import guest_cookie, inside, keep_session, source_of
from operator_ui.installation import Installation, installation
from operator_ui.relying import party_of
from operator_ui.same_origin import token_fits
from operator_ui.words import sentence, tongue_of

KEYS_PAGE = "/compte/cles"
MOST_BYTES = 65_536  # an answer has two thousand; the certificates of some keys a few more
LONGEST_AGENT = 200
NO_NAME = (
    "Les clés d'accès demandent une adresse en https qui ait un nom : réglez TOCSIN_PUBLIC_URL."
)

LATE = "Cette page a trop attendu : rechargez-la, confirmez que c'est vous, puis recommencez."

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Told = Mapping[str, Any]


class Spoken(APIRoute):
    """A route whose refusals are RFC 9457 problems in the reader's language."""

    @override
    def get_route_handler(self) -> Handler:
        """Answer, or say in a sentence why not."""
        serve = super().get_route_handler()

        async def spoken(request: Request) -> Response:
            try:
                return await serve(request)
            except SignInRefused as refused:
                # Who is signed in already stays so: only her key was not taken.
                status = 401 if request.state.guest is None else 422
                return _problem(request, str(refused), status=status)
            except KeyNotKept as refused:
                return _problem(request, str(refused), status=409)
            except ConfirmFirst:
                return _problem(request, LATE, status=403)

        return spoken


router = APIRouter(dependencies=[Depends(admit)], route_class=Spoken)


async def told_by(request: Request) -> Told:
    """Read what a script sent (a FastAPI dependency); nothing where it cannot be read.

    Nothing is refused where it is used, as any wrong answer is.
    """
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > MOST_BYTES:
            return {}
    try:
        told = orjson.loads(read)
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def named(request: Request, held: Annotated[Installation, Depends(installation)]) -> RelyingParty:
    """Return who asks for a key (a FastAPI dependency); raises KeyNotKept without a host name."""
    party = party_of(request, held)
    if not party.rp_id:
        raise KeyNotKept(NO_NAME)
    return party


def newcomer(request: Request, held: Annotated[Installation, Depends(installation)]) -> Browser:
    """Return the browser of our sign-in form (a FastAPI dependency); raises FormRefused."""
    return _browser(request, held, secret=request.cookies.get(guest_cookie(held), ""))


def own_script(request: Request, held: Annotated[Installation, Depends(installation)]) -> Browser:
    """Return the browser of a session on our own page (a FastAPI dependency), or FormRefused."""
    return _browser(request, held, secret=held_session(request).ident)


Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
Mine = Annotated[Session, Depends(held_session)]
Newcomer = Annotated[Browser, Depends(newcomer)]
Own = Annotated[Browser, Depends(own_script)]
Party = Annotated[RelyingParty, Depends(named)]
Said = Annotated[Told, Depends(told_by)]


@router.post("/connexion/cle/options")
@needs(PUBLIC)
async def sign_in_options(held: Held, browser: Newcomer, party: Party, said: Said) -> Response:
    """Return what a browser needs to sign in with a key."""
    asked = _asked(held, said)
    return JSONResponse(await begin_sign_in(party, asked, secret=browser.secret))


@router.post("/connexion/cle/verification")
@needs(PUBLIC)
async def sign_in_answer(held: Held, browser: Newcomer, party: Party, said: Said) -> Response:
    """Open a session for the owner of the key that answered."""
    asked = _asked(held, said)
    session = await finish_sign_in(party, asked, answer=_answer(said), browser=browser)
    answer = _then(inside(_text(said, "vers") or "/"))
    keep_session(answer, held, session)
    answer.delete_cookie(guest_cookie(held), secure=held.https, samesite="strict")
    return answer


@router.post("/confirmer/cle/options")
@needs(OWN)
async def confirmation_options(guest: SignedIn, browser: Own, party: Party) -> Response:
    """Return what a browser needs to confirm who is signed in."""
    return JSONResponse(await begin_step_up(party, guest, secret=browser.secret))


@router.post("/confirmer/cle/verification")
@needs(OWN)
async def confirmation(held: Held, mine: Mine, browser: Own, party: Party, said: Said) -> Response:
    """Note that who is signed in has shown it again."""
    token = await finish_step_up(party, mine, answer=_answer(said), browser=browser)
    answer = _then(inside(_text(said, "vers") or "/"))
    keep_session(answer, held, token)
    return answer


@router.post(f"{KEYS_PAGE}/options")
@needs(OWN, confirmed=True, page=KEYS_PAGE)
async def new_key_options(guest: SignedIn, browser: Own, party: Party) -> Response:
    """Return what a browser needs to make a key."""
    return JSONResponse(await begin_registration(party, guest, secret=browser.secret))


@router.post(f"{KEYS_PAGE}/verification")
@needs(OWN, confirmed=True, page=KEYS_PAGE)
async def new_key(held: Held, mine: Mine, browser: Own, party: Party, said: Said) -> Response:
    """Keep a key that a browser made; making it has shown it. First keys lead to printed codes."""
    user = mine.user
    await finish_registration(
        party, user, answer=_answer(said), secret=browser.secret, label=_text(said, "label")
    )
    entry = Entry(user.login, "access.key_added", "Autres sessions fermées", {"login": user.login})
    await end_others(held.ledger, mine, line=Chained(entry, held.services.logbook_key))
    left = await codes_left(held.ledger, user.commune, user.login)
    answer = _then(f"{KEYS_PAGE}?fait=ajout" if left else "/compte/codes")
    keep_session(answer, held, await stepped_up(held.ledger, mine))
    return answer


def _browser(request: Request, held: Installation, *, secret: str) -> Browser:
    """Return whose script this is; raises FormRefused unless it holds the token of its page."""
    if not token_fits(held.session_key, secret, request.headers.get("x-tocsin-token", "")):
        raise FormRefused
    agent = request.headers.get("user-agent", "")[:LONGEST_AGENT]
    return Browser(secret, source_of(request), agent)


def _asked(held: Installation, said: Told) -> Asked:
    """Return for whom: with no name any account may answer, of the one commune or of all."""
    login = _text(said, "login").strip()
    return Asked(held.place.commune or (_text(said, "commune") if login else ""), login)


def _answer(said: Told) -> Told:
    answer = said.get("credential")
    return answer if isinstance(answer, dict) else {}


def _text(said: Told, name: str) -> str:
    given = said.get(name)
    return given if isinstance(given, str) else ""


def _then(path: str) -> JSONResponse:
    """Tell the script which page comes next."""
    return JSONResponse({"then": path})


def _problem(request: Request, why: str, *, status: int) -> JSONResponse:
    """Say in the reader's language why nothing was done (RFC 9457)."""
    told = {
        "type": "about:blank#passkey",
        "title": "passkey",
        "status": status,
        "detail": sentence(why, tongue_of(request).code),
    }
    return JSONResponse(told, status, media_type="application/problem+json")
