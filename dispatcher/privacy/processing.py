"""The register of processing (GDPR, art. 30), made from the real schema: no table is left out.

Each table belongs to one activity or is of nobody; columns under seal, and those that hold only a
mark, are read from the schema. What the program cannot know is written « à compléter ».
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import LargeBinary, Table

from dispatcher.store.sealed_columns import SEALED
from dispatcher.store.whole_schema import metadata

MISSION = (
    "Mission d'intérêt public (RGPD, art. 6.1.e) : Code de la sécurité intérieure, L731-3 et R731-2"
)


@dataclass(frozen=True)
class Activity:
    """An activity of processing; `tables` are its own, by exact name or by a beginning and `*`."""

    title: str
    purpose: str
    ground: str
    people: str
    told_by: str
    readers: str
    clocks: tuple[str, ...]
    tables: tuple[str, ...]


ACTIVITIES = (
    Activity(
        "Registre d'alerte des habitants",
        "Alerter et secourir les habitants, aux lieux et par les moyens qu'ils ont choisis",
        f"{MISSION} ; inscription volontaire, confirmée par un code ou un formulaire signé",
        "Habitants inscrits, personnes à prévenir, personnes désinscrites ou effacées (empreintes)",
        "La notice de la page d'inscription, du formulaire et de la page de chacun",
        "Maire, suppléants, RAC, opérateurs de la cellule ; chaque fiche ouverte est notée",
        ("left",),
        ("persons", "name_marks", "contacts", "homes", "own_links", "gone_marks", "kin", "kin_told",
         "signups", "code_sends", "departed", "register_keys", "home_changes", "failing",
         "failing_looks", "yearly", "yearly_rules", "door_names", "told_apart", "joined_as"),
    ),
    Activity(
        "Registre des personnes vulnérables",
        "Intervention ciblée des services sanitaires et sociaux quand le préfet déclenche le plan",
        "Obligation légale (RGPD, art. 6.1.c) : Code de l'action sociale et des familles, L121-6-1",
        "Personnes âgées ou handicapées qui l'ont demandé, ou pour qui un tiers l'a demandé",
        "L'accusé de réception sous 8 jours, et la lettre à la personne inscrite par un tiers",
        "Agents nommément désignés par le maire ; chaque consultation est au journal",
        ("looks",),
        ("vulnerable_*",),
    ),
    Activity(
        "Diffusion des alertes et preuve",
        "Envoyer, suivre les réponses et les appels à l'aide, prouver qui a été averti, et quand",
        MISSION,
        "Habitants et sites sensibles de la zone alertée",
        "La notice du registre d'alerte ; le message lui-même nomme la mairie",
        "Cellule de crise ; la preuve scellée ne s'ouvre qu'à deux personnes, avec un motif",
        ("sends", "replies", "calls", "evidence"),
        ("alerts", "versions", "blocks", "deliveries", "recipients", "attempts", "receipts",
         "answers", "replies", "unreachable", "pursuits", "pursuit_blocks", "help_calls",
         "told_marks", "version_sectors", "sector_turns", "evidence", "sealing",
         "sealed_versions", "alert_steps", "alert_tasks", "clock_marks", "fr_alert_steps",
         "sketches", "overrides", "approval_*", "phone_*"),
    ),
    Activity(
        "Conduite de la crise et main courante",
        "Décider, donner des missions, accueillir, rendre compte",
        MISSION,
        "Membres de la cellule et des équipes, habitants visités ou accueillis",
        "Affiche du centre d'accueil ; information des agents",
        "Cellule de crise ; les noms d'un centre, qui y sert",
        ("doors", "found", "missions", "desk", "centres"),
        ("events", "event_*", "centre_*", "summons*", "missions", "mission_*", "door_results",
         "loans", "loan_returns", "books", "logbook", "desk_items"),
    ),
    Activity(
        "Équipes sur le terrain et services partenaires",
        "Suivre où en sont les équipes, recevoir les états de la police et des pompiers",
        MISSION,
        "Membres des équipes ; positions effacées à la clôture de l'événement",
        "La page de l'équipe",
        "Cellule de crise",
        ("reports",),
        ("team_*", "own_teams", "field_reports", "partners", "partner_*", "external_ids"),
    ),
    Activity(
        "Accès à la console",
        "Savoir qui agit, et que ce soit bien elle",
        MISSION,
        "Agents et élus qui ont un accès",
        "La page « Mon compte »",
        "Chacun pour soi ; maire et administrateur pour les accès",
        ("sessions", "guesses", "invitations", "announcements", "acts"),
        ("users", "sessions", "guesses", "recovery_codes", "access_requests", "announcements",
         "identities", "oidc_flows", "passkeys", "spent_challenges", "acts"),
    ),
    Activity(
        "Protection des données",
        "Tenir les durées, les conservations ordonnées, les ouvertures de la preuve",
        "Obligation légale (RGPD, art. 5.2 et 30 ; Code du patrimoine, L212-2)",
        "Ceux qui décident",
        "—",
        "Maire, suppléants, délégué à la protection des données",
        (),
        ("retention_periods", "purges", "legal_holds", "evidence_openings", "eliminations"),
    ),
)  # fmt: skip
OF_NOBODY = (
    "plans", "plan_*", "addresses", "address_marks", "populations", "accounts", "paces",
    "progress", "dailies", "alarms", "mailboxes", "readiness_*", "in_service",
)  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A table as the register shows it: its columns under seal, by mark only, and clear."""

    name: str
    sealed: tuple[str, ...]
    marks: tuple[str, ...]
    clear: tuple[str, ...]


def tables_of(activity: Activity) -> list[Shown]:
    """Return the tables of an activity as the schema has them now."""
    return [shown(table) for table in metadata.sorted_tables if _is(table.name, activity.tables)]


def shown(table: Table) -> Shown:
    """Return how each column of a table is kept."""
    under = {one.column.name for one in SEALED if one.column.table is table}
    if table.name == "vulnerable_people":  # under a ring of its own
        under |= {one.name for one in table.c if isinstance(one.type, LargeBinary)}
    names = [one.name for one in table.c]
    marks = {one for one in names if one.endswith(("mark", "_hash", "pseudonym"))}
    return Shown(
        table.name,
        tuple(one for one in names if one in under),
        tuple(one for one in names if one in marks - under),
        tuple(one for one in names if one not in marks | under),
    )


def homeless() -> list[str]:
    """Return the tables that no activity has and that are not of nobody: there may be none."""
    named: Mapping[str, int] = {
        table.name: sum(_is(table.name, one.tables) for one in ACTIVITIES)
        + _is(table.name, OF_NOBODY)
        for table in metadata.sorted_tables
    }
    return [name for name, times in named.items() if times != 1]


def _is(name: str, among: Iterable[str]) -> bool:
    return any(name.startswith(one[:-1]) if one.endswith("*") else name == one for one in among)
