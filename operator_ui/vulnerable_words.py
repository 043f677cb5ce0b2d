"""Words of the register of vulnerable people, in French; the catalogue has them in English."""

from collections.abc import Mapping

VULNERABLE_RIGHTS: Mapping[str, str] = {
    "vulnerable.journal": "Voir qui a consulté le registre des personnes vulnérables",
    "vulnerable.keep": "Tenir le registre des personnes vulnérables, une fois désigné",
    "vulnerable.name": "Désigner qui tient le registre des personnes vulnérables",
    "vulnerable.open": "Ouvrir le registre des personnes vulnérables",
    "vulnerable.rule": "Décider si le PCS ouvre le registre des personnes vulnérables",
}
VULNERABLE_WORDS: Mapping[str, Mapping[str, str]] = {
    "vulnerable_quality": {
        "aged_65": "65 ans et plus",
        "aged_60_unfit": "60 ans et plus, inapte au travail",
        "disabled": "Adulte en situation de handicap (AAH, PCH, CMI, RQTH, pension d'invalidité)",
    },
    "vulnerable_asked_by": {
        "person": "La personne elle-même",
        "representative": "Son représentant légal",
        "third_party": "Un tiers (famille, voisin, médecin, service)",
    },
    "vulnerable_link": {
        "spouse": "conjoint",
        "child": "enfant",
        "parent": "père ou mère",
        "family": "autre parent",
        "neighbour": "voisin",
        "friend": "ami",
        "doctor": "médecin",
        "service": "service à domicile",
        "guardian": "tuteur ou curateur",
        "other": "autre lien",
    },
    "vulnerable_ground": {
        "prefect_plan": "Le préfet déclenche le plan d'alerte et d'urgence",
        "pcs_activation": "Le PCS est activé",
    },
    "vulnerable_reason": {  # for what a card is opened; a ground while the register is open
        "person": "La personne le demande",
        "relative": "Un proche ou son représentant le demande",
        "acknowledge": "Accuser réception de la demande",
        "yearly": "Vérifier la fiche, comme chaque année",
        "enrolment": "Inscription refusée, qui l'a fait connaître",
        "prefect_plan": "Plan du préfet",
        "pcs_activation": "PCS activé",
    },
    "vulnerable_look": {
        "search": "recherche",
        "card": "fiche",
        "numbers": "numéros",
        "letter": "accusé de réception",
        "list": "liste entière",
    },
    "vulnerable_how": {
        "post": "Par la poste",
        "hand": "En main propre",
        "email": "Par e-mail",
        "before": "Déjà remis, avant l'inscription ici",
    },
    "vulnerable_gone": {
        "left": "Elle le demande",
        "objected": "Elle s'oppose à la demande d'un tiers",
        "moved": "Elle a quitté la commune",
        "died": "Elle est décédée",
        "mistake": "Elle a été inscrite par erreur",
    },
    "vulnerable_outcome": {
        "": "à joindre",
        "well": "va bien",
        "help": "a besoin d'aide",
        "absent": "ne répond pas",
        "elsewhere": "en sûreté ailleurs",
    },
}
