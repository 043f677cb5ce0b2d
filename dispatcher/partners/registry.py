"""Partners asked for, agreed to, ended, given a new secret: a system is let in by two people.

Who asks never agrees (SECURITY T8, T19); one person ends it at once, and the ring of keys knows it
within a second.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from channels.contract import Refused
from channels.webhook import partner_url
from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.partners.kinds import FASTEST_PER_S, KINDS, RATE_PER_S, VERBS
from dispatcher.partners.showing import masked
from dispatcher.partners.signatures import secret_of, written
from dispatcher.partners.telling import MANAGE, announced
from dispatcher.store import hands, partner_registry
from dispatcher.store.partner_registry import Asked, Registered

LONGEST_NAME = 80
MOST_OVERLAP_H = 24 * 31
FASTER = "Quelqu'un vient de changer ce partenaire : regardez sa page."


@dataclass(frozen=True)
class Wanted:
    """A partner as somebody wants it: who it is, for which teams it speaks, what it may do."""

    name: str
    kind: str
    teams: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    rate_per_s: float = RATE_PER_S
    url: str = ""


@dataclass(frozen=True)
class Secret:
    """A key of a partner in words: what it signs with, and what we sign its events with."""

    serial: int
    sends: str = field(repr=False)
    receives: str = field(repr=False)


async def every(office: Office) -> list[Registered]:
    """Return every partner of the commune."""
    return await partner_registry.registered(office.ledger, office.commune)


async def find(office: Office, partner: str) -> Registered:
    """Return one; raises NotThere."""
    for one in await every(office):
        if one.asked.partner == partner:
            return one
    raise NotThere("Ce partenaire n'existe pas : regardez la liste.")


async def ask(office: Office, wanted: Wanted, *, by: Actor) -> str:
    """Ask for a partner to be let in; return its id. Raises NotSo, NotYou, NotNow."""
    _check_manages(by)
    await _check(office, wanted)
    known = {"demander", *(one.asked.partner for one in await every(office))}  # a page's own path
    asked = Asked(
        office.commune,
        free_id(wanted.name, known),
        wanted.name.strip(),
        wanted.kind,
        tuple(sorted(set(wanted.teams))),
        tuple(one for one in VERBS if one in wanted.verbs),
        wanted.rate_per_s,
        wanted.url.strip(),
        by.login,
    )
    told = await announced(office, asked, "asked", by=by, **scope(asked))
    if not await partner_registry.ask(office.ledger, asked, told):
        raise NotNow(FASTER)
    return asked.partner


def scope(asked: Asked) -> dict[str, object]:
    """Return what a partner may do, as the logbook keeps it."""
    return {
        "partner_kind": asked.kind,
        "teams": list(asked.teams),
        "verbs": list(asked.verbs),
        "rate_per_s": asked.rate_per_s,
        "url": masked(asked.url),
    }


def free_id(name: str, known: set[str]) -> str:
    """Return an id made of a name, that nobody ever had: secrets are made from it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-") or "partenaire"
    number, found = 1, made
    while found in known:
        number += 1
        found = f"{made}-{number}"
    return found


async def agree(office: Office, partner: str, *, by: Actor) -> None:
    """Let in what another person asked for. Raises NotYou, NotNow, NotThere."""
    _check_manages(by)
    one = await find(office, partner)
    if one.state != "asked":
        raise NotNow("Cette demande est décidée : regardez la page du partenaire.")
    await _check_second(office, one.asked, by)
    told = await announced(
        office, one.asked, "agreed", by=by, asked_by=one.asked.asked_by, **scope(one.asked)
    )
    if not await partner_registry.agree(office.ledger, one.asked, told, by=by.login):
        raise NotNow(FASTER)


async def end(office: Office, partner: str, *, by: Actor, reason: str) -> None:
    """End a partner at once, or refuse what was asked; one person. Raises NotSo, NotYou, NotNow."""
    _check_manages(by)
    one = await find(office, partner)
    if one.ended_at is not None:
        raise NotNow("Ce partenaire est déjà retiré.")
    if not reason.strip():
        raise NotSo("Dites pourquoi : la raison est écrite dans la main courante.")
    became = "ended" if one.state == "live" else "refused"
    told = await announced(office, one.asked, became, by=by, reason=reason.strip())
    if not await partner_registry.end(office.ledger, one.asked, told, by=by.login):
        raise NotNow(FASTER)


