"""The register opened in a crisis: on the prefect's plan, or on the PCS where the DPO allowed it.

Its purpose is exclusive (CASF L121-6-1): the targeted intervention of social and health services
when the prefect sets the departmental alert and emergency plan off. Opening it on the activation of
the PCS goes further; nobody does so before the data protection officer has written that it may be.
An exercise never opens it: the people in it are real.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dispatcher.access.permissions import allowed
from dispatcher.alerts.drafting import id_of_key
from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import NotNow, NotSo, NotYou
from dispatcher.crisis.steps import Asked
from dispatcher.store import crises, vulnerable_rules
from dispatcher.store.crises import Event
from dispatcher.store.vulnerable_rules import Noted, Opening, Outcome, Ruling
from dispatcher.vulnerable.register import Register, check_keeper, gone

OPEN: Final = "vulnerable.open"
RULE: Final = "vulnerable.rule"
PREFECT, ACTIVATION = "prefect_plan", "pcs_activation"
GROUNDS: Final = (PREFECT, ACTIVATION)
OUTCOMES: Final = ("well", "help", "absent", "elsewhere")
LONGEST: Final = 300
REAL: Final = "real"
SYSTEM: Final = "system"


@dataclass(frozen=True)
class Ground:
    """On what the register is opened; `reference` names the prefect's message (hour, number)."""

    kind: str
    reference: str = ""


async def now_open(register: Register) -> Opening | None:
    """Return the opening that is under way; None where the register is shut.

    One whose ground has ended is shut here: the PCS is not active any more for that event, or the
    data protection officer has withdrawn.
    """
    found = await vulnerable_rules.opening_now(register.office.ledger, register.commune)
    if found is None or found.ground != ACTIVATION:
        return found
    event, ruled = await activated(register), await ruling(register)
    if event and event.event_id == found.event_id and ruled and ruled.on_activation:
        return found
    await _shut(register, found.opening_id, author=SYSTEM, why=" : son fondement a pris fin")
    return None


async def ruling(register: Register) -> Ruling | None:
    """Return the DPO's last ruling; None where she has made none."""
    return await vulnerable_rules.ruling_of(register.office.ledger, register.commune)


async def activated(register: Register) -> Event | None:
    """Return the real event for which the PCS is active now."""
    event = await crises.open_event_of(register.office.ledger, register.commune)
    return event if event and (event.mode, event.state) == (REAL, "active") else None


async def open_register(register: Register, ground: Ground, *, asked: Asked) -> Opening:
    """Open the register. Raises NotYou, NotSo for what is missing, NotNow where nothing allows it.

    The same click, or a second person's at the same instant, leaves the one opening.
    """
    actor = asked.actor
    if not allowed(actor.function, OPEN):
        raise NotYou("Le maire ou un suppléant ouvre le registre : demandez-le-lui.")
    if ground.kind not in GROUNDS:
        raise NotSo("Choisissez sur quel fondement le registre est ouvert.")
    event = await _ground_now(register, ground.kind)
    reference = _words(ground.reference) or (event.title if event else "")
    if not reference:
        raise NotSo("Écrivez quel message du préfet déclenche le plan : son heure, son numéro.")
    already = await now_open(register)
    if already is None:
        await _open(register, ground.kind, reference, event=event, asked=asked)
        already = await now_open(register)
    if already is None:
        raise NotNow("Cette ouverture est déjà finie : rouvrez la page.")
    if already.ground != ground.kind:
        raise NotNow(
            "Le registre est déjà ouvert sur un autre fondement : fermez-le, puis rouvrez-le."
        )
    return already


async def _ground_now(register: Register, kind: str) -> Event | None:
    """Return the event that the ground needs; raises NotNow where nothing allows it now."""
    event = await crises.open_event_of(register.office.ledger, register.commune)
    if event is not None and event.mode != REAL:
        raise NotNow(
            "Un exercice est en cours : il n'ouvre pas le registre. Si le préfet alerte vraiment,"
            " ouvrez d'abord un événement réel."
        )
    if kind != ACTIVATION:
        return None
    await _check_ruling(register)
    active = await activated(register)
    if active is None:
        raise NotNow("Le PCS n'est pas activé : le registre ne s'ouvre pas sur ce fondement.")
    return active


