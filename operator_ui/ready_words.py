"""The words of « Prêt ? »: states of its lines, and what each line is about."""

from collections.abc import Mapping

READY_WORDS: Mapping[str, Mapping[str, str]] = {
    "ready_state": {
        "not_ready": "Pas prêt",
        "unknown": "Pas vérifié",
        "warning": "À surveiller",
        "ready": "Prêt",
    },
    "ready": {  # what a line is about
        "account": "Compte d'envoi",
        "accounts": "Comptes d'envoi",
        "approvers": "Qui valide cette nuit",
        "backup": "Sauvegarde",
        "binder": "Classeur de crise",
        "caller": "Numéro des appels",
        "canary": "Essai quotidien",
        "clock": "Horloge",
        "copies": "Copies de sauvegarde",
        "cover": "Adresses couvertes",
        "credit": "Crédit",
        "disk": "Disque",
        "dkim": "Signature des e-mails (DKIM)",
        "dmarc": "Refus des faux e-mails (DMARC)",
        "duty": "Astreinte",
        "evaluation": "Évaluation du plan",
        "exercise": "Exercice",
        "machine": "Machine",
        "mail": "Domaine des e-mails",
        "medium": "Fournisseur",
        "people": "Personnes",
        "plan": "Plan de la commune",
        "rehearsals": "Répétitions",
        "revision": "Révision du plan",
        "sender": "Nom d'émetteur des SMS",
        "spf": "Serveurs d'e-mail (SPF)",
        "templates": "Modèles validés d'avance",
        "tls": "Certificat",
        "trial": "Trois téléphones",
        "unreachable": "Qui valide, sans numéro",
        "untested": "Comptes sans essai quotidien",
        "without_access": "Qui valide, sans accès",
        "witness": "Repères de la main courante",
        "worker": "Service d'envoi",
    },
}
RIGHTS: Mapping[str, str] = {
    "ready.check": "Vérifier de nouveau si tout est prêt",
    "ready.trial": "Envoyer un essai à trois téléphones",
    "service.open": "Mettre la commune en service, ou hors service",
}
