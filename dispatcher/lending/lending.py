"""A means lent, brought back, lost; what came for the event beside the plan's inventory."""

import math
import secrets
from dataclasses import dataclass
from datetime import datetime

from dispatcher.alerts.drafting import id_of_key
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.crisis.cards import check_doer
from dispatcher.crisis.steps import Asked
from dispatcher.lending.stock import KINDS, Stock, of_event, stock
from dispatcher.store import lending
from dispatcher.store.lending import DECIMALS, Back, Extra, Loan, NewLoan
from dispatcher.store.versions import Chained

SOURCES = ("requisition", "private", "epci", "state", "other")
MOST = 1_000_000.0
LONGEST_LABEL, LONGEST_UNIT, LONGEST_WORDS = 120, 20, 500


@dataclass(frozen=True)
class Lending:
    """What is lent, and to whom: `to` is team:ID, centre:ID, cell:CODE or other:WORDS.

    `given`: consumed, nothing is waited for. `due_at`, aware, is when it is expected back.
    """

    means: str
    quantity: float
    to: str
    note: str = ""
    due_at: datetime | None = None
    given: bool = False


@dataclass(frozen=True)
class Return:
    """What comes back of a loan, what of it is lost or broken, and in which condition it is."""

    returned: float = 0.0
    lost: float = 0.0
    condition: str = ""


@dataclass(frozen=True)
class Coming:
    """What comes for the event: from whom, by which way (`source`)."""

    label: str
    quantity: float
    unit: str = "u"
    source: str = "private"
    from_whom: str = ""


async def lend(office: Office, event_id: str, wanted: Lending, *, asked: Asked) -> Stock:
    """Lend a quantity; the same click lends once. Raises NotNow where there is not so much."""
    check_doer(asked)
    found = await stock(office, event_id)
    if not found.event.is_open:
        raise NotNow("L'événement est terminé : rien ne se prête plus.")
    item = found.item(wanted.means)
    kind, borrower = _borrower(wanted.to, found)
    loan = NewLoan(
        _ident(office, event_id, asked, "loan"), item.means_id, item.label, item.unit,
        _quantity(wanted.quantity), kind, borrower, _words(wanted.note), _due(wanted, found),
        wanted.given,
    )  # fmt: skip
    whom = "à un tiers" if kind == "other" else f"à {found.known[kind][borrower]}"
    act = "Donné" if wanted.given else "Prêté"
    line = office.line(
        asked.actor.login, "means.lent", f"{act} : {_many(loan)} {whom}", event=event_id,
        loan=loan.loan_id, means=item.means_id, quantity=loan.quantity, given=loan.given,
        to=kind, borrower=None if kind == "other" else borrower, due_at=loan.due_at,
    )  # fmt: skip
    left = await lending.lend(
        office.ledger, of_event(found.event), loan, of=item.quantity, line=line
    )
    if left is not None:
        raise NotNow(
            "Il reste {left} {unit} de « {label} », vous en demandez {asked}.",
            left=figure(left),
            unit=item.unit,
            label=item.label,
            asked=figure(loan.quantity),
        )
    return await stock(office, event_id)


def _borrower(to: str, found: Stock) -> tuple[str, str]:
    kind, _, who = to.partition(":")
    who = _words(who)
    if kind not in KINDS or not who:
        raise NotSo("Dites à qui : une équipe, un centre, une cellule, ou quelques mots.")
    if kind != "other" and who not in found.known.get(kind, {}):
        raise NotSo("Le plan n'a pas « {who} » : choisissez dans la liste, ou écrivez à qui.",
                    who=who)  # fmt: skip
    return kind, who


def _due(wanted: Lending, found: Stock) -> float | None:
    if wanted.due_at is None or wanted.given:
        return None
    due = wanted.due_at.timestamp()
    if due < found.now:
        raise NotSo("L'heure de retour prévue est déjà passée : corrigez-la.")
    return due


