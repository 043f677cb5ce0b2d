"""The main courante as people keep it: books opened and closed, lines written, corrected, closed.

A line tells when it happened and when it was written; it is never changed. A correction is a new
line that names the old one, and the follow-up of a request is a later line too.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dispatcher.sentences import Sentence
from dispatcher.store import books as store
from dispatcher.store.books import CLOSING, CORRECTION, LINE, NewBook, NotWritten, Opening
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, Particulars

CHANNELS = ("phone", "radio", "mail", "in_person", "system", "paper")
KINDS = ("general", "cell", "centre", "provisional")
MOST_CHARS = 4000
CODE_CHARS, LABEL_CHARS = 40, 120
AHEAD = timedelta(minutes=5)  # a watch may be fast; an event of tomorrow is a mistake
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
GENERAL = NewBook("pcc", "Poste de commandement", "general")
_WHY: Mapping[str, str] = {
    "no_event": "Cet événement n'existe pas : prenez son identifiant dans la liste des événements.",
    "no_book": "Ce registre n'existe pas : choisissez-en un de la liste.",
    "book_closed": "Ce registre est clos : seules les lignes notées sur papier (canal « papier »)"
    " et les corrections s'y ajoutent encore.",
    "no_line": "La ligne {number} n'existe pas.",
    "automatic": "La ligne {number} a été écrite par Tocsin : elle ne se corrige pas. Écrivez"
    " une ligne qui dit ce qu'il faut savoir.",
    "corrected": "Cette ligne a déjà été corrigée : corrigez la ligne {number}.",
    "closed": "Cette ligne est déjà classée, par la ligne {number}.",
}


class LineRefused(Sentence):
    """A line that cannot be written as it is, said in a sentence of French."""


@dataclass(frozen=True)
class Keeper:
    """Who keeps the logbooks of a commune, and the key of their chain."""

    ledger: Ledger
    commune: str
    key: bytes


@dataclass(frozen=True)
class Spot:
    """Where a line is written: a book, of a crisis or of the commune (`event_id` empty).

    Without a book it is a line of the commune's running journal.
    """

    book: str = ""
    event_id: str = ""


@dataclass(frozen=True)
class Told:
    """What a writer says; every text may be empty, but not all of them. `at` None means now."""

    text: str = ""
    origin: str = ""
    channel: str = ""
    request: str = ""
    decision: str = ""
    decision_by: str = ""
    execution_by: str = ""
    at: datetime | None = None


async def open_books(
    keeper: Keeper, books: Sequence[NewBook], *, event_id: str, by: str
) -> list[str]:
    """Open those of these books that are not open yet; return their codes. Raises LineRefused."""
    for one in books:
        if not (0 < len(one.code) <= CODE_CHARS and 0 < len(one.label) <= LABEL_CHARS):
            raise LineRefused(
                "Un registre a un code de {code_chars} caractères au plus et un nom de "
                "{label_chars} : « {code} ».",
                code_chars=CODE_CHARS,
                label_chars=LABEL_CHARS,
                code=one.code,
            )
        if one.kind not in KINDS:
            raise LineRefused("« {kind} » n'est pas une sorte de registre.", kind=one.kind)
    named = ", ".join(one.label for one in books)
    opening = Opening(keeper.commune, event_id, books, by)
    data = {"books": [one.code for one in books]}
    entry = _entry(by, "logbook.opened", f"Registres ouverts : {named}", data, event_id)
    return await store.open_books(keeper.ledger, opening, entry=entry, key=keeper.key)


async def close_books(keeper: Keeper, *, event_id: str, by: str) -> int:
    """Close the books of a crisis: paper lines and corrections may still follow."""
    entry = _entry(by, "logbook.closed", "Registres clos", {}, event_id)
    return await store.close_books(
        keeper.ledger, keeper.commune, event_id, entry=entry, key=keeper.key
    )


def _entry(by: str, kind: str, text: str, data: Mapping[str, object], event_id: str) -> Entry:
    return Entry(by, kind, text, data, particulars=Particulars(event=event_id or None))


async def write_line(keeper: Keeper, told: Told, *, spot: Spot, by: str) -> int:
    """Write a line; return its number. Raises LineRefused."""
    return await _write(keeper, _checked(told), LINE, by=by, rest=_of(spot))


async def correct_line(keeper: Keeper, told: Told, *, number: int, spot: Spot, by: str) -> int:
    """Write what a line should have said, as a new line; return its number. Raises LineRefused."""
    rest = Particulars(book=spot.book or None, event=spot.event_id or None, supersedes=number)
    return await _write(keeper, _checked(told), CORRECTION, by=by, rest=rest)


async def close_line(keeper: Keeper, told: Told, *, number: int, spot: Spot, by: str) -> int:
    """Tell the follow-up of a line, which closes it; return the new number. Raises LineRefused."""
    rest = Particulars(book=spot.book or None, event=spot.event_id or None, closes=number)
    return await _write(keeper, _checked(told), CLOSING, by=by, rest=rest)


def _of(spot: Spot) -> Particulars:
    return Particulars(book=spot.book or None, event=spot.event_id or None)


async def _write(keeper: Keeper, told: Told, kind: str, *, by: str, rest: Particulars) -> int:
    particulars = Particulars(
        book=rest.book,
        event=rest.event,
        origin=told.origin or None,
        channel=told.channel or None,
        request=told.request or None,
        decision=told.decision or None,
        decision_by=told.decision_by or None,
        execution_by=told.execution_by or None,
        supersedes=rest.supersedes,
        closes=rest.closes,
    )
    entry = Entry(by, kind, told.text, at=told.at, particulars=particulars)
    try:
        return await store.write(keeper.ledger, commune=keeper.commune, entry=entry, key=keeper.key)
    except NotWritten as refused:
        raise LineRefused(_WHY[refused.why].format(number=refused.number)) from refused


def _checked(told: Told) -> Told:
    """Return what was said without what no screen shows; refuse what is not a line."""
    texts = {name: _clean(value) for name, value in vars(told).items() if isinstance(value, str)}
    if not any(texts[name] for name in ("text", "request", "decision")):
        raise LineRefused("Écrivez ce qui s'est passé, ce qui est demandé, ou ce qui est décidé.")
    for value in texts.values():
        if len(value) > MOST_CHARS:
            raise LineRefused(
                "Un texte a {most} caractères au plus : faites deux lignes.", most=MOST_CHARS
            )
    if texts["channel"] and texts["channel"] not in CHANNELS:
        raise LineRefused("« {channel} » n'est pas un canal.", channel=texts["channel"])
    if told.at is not None and told.at > datetime.now(UTC) + AHEAD:
        raise LineRefused("L'heure de l'événement est dans l'avenir : corrigez-la.")
    if told.at is not None and told.at < EARLIEST:
        raise LineRefused("L'heure de l'événement est trop ancienne : corrigez-la.")
    return Told(**texts, at=told.at)


def _clean(text: str) -> str:
    """Drop control characters, which no database or page takes alike; lines and tabs stay."""
    kept = (
        one
        for one in text.replace("\r\n", "\n").replace("\r", "\n")
        if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs")
    )
    return "".join(kept).strip()
