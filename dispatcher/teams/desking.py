"""The desk: what came under a name or word that nobody knew is placed by a person, or set aside.

What was held is filed as the report that it would have been: at the time at which it happened,
under the id that its sender gave it. Placed twice, or sent again, it is one report.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.store.desk_items import Waiting, desk_item_of
from dispatcher.store.desk_placing import Known, Placed, Placing, end_item
from dispatcher.store.field_reports import Report
from dispatcher.store.logbook import Entry
from dispatcher.store.mission_rows import Mission, mission_of
from dispatcher.store.partners import Partner, let_in
from dispatcher.teams.ordering import MAY, find_mission
from dispatcher.teams.reporting import LONGEST_NOTE, Sender, Telling, report_of
from dispatcher.teams.roster import KnownTeam, Roster, roster_of
from plans.missions import mission_said_by
from plans.teams import EVENTS, STATUS_CODES, said_by

LONGEST_REASON = 2000


@dataclass(frozen=True)
class Choice:
    """What a person says that an item means: whose, which mission, which status or event.

    What is empty is read from the item itself. `remember` has its sender's name for the team or the
    mission known from now on.
    """

    team: str = ""
    mission: str = ""
    said: str = ""
    remember: bool = False


async def find_item(office: Office, item: str) -> Waiting:
    """Return an item of the desk; raises NotThere."""
    found = await desk_item_of(office.ledger, office.commune, item)
    if found is None:
        raise NotThere("Ce message à placer n'existe pas.")
    return found


async def place(office: Office, item: str, choice: Choice, *, actor: Actor) -> Placed:
    """File an item as the report that it is; raises NotSo where that is not said yet.

    Raises NotNow where it was set aside; placed before, it stays as it was, and nothing is filed.
    """
    _may(actor)
    found = await find_item(office, item)
    if found.ended_at is not None:
        if found.outcome.startswith(_ASIDE):
            raise NotNow("Ce message a été écarté : rien n'en a été classé.")
        return Placed(ended=False)
    roster = await roster_of(office)
    team, mission = await _meant(office, found, choice, roster=roster)
    report = _report(found, choice, (team, mission), roster=roster)
    known = await _known(office, found, (team, mission)) if choice.remember else None
    name = team.call_sign if team else mission.title if mission else ""
    outcome = f"{_PLACED} : {name}"
    entry = Entry(
        actor.login, "desk.placed", "Message placé par le guichet",
        {
            "item": item, "report": report.report_id, "team": report.team,
            "mission": report.mission, "said": report.said, "remembered": known is not None,
        },
    )  # fmt: skip
    placing = Placing(item, actor.login, outcome, entry, report, known)
    return await end_item(office.ledger, office.commune, placing, key=office.logbook_key)


async def set_aside(office: Office, item: str, reason: str, *, actor: Actor) -> Placed:
    """Set an item aside, and say why: nothing is filed, it stays in the ledger."""
    _may(actor)
    said = reason.strip()
    if not said:
        raise NotSo("Dites pourquoi ce message est écarté.")
    if len(said) > LONGEST_REASON:
        raise NotSo("Le motif est trop long : {most} signes au plus.", most=LONGEST_REASON)
    found = await find_item(office, item)
    if found.ended_at is not None and not found.outcome.startswith(_ASIDE):
        raise NotNow("Quelqu'un a déjà placé ce message.")
    entry = Entry(
        actor.login, "desk.set_aside", f"Message à placer écarté. Motif : {said}", {"item": item}
    )
    placing = Placing(item, actor.login, f"{_ASIDE} : {said}", entry)
    return await end_item(office.ledger, office.commune, placing, key=office.logbook_key)


_PLACED, _ASIDE = "placé", "écarté"
_Meant = tuple[KnownTeam | None, Mission | None]


async def _meant(office: Office, item: Waiting, choice: Choice, *, roster: Roster) -> _Meant:
    """Return which team and mission are meant; raises NotSo where the team is not said."""
    body = item.body
    mission = None
    if choice.mission:
        mission = await find_mission(office, choice.mission)
    elif named := str(body.get("mission", "")):
        ours = roster.mission(named, partner=item.author)
        mission = await mission_of(office.ledger, office.commune, ours)
    asked = choice.team or str(body.get("team", ""))
    team = roster.find(asked, partner=item.author) if asked else None
    if choice.team and team is None:
        raise NotThere("L'équipe « {team} » n'existe pas.", team=choice.team)
    if team is None and mission is not None and mission.team is not None:
        team = roster.teams.get(mission.team)
    if team is None and (mission is None or body.get("team") or choice.said):
        raise NotSo("Dites de quelle équipe il s'agit.")
    return team, mission


def _report(item: Waiting, choice: Choice, meant: _Meant, *, roster: Roster) -> Report:
    body, (team, mission) = item.body, meant
    said = _said(body, choice, roster)
    mission_word = str(body.get("mission_word", ""))
    mission_said = mission_said_by(mission_word) if mission and mission_word else None
    telling = Telling(
        at=datetime.fromtimestamp(item.happened_at, UTC),
        said=said,
        mission=mission.mission if mission else None,
        mission_said=mission_said,
        event=(mission.event if mission else None) or roster.event,
        strength=body.get("strength"),
        note=str(body.get("note", "") or body.get("text", ""))[:LONGEST_NOTE],
        lon=body.get("lon"),
        lat=body.get("lat"),
        accuracy_m=body.get("accuracy_m"),
    )
    if not telling.says and telling.lon is None:
        raise NotSo("Dites ce que cela veut dire : un état de l'équipe ou un message.")
    sender = Sender(item.source, item.author, item.item)
    # The id that its sender gave it: sent again, or placed again, it is the same report.
    return report_of(telling, team, sender=sender)._replace(report_id=item.item)


def _said(body: Mapping[str, Any], choice: Choice, roster: Roster) -> str | None:
    if choice.said:
        if choice.said not in STATUS_CODES and choice.said not in EVENTS:
            raise NotSo("« {word} » n'est pas un état d'équipe.", word=choice.said)
        return choice.said
    word = body.get("word")
    if word is None:
        return None
    said = said_by(word, radio=roster.radio)
    if said is None:
        raise NotSo("Dites ce que veut dire « {word} » : choisissez un état.", word=str(word))
    return said


async def _known(office: Office, item: Waiting, meant: _Meant) -> Known | None:
    """Return what is remembered: how a partner calls one of its own; raises NotSo for another's."""
    team, mission = meant
    if item.source != "partner" or item.why == "unknown_word":
        return None
    partner = await _partner(office, item.author)
    own = team is not None and _of(partner, team)
    if not own:
        raise NotSo("Cette équipe n'est pas confiée à ce partenaire : placez sans retenir le nom.")
    if item.why == "unknown_mission":
        return Known(item.author, "mission", item.named, mission.mission) if mission else None
    return Known(item.author, "team", item.named, team.team) if team else None


async def _partner(office: Office, partner: str) -> Partner | None:
    found = await let_in(office.ledger)
    return next(
        (one for one in found if (one.commune, one.partner) == (office.commune, partner)), None
    )


def _of(partner: Partner | None, team: KnownTeam) -> bool:
    return partner is not None and (team.team in partner.teams or team.partner == partner.partner)


def _may(actor: Actor) -> None:
    if not allowed(actor.function, MAY):
        raise NotYou("Votre fonction ne permet pas de placer des messages.")