async def take_back(
    office: Office, event_id: str, loan_id: str, *, back: Return, asked: Asked
) -> Stock:
    """Note what comes back of a loan, whole or in part, and what is lost or broken of it.

    At any time: things come back after the crisis too. Raises NotSo for more than is left.
    """
    check_doer(asked)
    loan = await _loan(office, event_id, loan_id)
    returned, lost = _none_or_more(back.returned), _none_or_more(back.lost)
    condition = _words(back.condition)
    if returned + lost <= 0:
        raise NotSo("Dites combien revient, ou combien est perdu.")
    if lost and not condition:
        raise NotSo("Dites en quelques mots ce qui est arrivé à ce qui est perdu ou cassé.")
    key = asked.key and id_of_key(
        office.commune, asked.actor.login, f"back\n{loan_id}\n{asked.key}"
    )

    def line(now: Loan) -> Chained:
        told = f", {figure(lost)} perdu ou cassé" if lost else ""
        return office.line(
            asked.actor.login, "means.returned",
            f"Revenu : {figure(returned)} {loan.unit} « {loan.label} »{told}", event=event_id,
            loan=loan_id, means=loan.means_id, returned=returned, lost=lost, left=now.left,
        )  # fmt: skip

    done = await lending.take_back(
        office.ledger, loan, Back(returned, lost, condition, key or None), line=line
    )
    if done is None:
        left = (await _loan(office, event_id, loan_id)).left
        raise NotSo("Il ne reste que {left} {unit} de ce prêt.", left=figure(left), unit=loan.unit)
    return await stock(office, event_id)


async def _loan(office: Office, event_id: str, loan_id: str) -> Loan:
    loan = await lending.loan_of(office.ledger, office.commune, loan_id)
    if loan is None or loan.event_id != event_id:
        raise NotThere("Il n'y a pas de prêt « {loan} » dans cet événement.", loan=loan_id)
    return loan


async def add(office: Office, event_id: str, coming: Coming, *, asked: Asked) -> Stock:
    """Note a means that comes for the event; the same click notes it once."""
    check_doer(asked)
    found = await stock(office, event_id)
    if not found.event.is_open:
        raise NotNow("L'événement est terminé : aucun moyen ne s'ajoute plus.")
    label, unit = _words(coming.label), _words(coming.unit) or "u"
    if not label or len(label) > LONGEST_LABEL or len(unit) > LONGEST_UNIT:
        raise NotSo("Dites en quelques mots ce qui arrive, et dans quelle unité.")
    if coming.source not in SOURCES:
        raise NotSo("« {source} » n'est pas une provenance : {known}.", source=coming.source,
                    known=", ".join(SOURCES))  # fmt: skip
    extra = Extra(
        _ident(office, event_id, asked, "extra"), label, _quantity(coming.quantity), unit,
        coming.source, _words(coming.from_whom),
    )  # fmt: skip
    line = office.line(
        asked.actor.login, "means.added", f"Moyen arrivé : {_many(extra)}", event=event_id,
        means=extra.means_id, quantity=extra.quantity, source=extra.source,
    )  # fmt: skip
    await lending.add_extra(office.ledger, of_event(found.event), extra, line=line)
    return await stock(office, event_id)


def _ident(office: Office, event_id: str, asked: Asked, what: str) -> str:
    key = asked.key or secrets.token_hex(8)
    return id_of_key(office.commune, asked.actor.login, f"{what}\n{event_id}\n{key}")


def _quantity(given: float) -> float:
    if not (math.isfinite(given) and 0 < round(given, DECIMALS) <= MOST):
        raise NotSo("La quantité est un nombre plus grand que zéro.")
    return round(given, DECIMALS)


def _none_or_more(given: float) -> float:
    if not (math.isfinite(given) and 0 <= given <= MOST):
        raise NotSo("La quantité est un nombre, zéro ou plus.")
    return round(given, DECIMALS)


def _words(given: str) -> str:
    """Return what somebody typed on one line; raises NotSo where it has no end."""
    text = " ".join("".join(one if one.isprintable() else " " for one in given).split())
    if len(text) > LONGEST_WORDS:
        raise NotSo("Ce texte est trop long : {most} signes au plus.", most=LONGEST_WORDS)
    return text


def _many(thing: NewLoan | Extra) -> str:
    return f"{figure(thing.quantity)} {thing.unit} « {thing.label} »"


def figure(quantity: float) -> str:
    """Return a quantity as French writes it: 20, 2,5."""
    return f"{quantity:.{DECIMALS}f}".rstrip("0").rstrip(".").replace(".", ",")
