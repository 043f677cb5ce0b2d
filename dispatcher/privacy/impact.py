"""A starter of the impact assessment (GDPR, art. 35), in the order of the CNIL's method.

Facts come from the schema, the accounts and the ledger; what only the commune can judge is left to
be filled, and says so.
"""

from collections.abc import Iterable, Mapping

from dispatcher.alerts.office import Office
from dispatcher.privacy.kinds import FIXED, KINDS
from dispatcher.privacy.periods import days_of, decided
from dispatcher.privacy.processing import ACTIVITIES, Activity, tables_of
from dispatcher.privacy.processors import TO_FILL, Processor
from dispatcher.store import registered

RISKS: Mapping[str, tuple[str, ...]] = {
    "Accès illégitime aux données": (
        "Noms, contacts et adresses chiffrés un à un (AES-256-GCM), liés à leur place",
        "Deux registres séparés, deux clés ; clés hors de la base",
        "Second facteur, droits par fonction, chaque fiche ouverte notée à un nom",
        "Preuve ouverte à deux, avec un motif, un jour",
    ),
    "Modification non désirée": (
        "Main courante et preuve chaînées et scellées, vérifiables sans le serveur",
        "Lancement à deux personnes ; second administrateur pour les accès",
        "Code envoyé au contact avant tout changement venu d'un habitant",
    ),
    "Disparition des données": (
        "Sauvegardes, restauration essayée, classeur de crise chaque nuit hors du serveur",
        "Conservation ordonnée : une personne suffit pour garder, deux pour lever",
        "Aucune archive publique effacée sans visa",
    ),
}


async def register_of(office: Office, processors: Iterable[Processor]) -> dict[str, object]:
    """Return the register of processing as values of JSON."""
    days, set_ = await days_of(office), await decided(office)
    known = {one.kind: one for one in KINDS}
    return {
        "commune": office.commune,
        "controller": f"Commune, représentée par son maire : {TO_FILL} (adresse, téléphone)",
        "dpo": TO_FILL,
        "activities": [
            {
                "title": one.title,
                "purpose": one.purpose,
                "ground": one.ground,
                "people": one.people,
                "told_by": one.told_by,
                "readers": one.readers,
                "retention": [
                    {
                        "kind": kind,
                        "said": known[kind].said,
                        "from": known[kind].since,
                        "days": days[kind],
                        "decided": set_[kind].reference if kind in set_ else None,
                    }
                    for kind in one.clocks
                ],
                "tables": [vars(table) for table in tables_of(one)],
            }
            for one in ACTIVITIES
        ],
        "fixed": dict(FIXED),
        "processors": [vars(one) for one in processors],
    }


async def impact_of(office: Office, processors: Iterable[Processor]) -> str:
    """Return the starter as Markdown, in French."""
    register = await register_of(office, processors)
    counts = await registered.counts(office.ledger, office.commune)
    lines = [
        f"# Analyse d'impact (AIPD) : alerte de la population, commune {office.commune}",
        "",
        "Point de départ produit par le logiciel. Ce qui est « à compléter » vous revient.",
        "",
        "## 1. Contexte",
        "",
        f"- Habitants inscrits : {counts.people}, dont {counts.confirmed} au contact confirmé ;"
        f" désinscrits : {counts.left}.",
        f"- Responsable : {register['controller']}. Délégué : {register['dpo']}.",
        "",
        "| Traitement | Finalité | Base légale | Personnes | Qui lit |",
        "|---|---|---|---|---|",
        *("| " + " | ".join(_row(one)) + " |" for one in ACTIVITIES),
        "",
        "Sous-traitants :",
        "",
        *[f"- {one.name} : {one.receives}. Transfert : {one.transfer}. Contrat : {one.contract}."
          for one in processors],
        "",
        "## 2. Principes fondamentaux",
        "",
        "- Données minimales : aucune donnée de santé, aucun champ libre médical ; coordonnées"
        " claires sous un identifiant qui ne nomme personne.",
        "- Inscription volontaire, confirmée ; page de chacun : voir, changer, emporter, effacer.",
        *_periods(await days_of(office)),
        f"- Proportionnalité au regard des risques de la commune : {TO_FILL}.",
        "",
        "## 3. Risques",
        "",
        "| Événement redouté | Mesures en place | Gravité | Vraisemblance |",
        "|---|---|---|---|",
        *(f"| {risk} | {' ; '.join(has)} | {TO_FILL} | {TO_FILL} |" for risk, has in RISKS.items()),
        "",
        "## 4. Validation",
        "",
        f"- Avis du délégué : {TO_FILL}. Avis des habitants ou de leurs représentants : {TO_FILL}.",
        f"- Décision du maire, plan d'action, date de révision : {TO_FILL}.",
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _row(one: Activity) -> tuple[str, ...]:
    return one.title, one.purpose, one.ground, one.people, one.readers


def _periods(days: Mapping[str, int]) -> list[str]:
    return [f"- {one.said} : {days[one.kind]} jours après {one.since}." for one in KINDS]
