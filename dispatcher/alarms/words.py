"""What an alarm says: the problem and what to do next, in sentences; and its short message."""

from collections.abc import Sequence

from dispatcher.alarms.silence import Verdict
from dispatcher.alarms.telling import Words
from dispatcher.store.alarms import Raised

SILENCE, LEDGER, REHEARSAL = "silence", "ledger", "rehearsal"  # subjects
STILL, IN_VAIN, HELD = "still", "in-vain", "held"  # kinds of silence

QUEUES = {
    "sms": "SMS",
    "voice": "appels",
    "email": "e-mails",
    "webhook": "webhooks",
    "rehearsal-sms": "SMS",
    "rehearsal-voice": "appels",
    "rehearsal-email": "e-mails",
    "rehearsal-webhook": "webhooks",
    "planning": "préparation des envois",
    "pursuit": "relances",
}
OTHERWISE = (
    "Si rien ne repart en une minute, alertez autrement : sirène, porte-à-porte, ensemble mobile."
)
REMEDIES = {
    STILL: "Relancez le service (systemctl restart tocsin, ou docker compose restart worker) :"
    f" rien n'est perdu, rien ne part deux fois. {OTHERWISE}",
    IN_VAIN: "Lancez « tocsin provider check » et appelez le fournisseur ; un second compte reprend"
    f" les envois. {OTHERWISE}",
    HELD: "Arrêtez ce qui ne doit plus partir, puis « tocsin restored --go-on ».",
    REHEARSAL: "Relancez le service (systemctl restart tocsin, ou docker compose up -d rehearsals)"
    " : personne n'attend ces messages, aucune alerte réelle n'en dépend.",
    LEDGER: "Le disque est-il plein, la base est-elle arrêtée ou verrouillée ? Rétablissez-la : le"
    f" service repart seul. {OTHERWISE}",
}
OVER = {
    SILENCE: "Les envois ont repris, ou il n'y a plus rien à envoyer",
    LEDGER: "Le registre répond de nouveau",
    REHEARSAL: "La répétition a repris, ou il n'y a plus rien à répéter",
}


def silence(verdict: Verdict) -> Raised:
    """Word a silence."""
    queues, for_s = _still(verdict)
    if verdict.held:
        kind, said = HELD, "Copie de sauvegarde remise : rien ne part, des messages attendent"
    elif verdict.tried:
        kind, said = IN_VAIN, f"Aucun message n'est accepté depuis {for_s:.0f} s"
    else:
        kind, said = STILL, f"Des messages attendent et rien ne part depuis {for_s:.0f} s"
    return Raised(SILENCE, kind, f"{said} ({queues}).", REMEDIES[kind])


def rehearsal(verdict: Verdict) -> Raised:
    """Word a rehearsal that stands still: nobody waits for it, and no siren is of use."""
    queues, for_s = _still(verdict)
    if verdict.held:
        said = "Copie de sauvegarde remise : une répétition attend"
    else:
        said = f"Une répétition n'avance plus depuis {for_s:.0f} s : son processus manque"
    remedy = REMEDIES[HELD if verdict.held else REHEARSAL]
    return Raised(REHEARSAL, REHEARSAL, f"{said} ({queues}).", remedy)


def _still(verdict: Verdict) -> tuple[str, float]:
    queues = ", ".join(QUEUES.get(name, name) for name in sorted(verdict.still_s))
    return queues, max(verdict.still_s.values())


def ledger(for_s: float) -> Raised:
    """Word a ledger that does not answer."""
    said = f"Le registre ne répond plus depuis {for_s:.0f} s : rien ne peut partir."
    return Raised(LEDGER, LEDGER, said, REMEDIES[LEDGER])


def told(raised: Raised, communes: Sequence[str]) -> Words:
    """Return the words that those on call get: whole, and for an SMS where to look."""
    where = f" ({', '.join(communes[:3])})" if communes else ""
    head = f"ALARME Tocsin{where} : {raised.problem}"
    return Words(
        "ALARME Tocsin",
        f"{head} {raised.remedy}",
        f"{head} Voyez la console et « tocsin alarm list ».",
    )


TRIAL = Words(
    "Essai des alarmes de Tocsin",
    "Essai : c'est ainsi que Tocsin vous préviendrait d'une panne. Il n'y a rien à faire.",
    "Essai Tocsin : une panne vous serait annoncée ainsi. Il n'y a rien à faire.",
)
