"""People counted in and out of a centre: in figures alone, or by the name that somebody gives.

Whoever comes is counted, full or not: a centre that is over its places is told of in words and in
the logbook. Names stand in their own table; no line has one.
"""

import secrets
from dataclasses import dataclass

from dispatcher.access.permissions import allowed
from dispatcher.alerts.drafting import id_of_key
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.crisis.cards import check_doer
from dispatcher.crisis.steps import Asked
from dispatcher.shelter.opening import check_led, check_not_filed
from dispatcher.shelter.places import main_places, places_of
from dispatcher.shelter.sight import CentreSeen, centres_seen
from dispatcher.store import centre_counting
from dispatcher.store.centre_counting import (
    ARRIVAL,
    DEPARTURE,
    RECOUNT,
    Leaving,
    Lines,
    Move,
    Moved,
    NewPerson,
)
from dispatcher.store.centres import CentreNow, Where
from dispatcher.store.versions import Chained

MAY_NAME = "centre.people"
MOST_AT_ONCE = 2_000
LONGEST_NAME, LONGEST_WORDS, LONGEST_PHONE = 120, 200, 40
_SAID = {ARRIVAL: "arrivée", DEPARTURE: "partie", RECOUNT: "comptée"}


@dataclass(frozen=True)
class Count:
    """What somebody counted: `kind` is arrival, departure, or recount of all who are there.

    `people` may be left out where adults and children say it.
    """

    kind: str
    people: int | None = None
    adults: int | None = None
    children: int | None = None


@dataclass(frozen=True)
class Name:
    """Who gives her name: `household` are people, herself among them.

    `counted` says that they are counted at the door already.
    """

    name: str
    household: int = 1
    comes_from: str = ""
    phone: str = ""
    counted: bool = False


async def count(
    office: Office, event_id: str, centre_id: str, *, wanted: Count, asked: Asked
) -> CentreSeen:
    """Count people in, out, or anew; the same click counts once.

    Raises NotSo where more leave than are counted there.
    """
    check_doer(asked)
    wanted = _summed(wanted)
    move = Move(wanted.kind, wanted.people or 0, wanted.adults, wanted.children)
    return await _moved(office, event_id, centre_id, move=move, asked=asked)


def _summed(wanted: Count) -> Count:
    if wanted.kind not in _SAID:
        raise NotSo("« {kind} » n'est pas un mouvement : {known}.", kind=wanted.kind,
                    known=", ".join(_SAID))  # fmt: skip
    told = [one for one in (wanted.adults, wanted.children) if one is not None]
    people = wanted.people if wanted.people is not None else sum(told) if told else None
    least = 0 if wanted.kind == RECOUNT else 1
    figures = [one for one in (people, *told) if one is not None]
    if people is None or people < least or any(not 0 <= one <= MOST_AT_ONCE for one in figures):
        raise NotSo("Dites combien de personnes, de {least} à {most}.", least=least,
                    most=MOST_AT_ONCE)  # fmt: skip
    if sum(told) > people:
        raise NotSo("Il y a plus d'adultes et d'enfants que de personnes : relisez les nombres.")
    return Count(wanted.kind, people, wanted.adults, wanted.children)


async def arrive(
    office: Office, event_id: str, centre_id: str, *, who: Name, asked: Asked
) -> CentreSeen:
    """Note who arrives by name, and count her household unless it is counted already."""
    check_may_name(asked)
    who = _sound(who)
    key = asked.key or secrets.token_hex(8)
    ident = id_of_key(office.commune, asked.actor.login, f"person\n{event_id}\n{key}")
    person = NewPerson(ident, who.name, who.household, who.comes_from, who.phone)
    move = Move(ARRIVAL, who.household, counted=not who.counted, comes=person)
    return await _moved(office, event_id, centre_id, move=move, asked=asked)


def _sound(who: Name) -> Name:
    name, comes_from, phone = (plain(one) for one in (who.name, who.comes_from, who.phone))
    if not name:
        raise NotSo("Écrivez le nom de la personne, ou comptez-la sans nom.")
    if len(name) > LONGEST_NAME or len(comes_from) > LONGEST_WORDS or len(phone) > LONGEST_PHONE:
        raise NotSo("Le nom, la provenance ou le téléphone est trop long.")
    if not 1 <= who.household <= MOST_AT_ONCE:
        raise NotSo("Dites combien de personnes, de {least} à {most}.", least=1, most=MOST_AT_ONCE)
    return Name(name, who.household, comes_from, phone, who.counted)


