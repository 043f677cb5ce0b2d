"""The page where a resident answers an alert: opening it does nothing, pressing a button does.

She may add words of her own, read as those of an SMS are, and say that she wants no more of it.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from channels.call_twiml import MISSION
from dispatcher.alerts.refusals import AlertRefused, NotSo
from dispatcher.alerts.written import (
    LONGEST,
    STOP_ALL,
    Written,
    answer_written,
    heard_late,
    of_danger,
    runs,
)
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.delivery.answers import record_to
from dispatcher.delivery.content import LINK_BLANK, SUMMONS, Content, Texts
from dispatcher.delivery.mission_words import filled
from dispatcher.delivery.tokens import page_names
from dispatcher.store.alert_lines import (
    Question,
    alert_versions,
    question,
    question_of,
    that_counts,
)
from dispatcher.store.help_calls import HELP
from dispatcher.store.names import delivery_id
from dispatcher.store.summons_answers import YES_OR_NO
from dispatcher.store.written import address_of
from dispatcher.tasking.phone_from_order import Order, open_page, order_by
from operator_ui.crisis import status_of, told
from operator_ui.doors import admit
from operator_ui.installation import Installation, installation
from operator_ui.plan_shown import commune_shown
from operator_ui.rendering import render
from operator_ui.signup import masked
from operator_ui.words import LANGUAGES, tongue_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]

TEAM_PAGE = "team_page"  # what the button that opens a team's page sends
WRITE, CONSENTS = "write", ("stop", STOP_ALL, "start")  # what the other buttons send
TOKEN_CHARS = 64  # more than any token of ours: anything longer is not looked up
PLAYED = ("exercise", "rehearsal")  # whose messages nobody refuses: they are her players' work


class Answer(BaseModel):
    """What the page sends: the button, the words beside it, and which form it was."""

    kind: str = ""
    words: str = ""
    once: str = ""


@router.get("/a/{token}")
@needs(PUBLIC)
async def ask(token: str, request: Request, held: Held) -> HTMLResponse:
    """Show the alert and the two buttons, or what was answered; nothing is written."""
    return await _shown(request, held, await _asked(held, token))


@router.post("/a/{token}")
@needs(PUBLIC)
async def answer(
    token: str, request: Request, held: Held, sent: Annotated[Answer, Form()]
) -> Response:
    """Record an answer, then show the page again: a reload sends nothing twice.

    A page that was opened before the end still takes a request for help, and words, for a day, as
    an SMS does. Or lead who was ordered somewhere to her team's page.
    """
    asked = await _asked(held, token)
    if asked is None:
        return await _shown(request, held, None)
    if sent.kind == TEAM_PAGE and (order := await _order(held, asked)):
        try:
            made = await open_page(held.office(asked.commune), order)
        except AlertRefused as refusal:
            return await _shown(request, held, asked, refusal=refusal)
        return RedirectResponse(made.path, 303)
    try:
        kept = await _kept(held, asked, sent)
    except AlertRefused as refusal:
        return await _shown(request, held, asked, refusal=refusal)
    return RedirectResponse(request.url.path, 303) if kept else await _shown(request, held, asked)


async def _kept(held: Installation, asked: Question, sent: Answer) -> bool:
    """Keep the button, then the words beside it; False where nothing of it is taken."""
    office, words = held.office(asked.commune), _plain(sent.words)
    if sent.kind in CONSENTS and _refusable(asked):
        await answer_written(office, asked, Written(sent.kind, "", sent.once))
        return True
    taken = _taken(asked, sent.kind) and _heard(asked, sent.kind)
    writes = asked.line.kind != SUMMONS and heard_late(asked)  # whichever button she found
    if sent.kind == WRITE and writes and not words:
        raise NotSo("Écrivez votre message avant de l'envoyer.")
    with_words = taken and sent.kind == HELP and bool(words)  # one cry, in her words
    if taken and not with_words:
        await record_to(held.ledger, asked.commune, asked.delivery_id, kind=sent.kind, via="page")
    if words and writes:
        kind = HELP if with_words else WRITE
        await answer_written(office, asked, Written(kind, words, sent.once))
    return taken or (writes and bool(words))


def _plain(words: str) -> str:
    """Return words that can be kept and shown: no control sign, no half of one."""
    whole = words.encode("utf-8", "replace").decode()[: 2 * LONGEST]
    shown = (one if one.isprintable() or one == "\n" else " " for one in whole)
    return "".join(shown).strip()[:LONGEST]


def _refusable(asked: Question) -> bool:
    """Whether the page may end our messages: not an exercise's, nor a summons'; while it is new."""
    of_hers = asked.line.kind != SUMMONS and asked.line.mode not in PLAYED
    return of_hers and bool(asked.told_of) and heard_late(asked)


async def _asked(held: Installation, token: str) -> Question | None:
    """Return what the page asks: of an alert that was corrected, its newest version.

    The answer then counts for that version, where its message is made for the same contact.
    """
    asked = await _named(held, token) if len(token) <= TOKEN_CHARS else None
    if asked is None:
        return None
    versions = await alert_versions(held.ledger, asked.commune, asked.line.alert_id)
    counts = that_counts(versions) or asked.line
    if counts.version_id == asked.version_id:
        return asked
    same = delivery_id(f"{asked.commune}{counts.version_id}", asked.medium, asked.contact_mark)
    again = await question_of(held.ledger, asked.commune, same)
    return again or replace(asked, line=counts)


async def _named(held: Installation, token: str) -> Question | None:
    for page in page_names(held.services.tokens, token):
        if (asked := await question(held.ledger, page)) is not None:
            return asked
    return None


async def _order(held: Installation, asked: Question) -> Order | None:
    """Return the order that the page is about, where it is one and still stands."""
    if asked.line.kind != SUMMONS or Content.of(asked.line.content).asks != MISSION:
        return None
    return await order_by(held.office(asked.commune), asked.line.alert_id)


async def _shown(
    request: Request,
    held: Installation,
    asked: Question | None,
    *,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    tongue = tongue_of(request)
    commune = await commune_shown(held, asked.commune if asked else held.place.commune)
    surround = {"zone": commune.zone, "sandboxed": held.sandboxed}
    if asked is None:
        return HTMLResponse(render("answer_unknown.html", tongue.code, surround), 404)
    wanted = tongue.code if tongue.chosen else asked.language
    language = wanted if wanted in LANGUAGES else "en"
    template = "answer_summons.html" if asked.line.kind == SUMMONS else "answer.html"
    order = await _order(held, asked)
    more: dict[str, object] = {
        "team": order.team if order else None,
        "problem": told(request, refusal) if refusal else None,
    }
    content = await filled(
        held.ledger, asked.commune, asked.line.alert_id, Content.of(asked.line.content)
    )
    status = status_of(refusal) if refusal else 200
    if _refusable(asked):
        more["to"] = masked(await address_of(held.ledger, asked.commune, asked.delivery_id))
    html = render(template, language, {**surround, **_told(asked, content, wanted), **more})
    return HTMLResponse(html, status)


def _told(asked: Question, content: Content, language: str) -> Mapping[str, object]:
    """Return the alert in the reader's language, or in the commune's where hers is not written."""
    spoken, texts = content.words(language)
    return {
        "line": asked.line,
        "issuer": content.issuer,
        "spoken": spoken,
        "title": texts.email_subject,
        "text": instruction(texts),
        "answered": asked.answered,
        "offers_help": content.offers_help,
        "asks": content.asks,
        "running": runs(asked),
        "wrote": asked.wrote,
        "told_of": asked.told_of if _refusable(asked) else "",
        "of_danger": of_danger(asked),
        "commune": asked.commune,
        "longest": LONGEST,
    }


def _taken(asked: Question, kind: str) -> bool:
    """Tell whether the commune takes this answer: a form kept from elsewhere may hold any."""
    content = Content.of(asked.line.content)
    if content.is_summons:
        return kind in YES_OR_NO
    return kind == "understood" or (kind == HELP and content.offers_help)


def _heard(asked: Question, kind: str) -> bool:
    return runs(asked) or (kind == HELP and heard_late(asked))


def instruction(texts: Texts) -> str:
    """Return the alert's fullest text without the sentence that sends the reader to this page."""
    lines = []
    for line in texts.email_body.splitlines():
        sentences = re.split(r"(?<=[.!?])\s+", line)
        kept = " ".join(one for one in sentences if LINK_BLANK not in one)
        if kept or not line.strip():
            lines.append(kept)
    return "\n".join(lines).strip()
