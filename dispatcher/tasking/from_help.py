"""A mission of a call for help: the team is sent and the call ended by the same act.

The mission holds the door, what it needs and her words; no name and no number that she did not
write: who calls stays with the call.
"""

from dataclasses import replace

from sqlalchemy import Connection

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.distress import calls
from dispatcher.distress.calls import End
from dispatcher.store.help_calls import HelpCall, change_in
from dispatcher.store.help_whose import Home, Whose, whose
from dispatcher.store.mission_rows import Mission
from dispatcher.tasking.where_to import where_to
from dispatcher.tasking.wishes import Wish, made, of_another, same_origin
from dispatcher.teams.ordering import NewMission, find_mission, find_team
from dispatcher.teams.roster import roster_of

HELP = "help"
MOST_WORDS = 400  # signs of what she said
MOST_OTHERS = 4  # addresses beside the one it goes to: behind a switchboard there are many
_CHANGED = "Quelqu'un vient de changer cette demande d'aide : relisez-la."


async def from_help(office: Office, call_id: str, *, wish: Wish, how: End, actor: Actor) -> Mission:
    """Send a team to who called, and end the call so; the same call again has the same mission.

    `how` brings the note and what was read of the call; its outcome is `team_sent`. It goes to the
    wish's place, else to the likeliest address. Raises NotSo without a team or where that place is
    not hers, NotNow where the team or somebody else has it, and what `calls.end` raises.
    """
    call = await calls.find(office, call_id)
    if not call.is_open and call.mission:
        return await _sent_already(office, call.mission, wish)
    if not wish.team:
        raise NotSo("Dites quelle équipe part : sans elle, personne n'est envoyé.")
    sent = replace(how, outcome="team_sent", mission=None)
    ready = await calls.ending(office, call_id, sent, actor=actor)

    def end_too(connection: Connection, mission: str) -> None:
        values = {**ready.values, "mission": mission}
        data = {**ready.line.entry.data, "mission": mission}
        line = replace(ready.line, entry=replace(ready.line.entry, data=data))
        if not change_in(connection, ready.call, values=values, line=line):
            raise NotNow(_CHANGED)

    found = await whose(office.ledger, ready.call)
    homes = _chosen(await where_to(office, ready.call, found), wish.place)
    new = replace(
        _mission_of(ready.call, found, homes),
        standing=same_origin(office.commune, HELP, call_id),
        beside=end_too,
    )
    return await made(office, new, replace(wish, queue=False), actor=actor)


async def _sent_already(office: Office, mission: str, wish: Wish) -> Mission:
    """Return the mission that ended a call; raises NotNow where another team has it."""
    found = await find_mission(office, mission)
    if wish.team and (await find_team(office, wish.team)).team != found.team:
        known = (await roster_of(office)).teams.get(found.team or "")
        raise of_another(known, found.team, title=found.title)
    return found


def _chosen(homes: list[Home], place: str) -> list[Home]:
    """Return the addresses with the one that was chosen first."""
    if not place:
        return homes
    chosen = [one for one in homes if one.label == place]
    if not chosen:
        raise NotSo("Cette adresse n'est plus connue : relisez la demande et choisissez-en une.")
    return [*chosen, *(one for one in homes if one.label != place)]


def _mission_of(call: HelpCall, found: Whose, homes: list[Home]) -> NewMission:
    home = homes[0] if homes else None
    others = " ; ".join(one.label for one in homes[1 : 1 + MOST_OTHERS])
    leave = any(one.needs_help for one in found.people)
    lines = [
        home.label if home else "Adresse inconnue : demandez-la à la cellule.",
        f"« {_in_short(found)} »" if found.said else "",
        f"{len(found.people)} personne(s) connue(s) ici." if found.people else "",
        "Ne peut pas partir seule." if leave else "",
        f"Autre adresse connue : {others}." if others else "",
    ]
    return NewMission(
        kind="evacuate" if leave else "assist",
        title="Demande d'aide : porter secours",
        text="\n".join(filter(None, lines)),
        lon=home.lon if home else None,
        lat=home.lat if home else None,
        urgency=1,
        origin=HELP,
        origin_ref=call.call_id,
        mode=call.mode,
    )


def _in_short(found: Whose) -> str:
    """Return what she said, cut at its beginning: the newest says where she is now."""
    words = " / ".join(" ".join(one.text.split()) for one in found.said)
    return words if len(words) <= MOST_WORDS else f"…{words[1 - MOST_WORDS :]}"