def plain(text: str) -> str:
    """Return what somebody typed on one line, without signs that no eye sees."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


@dataclass(frozen=True)
class Departure:
    """Who leaves, and for where; `counted` says that she is counted out at the door already."""

    person_id: str
    went_to: str = ""
    counted: bool = False


async def leave(
    office: Office, event_id: str, centre_id: str, *, who: Departure, asked: Asked
) -> CentreSeen:
    """Note that somebody who gave her name leaves with her household, and for where."""
    check_may_name(asked)
    went_to = plain(who.went_to)
    if len(went_to) > LONGEST_WORDS:
        raise NotSo("Le lieu où elle va est trop long.")
    where = Where(office.commune, event_id, centre_id)
    person = await centre_counting.person_of(office.ledger, where, who.person_id)
    if person is None:
        raise NotThere("Cette personne n'est pas notée dans ce centre.")
    if person.left_at is not None:
        raise _gone()
    leaving = Leaving(who.person_id, went_to)
    move = Move(DEPARTURE, person.household, counted=not who.counted, leaves=leaving)
    return await _moved(office, event_id, centre_id, move=move, asked=asked)


def check_may_name(asked: Asked) -> None:
    """Raise NotYou for who may not read or write the names."""
    if not allowed(asked.actor.function, MAY_NAME):
        raise NotYou("Votre fonction ne permet pas de voir qui est dans un centre.")


async def _moved(
    office: Office, event_id: str, centre_id: str, *, move: Move, asked: Asked
) -> CentreSeen:
    seen = await centres_seen(office, event_id)
    check_led(seen.event) if move.kind == ARRIVAL else check_not_filed(seen.event)
    one = seen.one(centre_id)
    if asked.key:
        key = id_of_key(office.commune, asked.actor.login, f"move\n{event_id}\n{asked.key}")
        move = Move(**{**vars(move), "key": key})
    where = Where(office.commune, event_id, centre_id)
    lines = _lines(office, one, move, asked=asked, event_id=event_id)
    done = await centre_counting.move(office.ledger, where, move, lines=lines)
    _check(done, move)
    return (await centres_seen(office, event_id)).one(centre_id)


def _check(done: Moved, move: Move) -> None:
    if done.outcome == "shut":
        raise NotNow("Ce centre n'est pas ouvert : ouvrez-le d'abord.")
    if done.outcome == "short":
        raise NotSo(
            "Il y en a {people} de comptées ici, pas plus : recomptez d'abord.",
            people=done.present,
        )
    if done.outcome == "gone" and move.leaves is not None:
        raise _gone()


def _gone() -> NotNow:
    return NotNow("Le départ de cette personne est déjà noté.")


def _lines(
    office: Office, one: CentreSeen, move: Move, *, asked: Asked, event_id: str
) -> Lines:  # fmt: skip
    named = move.comes is not None or move.leaves is not None
    about = {"event": event_id, "centre": one.centre_id}

    def moved(present: int) -> Chained:
        many = "s" if move.people > 1 else ""
        counted = f"{move.people} personne{many} {_SAID[move.kind]}{many}"
        if not move.counted:
            counted += f", déjà comptée{many}"
        return office.line(
            asked.actor.login, f"centre.{move.kind}",
            f"{one.label} : {counted} ; présentes : {present}", **about, people=move.people,
            adults=move.adults, children=move.children, present=present, by_name=named,
        )  # fmt: skip

    def over(present: int, most: int) -> Chained:
        beyond = one.fallback
        where = f" Repli proposé : {beyond.label}." if beyond else ""
        return office.line(
            asked.actor.login, "centre.over",
            f"CAPACITÉ DÉPASSÉE : {one.label}, {present} personnes pour {most} places.{where}",
            **about, present=present, places=most,
        )  # fmt: skip

    def places(now: CentreNow) -> int | None:
        return main_places(places_of(one.planned, one.rules, now.adjusted))

    return Lines(moved, over, places)