async def _open(
    register: Register, kind: str, reference: str, *, event: Event | None, asked: Asked
) -> None:
    office, login = register.office, asked.actor.login
    key = asked.key or secrets.token_hex(8)
    ident = id_of_key(register.commune, login, f"vulnerable opening\n{key}")
    of_event = event.event_id if event else None
    line = office.line(
        login, "vulnerable.opened",
        f"Registre des personnes vulnérables ouvert : {_SAID[kind]} ({reference})",
        opening=ident, ground=kind, event=of_event,
    )  # fmt: skip
    row: Mapping[str, object] = {
        "opening_id": ident, "ground": kind, "reference": reference, "event_id": of_event,
    }  # fmt: skip
    await vulnerable_rules.open_register(office.ledger, register.commune, row, line=line)


_SAID = {
    PREFECT: "le préfet déclenche le plan d'alerte et d'urgence",
    ACTIVATION: "le PCS est activé",
}


async def _check_ruling(register: Register) -> None:
    ruled = await ruling(register)
    if ruled is None or not ruled.on_activation:
        raise NotNow(
            "Le délégué à la protection des données n'a pas permis d'ouvrir le registre sur"
            " l'activation du PCS : seul le plan du préfet l'ouvre."
        )


async def close_register(register: Register, opening_id: str, *, actor: Actor) -> None:
    """Shut the register; the logbook says how many people were looked at. Twice is once."""
    if not allowed(actor.function, OPEN):
        raise NotYou("Le maire ou un suppléant ferme le registre : demandez-le-lui.")
    await _shut(register, opening_id, author=actor.login)


async def _shut(register: Register, opening_id: str, *, author: str, why: str = "") -> None:
    office = register.office
    await vulnerable_rules.close_register(
        office.ledger,
        register.commune,
        opening_id,
        line=lambda people, looks: office.line(
            author, "vulnerable.closed",
            f"Registre des personnes vulnérables fermé{why} (consultations : {looks}, fiches"
            f" ouvertes une à une : {people})",
            opening=opening_id, looks=looks, people=people,
        ),
    )  # fmt: skip


async def rule(register: Register, *, on_activation: bool, reference: str, actor: Actor) -> None:
    """Keep the DPO's decision. Raises NotYou for anybody else, NotSo without its reference."""
    if not allowed(actor.function, RULE):
        raise NotYou("Seul le délégué à la protection des données en décide.")
    words = _words(reference)
    if not words:
        raise NotSo("Écrivez la référence de votre avis : sa date, où il est classé.")
    said = "peut l'ouvrir" if on_activation else "ne l'ouvre pas"
    office = register.office
    line = office.line(
        actor.login, "vulnerable.ruled",
        f"Registre des personnes vulnérables : l'activation du PCS {said} (DPO, {words})",
        on_activation=on_activation,
    )  # fmt: skip
    await vulnerable_rules.rule(
        office.ledger, register.commune, on_activation=on_activation, reference=words, line=line
    )


async def note_outcome(register: Register, entry_id: str, outcome: str, *, actor: Actor) -> None:
    """Note what became of a person while the register is open. Raises NotNow, NotSo, NotYou.

    Who needs help is a call for help at the console, as any other; noted again while it is open, it
    is the same one.
    """
    await check_keeper(register, actor)
    if outcome not in OUTCOMES:
        raise NotSo("Choisissez dans la liste ce qu'il en est de la personne.")
    opening = await now_open(register)
    if opening is None:
        raise NotNow("Le registre est fermé : plus rien ne s'y note.")
    noted = Noted(entry_id, outcome, actor.login)
    there = await vulnerable_rules.note_outcome(
        register.office.ledger, register.commune, opening.opening_id, noted=noted
    )
    if not there:
        raise gone()


async def outcomes(register: Register, opening: Opening) -> Mapping[str, Outcome]:
    """Return the last outcome of each person, by entry."""
    return await vulnerable_rules.outcomes_of(register.office.ledger, register.commune, opening)


def _words(given: str) -> str:
    text = " ".join("".join(one if one.isprintable() else " " for one in given).split())
    if len(text) > LONGEST:
        raise NotSo("La référence est trop longue : {most} signes au plus.", most=LONGEST)
    return text
