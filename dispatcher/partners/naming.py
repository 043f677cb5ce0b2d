"""External names: what a partner calls a team or a mission, added and removed by hand."""

from dataclasses import dataclass

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.partners.registry import find
from dispatcher.partners.telling import announced
from dispatcher.store import partner_names
from dispatcher.store.mission_rows import mission_of
from dispatcher.store.own_teams import own_teams_of
from dispatcher.store.partner_names import Name
from dispatcher.store.partner_registry import Registered
from plans.teams import plain

KINDS = ("team", "mission")
LONGEST = 120


async def names(office: Office, partner: str) -> list[Name]:
    """Return what a partner calls ours."""
    return await partner_names.names_of(office.ledger, office.commune, partner)


@dataclass(frozen=True)
class Called:
    """What a partner calls something of ours: a team or a mission, its name for it, our id."""

    kind: str
    external: str
    ours: str = ""


async def add_name(office: Office, partner: str, called: Called, *, by: Actor) -> None:
    """Keep that a partner calls a team or mission of ours so. Raises NotSo, NotNow, NotThere."""
    one = await find(office, partner)
    if one.state != "live":
        raise NotNow("Ce partenaire n'est pas admis : regardez sa page.")
    name = Name(office.commune, partner, called.kind, called.external.strip(), called.ours.strip())
    await _check(office, one, name)
    data = {"name_kind": name.kind, "external": name.external, "ours": name.ours}
    told = await announced(office, one.asked, "named", by=by, **data)
    if not await partner_names.add(office.ledger, name, told.line, by=by.login):
        raise NotNow(
            "Ce partenaire appelle déjà quelque chose « {name} » : retirez d'abord ce nom.",
            name=name.external,
        )


async def remove_name(office: Office, partner: str, called: Called, *, by: Actor) -> None:
    """Forget a name. Raises NotThere."""
    one = await find(office, partner)
    name = Name(office.commune, partner, called.kind, called.external, "")
    data = {"name_kind": called.kind, "external": called.external}
    told = await announced(office, one.asked, "unnamed", by=by, **data)
    if not await partner_names.remove(office.ledger, name, told.line):
        raise NotThere("Ce nom n'est pas dans la liste de ce partenaire.")


async def teams_of(office: Office, one: Registered) -> frozenset[str]:
    """Return the teams that a partner speaks for: those of the plan that it was given, its own."""
    own = await own_teams_of(office.ledger, office.commune)
    its = {each.team for each in own if each.partner == one.asked.partner}
    return frozenset({*one.asked.teams, *its})


async def _check(office: Office, one: Registered, name: Name) -> None:
    if name.kind not in KINDS:
        raise NotSo("Un nom est celui d'une équipe ou d'une mission.")
    if not 0 < len(name.external) <= LONGEST or not name.external.isprintable():
        raise NotSo("Le nom que donne le partenaire a de 1 à 120 signes.")
    if name.kind == "mission":
        await _check_mission(office, name)
        return
    its = await teams_of(office, one)
    if name.ours not in its:
        raise NotSo("Ce partenaire ne parle pas pour l'équipe « {ours} ».", ours=name.ours)
    for team, call_sign in (await _call_signs(office)).items():
        meant = team == name.external or (team in its and plain(call_sign) == plain(name.external))
        if meant and team != name.ours:
            raise NotSo(
                "« {name} » est déjà le nom de l'équipe « {team} » : ce partenaire parlerait d'une"
                " autre sans le savoir.",
                name=name.external,
                team=team,
            )


async def _check_mission(office: Office, name: Name) -> None:
    if await mission_of(office.ledger, office.commune, name.ours) is None:
        raise NotSo("Il n'y a pas de mission « {ours} ».", ours=name.ours)
    if name.external != name.ours and await mission_of(
        office.ledger, office.commune, name.external
    ):
        raise NotSo("« {name} » est déjà l'une de nos missions.", name=name.external)


async def _call_signs(office: Office) -> dict[str, str]:
    """Return the call sign of each team of the commune, of the plan and beside it, by its id."""
    own = await own_teams_of(office.ledger, office.commune)
    found = {one.team: one.call_sign for one in own}
    try:
        planned = (await in_force(office)).plan.teams
    except NotThere:
        return found
    return found | {one.id: one.call_sign for one in planned}
