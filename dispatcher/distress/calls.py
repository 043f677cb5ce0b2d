"""A call for help, acted on: taken, handed over, ended in words, opened again.

Whoever may read residents' numbers may do it (`alert.replies`). Nothing here calls or sends: people
do. What is known of who called is looked at one call at a time, and each look is in the logbook.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor, Office, utc_now
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.sentences import Word
from dispatcher.store import help_calls, logbook
from dispatcher.store.help_calls import NOW, OUTCOMES, HelpCall
from dispatcher.store.help_whose import Whose, whose
from dispatcher.store.users import accounts_of
from dispatcher.store.versions import Chained

MAY = "alert.replies"
UNOWNED_S = 180.0  # without an owner: the console sounds, and the RAC is called
LONGEST_NOTE, LONGEST_REFERENCE = 2000, 80
AHEAD_S = 60.0  # of the clock of whoever writes when she passed a call on
_RUNG_ANEW = {"rung_at": None, "tried_at": None}  # the next one that it waits for is called
_SAID = {
    "team_sent": "équipe envoyée",
    "called_back": "rappelé",
    "passed_on": "transmis au CODIS",
    "no_action": "sans suite",
}
_ASKED_AGAIN = "La même personne a redemandé de l'aide depuis : relisez sa demande, puis terminez."


@dataclass(frozen=True)
class End:
    """How a call ends. `passed_at` and `reference` say when the CODIS had it, and under which name.

    `reference` is the intervention's number, or the name of who answered there. `read_again` is
    the call's `again` as it was read, None where nobody says: what was asked since is not ended.
    `mission` is the one that was made of it.
    """

    outcome: str
    note: str = ""
    passed_at: datetime | None = None
    reference: str = ""
    read_again: str | None = None
    mission: str | None = None


@dataclass(frozen=True)
class Ending:
    """A call about to be ended: as it was read, what changes of it, its line."""

    call: HelpCall
    values: Mapping[str, object]
    line: Chained


@dataclass(frozen=True)
class _Change:
    """What an act changes of a call, and how its line tells it."""

    act: str
    said: str
    values: Mapping[str, object]
    about: Mapping[str, object] = field(default_factory=dict)


async def find(office: Office, call_id: str) -> HelpCall:
    """Return a call; raises NotThere."""
    call = await help_calls.call_of(office.ledger, office.commune, call_id)
    if call is None:
        raise NotThere("Cette demande d'aide n'existe pas.")
    return call


async def take(office: Office, call_id: str, *, actor: Actor) -> HelpCall:
    """Become the owner of a call that nobody has; raises NotNow with who has it.

    Who has it and is asked again is at it again. A second click changes nothing.
    """
    call = await _open(office, call_id, actor)
    if call.owner == actor.login:
        return await _heard(office, call, actor=actor)
    if call.owned:
        raise await _taken(office, call)
    values = {"owner": actor.login, "owned_at": NOW}
    change = _Change("taken", "Demande d'aide prise", values)
    if call.left:
        said = f"Demande d'aide reprise : {call.owner} n'a plus accès"
        change = _Change("taken", said, values, {"before": call.owner})
    return await _changed(office, call, change, actor=actor)


async def _heard(office: Office, call: HelpCall, *, actor: Actor) -> HelpCall:
    if call.anew_at is None:
        return call
    about = {"asked_again_at": call.again}
    change = _Change("heard", "Nouvel appel d'une demande d'aide pris", {}, about)
    return await _changed(office, call, change, actor=actor)


async def hand_over(
    office: Office, call_id: str, to: str, *, actor: Actor, read_again: str | None = None
) -> HelpCall:
    """Give a call to somebody else, or take it from her; `to` is a login, empty: to nobody.

    Raises NotSo for who may not have it, NotNow where the same telephone has asked again since the
    call was read (`read_again`, as `End` has it): who gives it away tells the other one of it.
    """
    call = await _open(office, call_id, actor)
    if to == actor.login and call.owner == to:
        return await _heard(office, call, actor=actor)
    if (call.owner or "") == to:
        return call
    if read_again not in (None, call.again):
        raise NotNow(_ASKED_AGAIN)
    if not to:
        values: dict[str, object] = {"owner": None, "owned_at": None, **_RUNG_ANEW}
        change = _Change("let_go", "Demande d'aide rendue", values)
        return await _changed(office, call, change, actor=actor)
    if to not in await owners(office):
        raise NotSo("Choisissez une personne de la console qui peut lire les réponses.")
    values = {"owner": to, "owned_at": NOW}
    change = _Change("handed_over", f"Demande d'aide confiée à {to}", values)
    return await _changed(office, call, change, actor=actor)


async def end(office: Office, call_id: str, how: End, *, actor: Actor) -> HelpCall:
    """End a call in words; raises NotSo for what they lack, NotNow where somebody else has it.

    NotNow too where the same telephone has asked again since the call was read.
    """
    made = await ending(office, call_id, how, actor=actor)
    return await _written(office, made.call, values=made.values, line=made.line, actor=actor)


async def ending(office: Office, call_id: str, how: End, *, actor: Actor) -> Ending:
    """Make the end of a call ready, for another act's own transaction; raises as `end` does."""
    call = await _open(office, call_id, actor)
    if call.owned and call.owner != actor.login:
        raise await _taken(office, call)
    if how.read_again not in (None, call.again):
        raise NotNow(_ASKED_AGAIN)
    _check(how, call)
    values: dict[str, object] = {
        "owner": actor.login,
        "owned_at": call.owned_at if call.owner == actor.login else NOW,
        "outcome": how.outcome,
        "note": how.note.strip(),
        "passed_at": how.passed_at.timestamp() if how.passed_at else None,
        "passed_ref": how.reference.strip(),
        "closed_by": actor.login,
        "closed_at": NOW,
        "mission": how.mission,
    }
    said = f"Demande d'aide : {_SAID[how.outcome]}"
    about = {
        "outcome": how.outcome,
        "passed_at": how.passed_at.isoformat(timespec="seconds") if how.passed_at else None,
        "reference": how.reference.strip() or None,
        **({"mission": how.mission} if how.mission else {}),
        **({"before": call.owner} if call.left else {}),
    }
    line = _line(office, call, _Change("ended", said, values, about), actor=actor)
    return Ending(call, values, line)


