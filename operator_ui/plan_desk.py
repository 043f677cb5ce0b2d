"""What every page of the plan needs: the plan read, a change saved, faults said at their field."""

import re
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, HTTPException, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData, UploadFile

from dispatcher.alerts.local_hour import local_hour
from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import AlertRefused
from dispatcher.revision import editing
from dispatcher.revision.editing import Change, Edit, Outcome
from dispatcher.revision.numbers import reader_of
from dispatcher.store.plans import PlanFiles, PlanMoved
from dispatcher.store.users import User
from operator_ui.doors import own_form, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown
from operator_ui.words import tongue_of, translations
from plans.faults import Language, PlanFault
from plans.typed import Phone
from plans.yaml_edit import NoSuchRecord

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]

LARGEST_FORM = 3_000_000  # bytes: a table of a megabyte comes back as a form that confirms it
MOST_FIELDS = 5_000
GONE = "Cette fiche n'est plus dans le plan : quelqu'un l'a retirée."


async def small_form(request: Request) -> AsyncIterator[None]:
    """Refuse a form that does not say its length, or is larger than a plan needs.

    The files that it brought are closed once it is answered.
    """
    told = request.headers.get("content-length", "")
    if not told.isdigit():
        raise HTTPException(411)
    if int(told) > LARGEST_FORM:
        raise HTTPException(413)
    try:
        yield
    finally:
        await request.close()


ACTS = [Depends(small_form), Depends(own_form)]  # the size first: the token is read from the form


@dataclass(frozen=True)
class Desk:
    """The plan in force as one request sees it, and who reads it."""

    request: Request
    held: Installation
    guest: User
    plan: PlanFiles

    @property
    def language(self) -> Language:
        """The reader's language, of the pages and of the faults."""
        return "en" if tongue_of(self.request).code == "en" else "fr"

    @property
    def phone(self) -> Phone:
        """What reads a number as people of this commune write it."""
        return reader_of(self.guest.commune)

    def said(self, french: str) -> str:
        """Say a sentence in the reader's language."""
        return translations(self.language).gettext(french)

    async def page(
        self, template: str, shown: Mapping[str, object], *, status: int = 200
    ) -> HTMLResponse:
        """Show a page of the plan; forms carry `base`, the digest of the plan that was read."""
        values = {"base": self.plan.digest, "problem": "", **shown}
        return await page(self.request, self.held, template, shown=values, status=status)

    async def missing(self) -> HTMLResponse:
        """Say that there is nothing at this address."""
        return await page(self.request, self.held, "missing.html", status=404)


@dataclass(frozen=True)
class Saved:
    """What became of a change: the outcome, or a sentence that says why there is none."""

    outcome: Outcome | None
    problem: str = ""

    @property
    def done(self) -> bool:
        """Whether the plan is now as it was asked."""
        return self.outcome is not None and not self.outcome.reading.faults

    @property
    def faults(self) -> tuple[PlanFault, ...]:
        """What the plan would have been refused for."""
        return self.outcome.reading.faults if self.outcome else ()


async def opened(request: Request, held: Installation, guest: User) -> Desk:
    """Read the plan in force; raises NotThere before the first one."""
    return Desk(request, held, guest, await editing.current(held.office(guest.commune)))


async def save(desk: Desk, form: FormData, change: Change, *, only_look: bool = False) -> Saved:
    """Change the plan that the form was made from, or only tell what this would do."""
    office = desk.held.office(desk.guest.commune)
    asked = Edit(text_of(form, "base"), change, text_of(form, "motif"), desk.language)
    actor = Actor(desk.guest.login, desk.guest.function, desk.guest.contact_id)
    try:
        if only_look:
            return Saved(await editing.preview(office, asked))
        return Saved(await editing.edit(office, asked, actor=actor))
    except PlanMoved as moved:
        return Saved(None, await moved_words(desk.request, desk.held, desk.guest, moved))
    except NoSuchRecord:
        return Saved(None, desk.said(GONE))
    except AlertRefused as refused:
        return Saved(None, desk.said(str(refused)))


async def moved_words(request: Request, held: Installation, guest: User, moved: PlanMoved) -> str:
    """Say who changed the plan meanwhile, and when."""
    zone: ZoneInfo = (await commune_shown(held, guest.commune)).zone
    when = local_hour(datetime.fromtimestamp(moved.at, UTC).astimezone(zone), zone)
    words = translations(tongue_of(request).code).gettext(
        "%(who)s a changé le plan à %(when)s, pendant votre saisie : rien n'est enregistré. "
        "Rouvrez la page pour partir de sa version."
    )
    return words % {"who": moved.by, "when": when}


def sorted_faults(
    faults: Iterable[PlanFault], field_of: Callable[[PlanFault], str | None]
) -> tuple[dict[str, list[str]], list[PlanFault]]:
    """Part the faults: those of a field of this form by its name, and all the others."""
    mine: dict[str, list[str]] = {}
    others: list[PlanFault] = []
    for fault in faults:
        name = field_of(fault)
        if name:
            mine.setdefault(name, []).append(fault.message)
        else:
            others.append(fault)
    return mine, others


def lists_of(form: FormData) -> dict[str, list[str]]:
    """Give the texts of a form by their field's name."""
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items()[:MOST_FIELDS]:
        if isinstance(value, str):
            found.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return found


def text_of(form: FormData, name: str) -> str:
    """Give one text of a form, its line breaks as files have them; empty where it is absent."""
    value = form.get(name, "")
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


async def file_of(form: FormData, name: str, *, most: int) -> tuple[str, bytes]:
    """Give the name and content of an uploaded file, one byte too many where it is too large."""
    value = form.get(name)
    if not isinstance(value, UploadFile):
        return "", b""
    return value.filename or "", await value.read(most + 1)


def ident_of(words: str, taken: Iterable[str]) -> str:
    """Make an id of a name: letters without accents, digits and _, none that is taken."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    short = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:36] or "fiche"
    known = set(taken)
    if short not in known:
        return short
    return next(f"{short}_{n}" for n in range(2, 10_000) if f"{short}_{n}" not in known)
