"""What the machine itself must have: certificates, a copy elsewhere, room, the right time. Pure."""

from dataclasses import dataclass
from datetime import datetime

from dispatcher.alarms.certificates import ENDED, REFUSED, Certified
from dispatcher.alarms.ending import WARN_DAYS
from dispatcher.readiness.lines import Line, not_ready, ready, unknown, warning
from dispatcher.store.readiness_facts import Rehearsing

BACKUP_HOURS, OLD_BACKUP_HOURS = 26.0, 72.0  # a nightly copy, with two hours' grace
BINDER_HOURS = 50.0
LITTLE_SHARE, FULL_SHARE = 0.15, 0.05
FULL_BYTES = 1_000_000_000
SLOW_CLOCK_S, WRONG_CLOCK_S = 2.0, 10.0
REHEARSALS = "rehearsals"  # the subject of their line
GONE_S = 60.0  # the process of rehearsals says every 15 s that it is there


def judge_certificate(name: str, found: Certified, *, now: datetime) -> Line:
    """Judge a server's certificate: refused, ending soon, or good."""
    subject = f"tls:{name}"
    remedy = "Renouvelez-le et relancez ce serveur : sans lui, ces messages sont refusés."
    if found.refused == ENDED:
        return not_ready(subject, "Le certificat de %(server)s est fini.", remedy, server=name)
    if found.refused:
        said = "Le certificat de %(server)s est refusé (%(why)s)."
        why = found.refused.removeprefix(REFUSED).strip("() ")
        return not_ready(subject, said, remedy, server=name, why=why)
    if found.until is None:
        return unknown(
            subject,
            "%(server)s n'a pas répondu : son certificat n'est pas vérifié.",
            "Vérifiez que ce serveur tourne, et qu'il est joint depuis cette machine.",
            server=name,
        )
    days = (found.until - now).days
    blanks = {"server": name, "days": days, "until": f"{found.until:%d/%m/%Y}"}
    if days <= max(WARN_DAYS):
        said = "Le certificat de %(server)s finit dans %(days)s jours, le %(until)s."
        return warning(subject, said, remedy, **blanks)
    return ready(subject, "Le certificat de %(server)s est bon jusqu'au %(until)s.", **blanks)


def judge_address(public_url: str) -> Line | None:
    """Judge the address that people reach, where it is no https; None where a certificate tells."""
    if public_url.startswith("https://"):
        return None
    return not_ready(
        "tls:public",
        (
            "L'adresse publique (%(url)s) n'est pas en https : les liens des messages ne sont "
            "pas sûrs."
        ),
        "Donnez un nom et un certificat à ce serveur, puis renseignez TOCSIN_PUBLIC_URL.",
        url=public_url,
    )


@dataclass(frozen=True)
class Copy:
    """A copy of what would be lost: wanted by a setting, made so many hours ago."""

    wanted: bool
    hours: float | None = None  # None: none was found


def judge_backup(found: Copy) -> Line:
    """Judge the backup of the ledger."""
    remedy = "Regardez pourquoi la sauvegarde n'est pas passée, et refaites-la ce soir."
    if not found.wanted:
        return not_ready(
            "backup",
            "Aucune sauvegarde n'est déclarée.",
            (
                "Sauvegardez le registre chaque nuit hors de ce serveur, et dites où par "
                "TOCSIN_BACKUP_MARKER."
            ),
        )
    if found.hours is None:
        said = "Rien n'est trouvé là où TOCSIN_BACKUP_MARKER cherche la sauvegarde."
        return not_ready("backup", said, remedy)
    hours = int(found.hours)
    said = "La dernière sauvegarde a %(hours)s h."
    if found.hours > OLD_BACKUP_HOURS:
        return not_ready("backup", said, remedy, hours=hours)
    if found.hours > BACKUP_HOURS:
        return warning("backup", said, remedy, hours=hours)
    return ready("backup", said, hours=hours)