def _check(how: End, call: HelpCall) -> None:
    if how.outcome not in OUTCOMES:
        raise NotSo(
            "« {outcome} » n'est pas une issue : {known}.",
            outcome=how.outcome,
            known=", ".join(OUTCOMES),
        )
    if len(how.note) > LONGEST_NOTE or len(how.reference) > LONGEST_REFERENCE:
        raise NotSo("Le motif ou la référence est trop long.")
    if how.outcome == "no_action" and not how.note.strip():
        raise NotSo("Dites pourquoi cette demande d'aide reste sans suite.")
    if how.outcome != "passed_on":
        return
    if how.passed_at is None or not how.reference.strip():
        raise NotSo("Notez l'heure de la transmission au CODIS, et sa référence ou qui a répondu.")
    late_s = how.passed_at.timestamp() - utc_now().timestamp()
    if late_s > AHEAD_S:
        raise NotSo("L'heure de transmission est dans l'avenir : corrigez-la.")
    if how.passed_at.timestamp() < call.came_at - AHEAD_S:
        raise NotSo("L'heure de transmission est avant la demande elle-même : corrigez-la.")


async def reopen(office: Office, call_id: str, *, actor: Actor, reason: str) -> HelpCall:
    """Open a call again that was ended too soon; whoever does so has it. Needs a reason."""
    _may(actor)
    call = await find(office, call_id)
    if call.is_open:
        return call
    if not reason.strip():
        raise NotSo("Dites pourquoi vous rouvrez cette demande d'aide.")
    values: dict[str, object] = {
        "owner": actor.login,
        "owned_at": NOW,
        **_RUNG_ANEW,
        "outcome": None,
        "passed_at": None,
        "passed_ref": "",
        "note": reason.strip()[:LONGEST_NOTE],
        "closed_by": None,
        "closed_at": None,
        "mission": None,
    }
    about = {"before": call.outcome}
    change = _Change("reopened", "Demande d'aide rouverte", values, about)
    return await _changed(office, call, change, actor=actor)


async def look(office: Office, call_id: str, *, actor: Actor) -> tuple[HelpCall, Whose]:
    """Return a call and who is behind it; the look is a line of the logbook, without a name."""
    _may(actor)
    call = await find(office, call_id)
    found = await whose(office.ledger, call)
    line = office.line(
        actor.login, "help.looked", "Coordonnées d'une demande d'aide lues", call=call.call_id,
        alert=call.alert_id or None, people=len(found.people),
    )  # fmt: skip
    await logbook.write(office.ledger, commune=office.commune, entry=line.entry, key=line.key)
    return call, found


async def owners(office: Office) -> Mapping[str, str]:
    """Return who may have a call, by login, with their names."""
    accounts = await accounts_of(office.ledger, office.commune)
    return {
        one.user.login: one.user.name
        for one in accounts
        if one.entitled and allowed(one.user.function, MAY)
    }


async def _open(office: Office, call_id: str, actor: Actor) -> HelpCall:
    _may(actor)
    call = await find(office, call_id)
    if not call.is_open:
        raise NotNow(
            "Cette demande d'aide est terminée ({said}) : rouvrez-la s'il le faut.",
            said=Word(_SAID.get(call.outcome or "", "")),
        )
    return call


def _may(actor: Actor) -> None:
    if not allowed(actor.function, MAY):
        raise NotYou("Votre fonction ne permet pas de traiter les demandes d'aide.")


async def _taken(office: Office, call: HelpCall) -> NotNow:
    names = await owners(office)
    who = names.get(call.owner or "", call.owner or "")
    return NotNow(
        "{who} s'occupe déjà de cette demande d'aide : demandez-lui, ou reprenez-la.", who=who
    )


async def _changed(office: Office, call: HelpCall, change: _Change, *, actor: Actor) -> HelpCall:
    line = _line(office, call, change, actor=actor)
    return await _written(office, call, values=change.values, line=line, actor=actor)


def _line(office: Office, call: HelpCall, change: _Change, *, actor: Actor) -> Chained:
    return office.line(
        actor.login, f"help.{change.act}", change.said, call=call.call_id,
        alert=call.alert_id or None, came_at=round(call.came_at),
        owner=change.values.get("owner", call.owner), **change.about,
    )  # fmt: skip


async def _written(
    office: Office,
    call: HelpCall,
    *,
    values: Mapping[str, object],
    line: Chained,
    actor: Actor,
) -> HelpCall:
    if not await help_calls.change_call(office.ledger, call, values=values, line=line):
        again = await find(office, call.call_id)
        if again.is_open and again.owned and again.owner != actor.login:
            raise await _taken(office, again)
        if again.is_open and again.again_at != call.again_at:
            raise NotNow(_ASKED_AGAIN)
        raise NotNow("Quelqu'un vient de changer cette demande d'aide : relisez-la.")
    return await find(office, call.call_id)
