"""What an operator types for a team that speaks by radio or telephone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher.access.permissions import allowed
from dispatcher.alerts.drafting import new_id
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotYou
from dispatcher.store.mission_rows import ACTIVE, Mission, missions_of
from dispatcher.store.team_rows import TeamRow, team_rows
from dispatcher.teams.ordering import MAY, find_team
from dispatcher.teams.reporting import LONGEST_NOTE, Sender, Telling
from dispatcher.teams.roster import KnownTeam, roster_of
from dispatcher.teams.typed import say
from plans.missions import MOVED_BY
from plans.teams import DEPARTURE, said_by

AHEAD = timedelta(minutes=5)
OLDEST = timedelta(days=7)
MOST_PEOPLE = 500


@dataclass(frozen=True)
class Spoken:
    """What a team says: a status or event in any of the words that partners use; `at`, aware.

    `at` None is now. `forced` has it noted although it makes no sense by what is known.
    """

    word: str
    at: datetime | None = None
    strength: int | None = None
    note: str = ""
    forced: bool = False


async def note(
    office: Office, team: str, spoken: Spoken, *, actor: Actor, key: str = ""
) -> TeamRow:
    """Note what a team says; refused in words where senseless, unless `forced`.

    `key` is the click's: the same again notes nothing more.
    """
    if not allowed(actor.function, MAY):
        raise NotYou("Votre fonction ne permet pas de noter l'état des équipes.")
    known = await find_team(office, team)
    said = said_by(spoken.word, radio=(await roster_of(office)).radio)
    if said is None:
        raise NotSo("« {word} » n'est pas un état d'équipe.", word=spoken.word)
    at = _moment(office, spoken)
    _check_words(spoken)
    if not spoken.forced:
        rows = await team_rows(office.ledger, office.commune)
        _check_strength(known, said, _aboard(spoken, rows.get(known.team)))
    telling = Telling(at, said=said, strength=spoken.strength, note=spoken.note)
    if (mission := await _active(office, known, at=at)) is not None:
        moved = MOVED_BY.get(said, {}).get(mission.state)
        telling = telling._replace(mission=mission.mission, mission_said=moved, event=mission.event)
    sender = Sender("console", actor.login, key or new_id())
    return await say(office, known.team, telling, sender=sender, forced=spoken.forced)


async def _active(office: Office, team: KnownTeam, *, at: datetime) -> Mission | None:
    """Return the mission that a team had then: what it says by radio answers it as its SMS do."""
    for one in await missions_of(office.ledger, office.commune, going=True):
        if one.team == team.team and one.state in ACTIVE and one.ordered_at is not None:
            return one if one.ordered_at <= at.timestamp() else None
    return None


def _aboard(spoken: Spoken, row: TeamRow | None) -> int | None:
    """Return how many are aboard: as they say, or as they said last."""
    if spoken.strength is not None:
        return spoken.strength
    return row.strength if row else None


def _moment(office: Office, spoken: Spoken) -> datetime:
    now = office.clock()
    if spoken.at is None:
        return now
    if spoken.at > now + AHEAD:
        raise NotSo("Cette heure est dans l'avenir.")
    if spoken.at < now - OLDEST:
        raise NotSo("Cette heure date de plus de 7 jours : vérifiez la date.")
    return spoken.at


def _check_words(spoken: Spoken) -> None:
    if len(spoken.note) > LONGEST_NOTE:
        raise NotSo("Le message est trop long : {most} signes au plus.", most=LONGEST_NOTE)
    if spoken.strength is not None and not 0 <= spoken.strength <= MOST_PEOPLE:
        raise NotSo("L'effectif est un nombre de 0 à {most}.", most=MOST_PEOPLE)


def _check_strength(team: KnownTeam, said: str, strength: int | None) -> None:
    if said == DEPARTURE and strength is not None and strength < team.minimum:
        raise NotNow(
            "{team} ne part pas à moins de {least} : complétez-la, ou notez-le quand même.",
            team=team.call_sign, least=team.minimum,
        )  # fmt: skip
