"""What is kept about this person: one question, answered from every table (GDPR, article 15).

Who asks is named in the logbook. The register of vulnerable people answers to an agent whom the
mayor named for it, and to nobody else: not even whether somebody is in it.
"""

from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotSo, NotThere, NotYou
from dispatcher.privacy.holding import check_keeper
from dispatcher.residents.phones import PhoneRefused, read_phone, region_of
from dispatcher.signup.telling import any_contact_of
from dispatcher.store import registered, vulnerable_looks
from dispatcher.store.centre_tables import centre_people
from dispatcher.store.kept_about import APART, Leads, kept_about, opened, persons_with
from dispatcher.store.personal import contact_mark
from dispatcher.store.registers import name_key
from dispatcher.store.rights import find_person
from dispatcher.store.vulnerable_left import PHONE, SURNAME
from dispatcher.store.vulnerable_looks import Look
from dispatcher.vulnerable.register import Register
from dispatcher.vulnerable.register import check_keeper as check_agent

LOOKED_SECOND = "consulté : au journal"
ASKED_SECOND = "Le registre des personnes vulnérables répond à un agent désigné, à nul autre."


async def about(
    office: Office, who: str, *, actor: Actor, second: Register | None = None
) -> dict[str, Any]:
    """Return all that is kept of an id, a number, a mail address; with what is asked elsewhere.

    Raises NotYou, NotSo, NotThere where nothing leads to anybody.
    """
    check_keeper(actor.function)
    value, leads = await _leads(office, who)
    found = await kept_about(office.ledger, office.commune, leads)
    names = [one["name"] for one in found.get("persons", ())]
    centres = await _guests(office, value=value, names=names)
    if centres:
        found["centre_people"] = centres
    vulnerable, said = await _second(second, value=value, names=names, actor=actor)
    if vulnerable:
        found["vulnerable_people"] = vulnerable
    line = office.line(
        actor.login, "privacy.told", "Données d'une personne remises (article 15)",
        people=list(leads.persons), tables=sorted(found),
    )  # fmt: skip
    await registered.note(office.ledger, office.commune, line)
    if not found:
        raise NotThere("Rien n'est gardé à ce numéro, cette adresse ou cet identifiant.")
    return {"who": who, "tables": found, "apart": {**APART, "vulnerable_people": said}}


async def _leads(office: Office, who: str) -> tuple[str, Leads]:
    """Return the contact that was typed, empty for an id, and by what she is found."""
    person = await find_person(office.ledger, office.commune, who)
    if person is not None:
        return "", Leads([person], [])
    try:
        contact = any_contact_of(office.commune, who)
    except NotSo as refusal:
        raise NotSo(
            "Écrivez un identifiant du registre, un numéro de téléphone ou une adresse e-mail,"
            " en entier."
        ) from refusal
    mark = contact_mark(office.ledger.ring, contact.value)
    return contact.value, Leads(await persons_with(office.ledger, office.commune, [mark]), [mark])


async def _guests(office: Office, *, value: str, names: list[str]) -> list[dict[str, Any]]:
    """Return who gave this number or name in a reception centre: each row is opened to see."""
    keys = {name_key(one) for one in names} - {""}
    wanted = select(centre_people).where(centre_people.c.commune == office.commune)
    async with office.ledger.reading() as connection:
        rows = (await connection.execute(wanted)).all()
    people = [opened(office.ledger.ring, centre_people, row) for row in rows]
    return [
        one
        for one in people
        if name_key(one["name"]) in keys or (value and _phone(office, one["phone"]) == value)
    ]


def _phone(office: Office, typed: str) -> str:
    try:
        return read_phone(typed, region=region_of(office.commune)).e164
    except PhoneRefused:
        return ""


async def _second(
    second: Register | None, *, value: str, names: list[str], actor: Actor
) -> tuple[list[dict[str, Any]], str]:
    """Return what the second register has, and how it was asked."""
    if second is None:
        return [], ASKED_SECOND
    try:
        await check_agent(second, actor)
    except NotYou:
        return [], ASKED_SECOND
    words = {word for one in names for word in name_key(one).split()}
    marks = [(SURNAME, second.ring.mark(SURNAME, word)) for word in sorted(words)]
    if value:
        marks.append((PHONE, second.ring.mark(PHONE, value)))
    look = Look(actor.login, "search", "person")
    kept = await vulnerable_looks.look_up(second.office.ledger, second.commune, marks, look=look)
    keys = {name_key(one) for one in names} - {""}
    cards = [second.opened(one, reach=True) for one in kept]
    hers = [one for one in cards if value in one.phones or name_key(one.name) in keys]
    return [asdict(one) for one in hers], LOOKED_SECOND
