"""A team beside the plan: a partner's patrol, volunteers who came."""

from dataclasses import dataclass

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotYou
from dispatcher.store.own_teams import OwnTeam, add_team
from dispatcher.store.partners import let_in
from dispatcher.teams.ordering import MAY
from dispatcher.teams.roster import KnownTeam, roster_of
from plans.teams import plain

TEAM_KINDS = (
    *("intervention", "evaluation", "relais_quartier", "accueil"),
    *(
        "municipal_police",
        "police",
        "gendarmerie",
        "fire",
        "civil_protection",
        "volunteers",
        "other",
    ),
)
LONGEST_SIGN = 60
MOST_NEEDED = 50


@dataclass(frozen=True)
class NewTeam:
    """A team to add: what it is called on the air, its kind, whose it is, how few may leave."""

    call_sign: str
    kind: str = "other"
    partner: str = ""
    minimum: int = 2


async def add(office: Office, new: NewTeam, *, actor: Actor) -> KnownTeam:
    """Add a team; the same again is the one that is there. Raises NotNow where a name is taken."""
    if not allowed(actor.function, MAY):
        raise NotYou("Votre fonction ne permet pas d'ajouter une équipe.")
    sign = await _checked(office, new)
    made = OwnTeam(plain(sign)[:32], sign, new.kind, new.partner or None, new.minimum)
    found = (await roster_of(office)).find(sign)
    if found is not None:
        same = OwnTeam(found.team, found.call_sign, found.kind, found.partner, found.minimum)
        if same == made and not found.planned:
            return found
        raise NotNow("Une équipe s'appelle déjà « {name} ».", name=found.call_sign)
    line = office.line(
        actor.login, "team.added", f"Équipe ajoutée : {sign}", team=made.team, team_kind=new.kind,
        partner=made.partner, minimum=new.minimum,
    )  # fmt: skip
    if not await add_team(office.ledger, office.commune, made, by=actor.login, line=line):
        raise NotNow("Une équipe s'appelle déjà « {name} ».", name=sign)
    return KnownTeam(made.team, sign, new.kind, new.minimum, made.partner, planned=False)


async def _checked(office: Office, new: NewTeam) -> str:
    sign = " ".join(new.call_sign.split())
    if not plain(sign) or len(sign) > LONGEST_SIGN:
        raise NotSo("Donnez à l'équipe un indicatif (60 signes au plus).")
    if new.kind not in TEAM_KINDS:
        raise NotSo("« {kind} » n'est pas un genre d'équipe.", kind=new.kind)
    if not 1 <= new.minimum <= MOST_NEEDED:
        raise NotSo("L'effectif minimal va de 1 à {most}.", most=MOST_NEEDED)
    if new.partner:
        known = {
            one.partner for one in await let_in(office.ledger) if one.commune == office.commune
        }
        if new.partner not in known:
            raise NotSo("« {partner} » n'est pas un partenaire de la commune.", partner=new.partner)
    return sign