def judge_binder(found: Copy) -> Line:
    """Judge the crisis binder, copied each night off the server."""
    remedy = "Montez le partage, vérifiez TOCSIN_BINDER_RECIPIENT, puis « tocsin binder build »."
    if not found.wanted:
        return not_ready(
            "binder",
            "Aucun classeur de crise n'est fait la nuit.",
            (
                "Donnez une clé et un dossier hors du serveur : TOCSIN_BINDER_TO, "
                "TOCSIN_BINDER_RECIPIENT."
            ),
        )
    if found.hours is None:
        return not_ready("binder", "Aucun classeur de crise n'a encore été copié.", remedy)
    hours = int(found.hours)
    said = "Le dernier classeur de crise a %(hours)s h."
    if found.hours > BINDER_HOURS:
        return not_ready("binder", said, remedy, hours=hours)
    return ready("binder", said, hours=hours)


def judge_witness(*, wanted: bool, problem: str) -> Line:
    """Judge where the logbook's end is told each minute, out of reach of who holds this server."""
    if not wanted:
        return warning(
            "witness",
            "La fin de la main courante n'est notée nulle part hors de ce serveur.",
            (
                "Nommez un dossier partagé ou une adresse https par TOCSIN_WITNESS_TO : sans "
                "repère gardé ailleurs, une fin coupée ne se verrait pas."
            ),
        )
    if problem:
        return not_ready(
            "witness",
            "La fin de la main courante n'est plus notée hors de ce serveur : %(why)s",
            "Montez le partage ou rétablissez l'adresse de TOCSIN_WITNESS_TO.",
            why=problem,
        )
    return ready("witness", "La fin de la main courante est notée hors de ce serveur.")


def judge_disk(free: int, total: int, *, elsewhere: bool = False) -> Line:
    """Judge the room on the disk of the data: full, it stops every alert.

    `elsewhere` says that the ledger is PostgreSQL's, whose disk cannot be asked from here: good
    news of this one are then none of that one.
    """
    share = free / total if total else 0.0
    blanks = {"free": f"{free / 1e9:.1f}", "share": f"{100 * share:.0f}"}
    said = "Il reste %(free)s Go (%(share)s %%) sur le disque des données de ce serveur."
    remedy = "Faites de la place, ou agrandissez le disque : plein, il arrête tout envoi."
    if share < FULL_SHARE or free < FULL_BYTES:
        return not_ready("disk", said, remedy, **blanks)
    if share < LITTLE_SHARE:
        return warning("disk", said, remedy, **blanks)
    if elsewhere:
        return warning(
            "disk",
            (
                "Il reste %(free)s Go (%(share)s %%) sur le disque des données de ce serveur ; "
                "celui de PostgreSQL, où est le registre, n'est pas mesuré d'ici."
            ),
            "Surveillez le disque de PostgreSQL là où il tourne : plein, il arrête tout envoi.",
            **blanks,
        )
    return ready("disk", said, **blanks)


def judge_clock(apart_s: float) -> Line:
    """Judge the clock of this machine against the database's: codes and expiries depend on it."""
    apart = f"{abs(apart_s):.1f}"
    said = "L'horloge de la machine et celle de la base diffèrent de %(apart)s s."
    remedy = "Mettez les deux à l'heure (NTP) : sinon les codes et les délais sont faux."
    if abs(apart_s) > WRONG_CLOCK_S:
        return not_ready("clock", said, remedy, apart=apart)
    if abs(apart_s) > SLOW_CLOCK_S:
        return warning("clock", said, remedy, apart=apart)
    return ready(
        "clock", "L'horloge de la machine est celle de la base, à %(apart)s s près.", apart=apart
    )


def judge_rehearsals(found: Rehearsing) -> Line:
    """Judge whether a rehearsal would be taken to its end, by the process that knows no provider.

    No real alert depends on it: without one that waits its absence is a warning.
    """
    subject = REHEARSALS
    remedy = (
        "Relancez le service (systemctl restart tocsin, ou docker compose up -d rehearsals) ; à la "
        "main : « tocsin rehearsals », sans aucun réglage de fournisseur dans son environnement."
    )
    if found.seen_s is not None and found.seen_s < GONE_S:
        said = "Une répétition va à son terme sans que rien ne sorte : son processus est là."
        return ready(subject, said)
    if found.due_s is not None and found.due_s > 0:
        said = (
            "Une répétition attend depuis %(minutes)s min : le processus des répétitions n'est pas "
            "là."
        )
        return not_ready(subject, said, remedy, minutes=int(found.due_s // 60))
    said = (
        "Le processus des répétitions n'est pas là : une répétition n'irait pas à son terme. Les "
        "alertes réelles n'en dépendent pas."
    )
    return warning(subject, said, remedy)
