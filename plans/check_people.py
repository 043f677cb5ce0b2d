"""Checks of who acts: the DOS and deputies, cells, teams, duty, contacts that can be reached."""

from plans import check_sentences as say
from plans import sentences, word_sentences
from plans.case import Case
from plans.people import Contact, OutsideService, Team
from plans.watch import CRITICAL_MIN
from plans.wire import invented_address, invented_phone

ORGANISATION_FILE = "organisation.yaml"
DIRECTORY_FILE = "annuaire.yaml"
POLICY_FILE = "alerte/reglement.yaml"


def check_dos(case: Case) -> None:
    """Somebody decides, and somebody stands in (G2005: only the DOS decides)."""
    if case.unread(ORGANISATION_FILE):
        return
    find = case.findings
    dos = next((role for role in case.plan.roles if role.code == "DOS"), None)
    if dos is None:
        find.fault(
            find.spot_of("organisation", key="fonctions", file=ORGANISATION_FILE), say.NO_DOS
        )
    elif not set(dos.deputies) - {dos.holder}:
        find.fault(find.spot_of("role", "DOS", key="suppleants"), say.NO_DEPUTY)


def check_approvers(case: Case) -> None:
    """Somebody may approve an alert."""
    codes = {role.code for role in case.plan.roles}
    if case.unread(ORGANISATION_FILE) or codes & set(case.plan.policy.approvers):
        return
    spot = case.findings.spot_of("policy", key="decision", file=POLICY_FILE)
    case.findings.fault(spot, word_sentences.NO_POLICY_APPROVER)


def check_cells(case: Case) -> None:
    """Each cell has a lead and a deputy."""
    find = case.findings
    if not case.plan.cells and not case.unread(ORGANISATION_FILE):
        spot = find.spot_of("organisation", key="cellules", file=ORGANISATION_FILE)
        find.warn(spot, say.NO_CELLS)
    for cell in case.plan.cells:
        if cell.lead is None:
            find.warn(
                find.spot_of("cell", cell.code, key="responsable"), say.NO_CELL_LEAD, code=cell.code
            )
        if cell.deputy is None:
            find.warn(
                find.spot_of("cell", cell.code, key="suppleant"), say.NO_CELL_DEPUTY, code=cell.code
            )


def check_teams(case: Case) -> None:
    """Nobody leaves alone: each team counts at least its minimum."""
    for team in case.plan.teams:
        _check_team(team, case)
    for kind, times in case.plan.watch.items():
        if (times.critical_min or CRITICAL_MIN) < (times.news_min or 0):
            spot = case.findings.spot_of("teams", key="surveillance", file="equipes.yaml")
            case.findings.fault(
                spot, say.LATE_WARNING, kind=kind, news=times.news_min,
                critical=times.critical_min or CRITICAL_MIN,
            )  # fmt: skip


def _check_team(team: Team, case: Case) -> None:
    find, people = case.findings, len(team.people)
    if people < team.minimum:
        spot = find.spot_of("team", team.id, key="membres")
        find.fault(spot, say.SMALL_TEAM, ident=team.id, people=people, minimum=team.minimum)
    if team.leader is None:
        find.warn(find.spot_of("team", team.id, key="chef"), say.NO_LEADER, ident=team.id)


def check_duty(case: Case) -> None:
    """Somebody is on call this week."""
    year, number, _ = case.today.isocalendar()
    week = f"{year}-W{number:02d}"
    duty = [line for line in case.plan.on_call if line.week == week]
    if any(line.official or line.technician for line in duty) or case.unread(DIRECTORY_FILE):
        return
    spot = case.findings.spot_of("directory", key="astreinte", file=DIRECTORY_FILE)
    case.findings.warn(spot, say.NOBODY_ON_CALL, week=week)


def check_ranks(case: Case) -> None:
    """Nobody is on call, or called by the prefecture, in the place of another."""
    find = case.findings
    weeks: dict[str, int] = {}
    for index, line in enumerate(case.plan.on_call):
        if weeks.setdefault(line.week, index) != index:
            spot = find.spot_of("directory", key=f"astreinte[{index}]", file=DIRECTORY_FILE)
            find.warn(spot, say.TWIN_WEEK, week=line.week)
    ranks: dict[int, str] = {}
    for contact in case.plan.contacts:
        rank = contact.prefecture_rank
        first = contact.id if rank is None else ranks.setdefault(rank, contact.id)
        if first != contact.id:
            spot = find.spot_of("contact", contact.id, key="rang_prefecture")
            find.warn(spot, say.TWIN_RANK, first=first, second=contact.id, rank=rank)


def check_reach(case: Case) -> None:
    """Each contact can be reached, by ways that do not endanger what is sent."""
    for contact in case.plan.contacts:
        spot = case.findings.spot_of("contact", contact.id)
        if not (contact.phones or contact.email or contact.webhook):
            case.findings.warn(spot, say.UNREACHABLE, ident=contact.id)
        _check_addresses(contact, "contact", case)
    for service in case.plan.outside_services:
        _check_addresses(service, "service", case)


def _check_addresses(who: Contact | OutsideService, kind: str, case: Case) -> None:
    find = case.findings
    if who.webhook and who.webhook.startswith("http://"):
        find.warn(find.spot_of(kind, who.id, key="webhook"), word_sentences.PLAIN_WEBHOOK)
    if not case.invented:
        return
    for phone in who.phones:
        if not invented_phone(phone):
            spot = find.spot_of(kind, who.id, key="tel")
            find.fault(spot, sentences.REAL_NUMBER, value=phone)
    for key, address in (("email", who.email), ("webhook", who.webhook)):
        if address and not invented_address(address):
            spot = find.spot_of(kind, who.id, key=key)
            find.fault(spot, sentences.REAL_ADDRESS, value=address)