async def rotate(office: Office, partner: str, *, by: Actor, old_ends_in_h: float) -> None:
    """Give it a second secret; the one before ends in so many hours, 0: now.

    Raises NotSo, NotYou, NotNow, NotThere. Two live at once, never three.
    """
    _check_manages(by)
    one = await _live(office, partner)
    if not 0 <= old_ends_in_h <= MOST_OVERLAP_H:
        raise NotSo("L'ancien secret sert encore de 0 à 744 heures (un mois).")
    if len(one.open_keys) >= partner_registry.MOST_OPEN:
        raise NotNow("Deux secrets servent déjà : arrêtez l'ancien, puis recommencez.")
    told = await announced(office, one.asked, "rotated", by=by, old_ends_in_h=old_ends_in_h)
    done = await partner_registry.rotate(
        office.ledger, one.asked, told, by=by.login, old_ends_in_s=old_ends_in_h * 3600.0
    )
    if not done:
        raise NotNow(FASTER)


async def end_old_key(office: Office, partner: str, *, by: Actor) -> None:
    """End the old secret of a rotation now. Raises NotYou, NotNow, NotThere."""
    _check_manages(by)
    one = await _live(office, partner)
    told = await announced(office, one.asked, "key_ended", by=by)
    if not await partner_registry.end_old_key(office.ledger, one.asked, told):
        raise NotNow("Un seul secret sert : il n'y en a pas d'ancien à arrêter.")


async def secrets(office: Office, partner: str, *, by: Actor, master: bytes) -> tuple[Secret, ...]:
    """Return the secrets that serve now, the newest first; each look is in the logbook.

    None is kept: they are made again from the key file. Who gave a new secret has another person
    look at it: nobody alone takes a partner's place. Raises NotYou, NotNow, NotThere.
    """
    _check_manages(by)
    one = await _live(office, partner)
    newest = one.open_keys[0]
    if newest.serial > 1 and newest.made_by in await _accounts(office, by):
        raise NotYou(
            "Vous avez donné ce nouveau secret : une autre personne l'affiche et le remet à"
            " l'éditeur."
        )
    serials = [key.serial for key in one.open_keys]
    told = await announced(office, one.asked, "secret_shown", by=by, serials=serials)
    await partner_registry.tell(office.ledger, office.commune, told)
    return tuple(_secret(master, one.asked, serial) for serial in serials)


def _secret(master: bytes, asked: Asked, serial: int) -> Secret:
    sends = secret_of(master, commune=asked.commune, partner=asked.partner, serial=serial)
    receives = secret_of(
        master, commune=asked.commune, partner=asked.partner, serial=serial, direction="out"
    )
    return Secret(serial, written(sends), written(receives))


async def _live(office: Office, partner: str) -> Registered:
    one = await find(office, partner)
    if one.state != "live":
        raise NotNow("Ce partenaire n'est pas admis : regardez sa page.")
    return one


def _check_manages(by: Actor) -> None:
    if not allowed(by.function, MANAGE):
        raise NotYou("Il faut un administrateur ou le maire pour en décider.")


async def _accounts(office: Office, by: Actor) -> tuple[str, ...]:
    """Return every account of a person."""
    also = await hands.further_accounts(office.ledger, office.commune, by.login)
    return (by.login, *also)


async def _check_second(office: Office, asked: Asked, by: Actor) -> None:
    if asked.asked_by in await _accounts(office, by):
        raise NotYou("Vous l'avez demandé : il faut l'accord d'une autre personne.")


async def _check(office: Office, wanted: Wanted) -> None:
    if not 0 < len(wanted.name.strip()) <= LONGEST_NAME:
        raise NotSo("Donnez au partenaire un nom de 80 signes au plus.")
    if wanted.kind not in KINDS:
        raise NotSo("Dites ce qu'est ce partenaire : choisissez dans la liste.")
    if not wanted.verbs or set(wanted.verbs) - set(VERBS):
        raise NotSo("Choisissez au moins une chose que ce partenaire peut faire.")
    if not 0 < wanted.rate_per_s <= FASTEST_PER_S:
        raise NotSo("Le nombre de demandes par seconde va de 1 à 500.")
    _check_url(wanted)
    try:
        known = {one.id for one in (await in_force(office)).plan.teams}
    except NotThere:
        known = set()
    if unknown := sorted(set(wanted.teams) - known):
        raise NotSo("Le plan n'a pas d'équipe « {team} ».", team=unknown[0])


def _check_url(wanted: Wanted) -> None:
    """Events leave for public https addresses only; each is looked at again then (SECURITY T10)."""
    if not wanted.url.strip():
        return
    if "events.read" not in wanted.verbs:
        raise NotSo("Une adresse reçoit les événements : cochez aussi leur lecture.")
    try:
        partner_url(wanted.url.strip())
    except Refused as refused:
        raise NotSo(
            "Cette adresse ne peut rien recevoir : il faut https, le port 443 ou 8443, et une"
            " machine publique."
        ) from refused
