"""What the DNS says of the domains that mails come from: would they arrive, may others forge. Pure.

RFC 7208 (SPF), RFC 6376 (DKIM), RFC 7489 (DMARC). An SPF that names no server refuses the town
hall's own mails: it is no more ready than none.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

from dispatcher.readiness.lines import Line, not_ready, ready, unknown, warning
from dispatcher.readiness.mail_names import SPF_END, SPF_REDIRECT, MailNames, tagged, tags

_SPF_NAMES = re.compile(
    r"\s\+?(?:include:|ip4:|ip6:|exists:|(?:a|mx|ptr)(?:[:/\s]|$))", re.IGNORECASE
)
_WHOLE_PCT = 100
_LONG_NAME = 70  # of a domain in a subject: the ledger keeps 80 characters


def judge_mail(named: Sequence[MailNames], back: Sequence[MailNames]) -> list[Line]:
    """Judge the domains that mails are from, and the SPF of those that they come back to.

    Those after the first are told under their names.
    """
    lines = [line for found in named[:1] for line in judge_names(found)]
    lines += [_of(found.domain, line) for found in named[1:] for line in judge_names(found)]
    return lines + [_of(found.domain, judge_spf(found)) for found in back]


def _of(domain: str, line: Line) -> Line:
    """Name a line after its domain, within what the ledger keeps of a subject."""
    if len(domain) > _LONG_NAME:
        digest = hashlib.sha256(domain.encode()).hexdigest()[:8]
        domain = f"{domain[: _LONG_NAME - 9]}~{digest}"
    return replace(line, subject=f"{line.subject}:{domain}")


def judge_names(found: MailNames) -> list[Line]:
    """Judge the three."""
    return [judge_spf(found), _judge_dkim(found), _judge_dmarc(found)]


def no_domain() -> list[Line]:
    """Say that nothing can be judged while no account sends mails."""
    said = "Aucun compte n'envoie d'e-mails : il n'y a pas de domaine à vérifier."
    return [unknown("spf", said, "Renseignez TOCSIN_SMTP_….")]


def _silent(subject: str, domain: str) -> Line:
    return unknown(
        subject,
        "Le DNS n'a pas répondu pour %(domain)s.",
        "Vérifiez la résolution de noms de cette machine, puis vérifiez de nouveau.",
        domain=domain,
    )


def judge_spf(found: MailNames) -> Line:
    """Judge the SPF of a domain, or that of the domain that it leaves to."""
    if not found.spf.asked:
        return _silent("spf", found.domain)
    if found.redirect and not found.redirected.asked:
        return _silent("spf", found.redirect)
    records = tagged(found.spf, "v=spf1")
    if found.redirect:
        there = tagged(found.redirected, "v=spf1")
        if len(there) != 1:
            return not_ready(
                "spf",
                "Le SPF de %(domain)s renvoie à %(other)s, qui n'en a pas, ou en a plusieurs.",
                "Corrigez « redirect= » dans le SPF de %(domain)s, ou nommez-y votre serveur.",
                domain=found.domain,
                other=found.redirect,
            )
        records = there
    return _judge_record(found.domain, records)


def _judge_record(domain: str, records: list[str]) -> Line:
    remedy = (
        "Publiez un seul enregistrement TXT « v=spf1 … -all » pour %(domain)s, qui nomme votre "
        "serveur d'envoi."
    )
    if not records:
        return not_ready("spf", "%(domain)s n'a pas de SPF.", remedy, domain=domain)
    if len(records) > 1:
        said = "%(domain)s a plusieurs SPF : ils ne valent rien (RFC 7208)."
        return not_ready("spf", said, remedy, domain=domain)
    end = SPF_END.search(records[0])
    if end is None and SPF_REDIRECT.search(records[0]):
        said = "Le SPF de %(domain)s renvoie plus loin que Tocsin ne le suit."
        return unknown("spf", said, remedy, domain=domain)
    if end is None or end[1] in ("", "+", "?"):
        said = "Le SPF de %(domain)s laisse tout le monde écrire en son nom."
        return not_ready("spf", said, remedy, domain=domain)
    if not _SPF_NAMES.search(records[0][: end.start()]):
        said = "Le SPF de %(domain)s ne nomme aucun serveur : vos propres e-mails sont refusés."
        return not_ready("spf", said, remedy, domain=domain)
    return ready("spf", "Le SPF de %(domain)s refuse les autres serveurs.", domain=domain)


def _judge_dkim(found: MailNames) -> Line:
    domain, selector = found.domain, found.selector
    if not selector:
        return unknown(
            "dkim",
            "Le sélecteur DKIM de %(domain)s n'est pas connu : la signature n'est pas vérifiée.",
            "Demandez-le à qui envoie vos e-mails, et renseignez TOCSIN_READY_DKIM_SELECTOR.",
            domain=domain,
        )
    if not found.dkim.asked:
        return _silent("dkim", domain)
    keys = [tags(one).get("p", "") for one in found.dkim.texts]
    if not any(keys):
        return not_ready(
            "dkim",
            "La clé DKIM « %(selector)s » de %(domain)s n'est pas publiée, ou a été retirée.",
            (
                "Publiez la clé que donne votre serveur d'envoi, sous "
                "%(selector)s._domainkey.%(domain)s."
            ),
            domain=domain,
            selector=selector,
        )
    said = "La clé DKIM « %(selector)s » de %(domain)s est publiée."
    return ready("dkim", said, domain=domain, selector=selector)


def _judge_dmarc(found: MailNames) -> Line:
    remedy = "Publiez un TXT « v=DMARC1; p=reject; rua=mailto:… » sous _dmarc.%(domain)s."
    domain = found.domain
    if not found.dmarc.asked:
        return _silent("dmarc", domain)
    records = tagged(found.dmarc, "v=dmarc1")
    if len(records) != 1:
        said = "%(domain)s n'a pas de DMARC, ou en a plusieurs."
        return not_ready("dmarc", said, remedy, domain=domain)
    written = tags(records[0])
    policy = (written.get("sp") if found.inherited else None) or written.get("p", "")
    return _judge_policy(domain, policy.lower(), written.get("pct", ""), remedy)


def _judge_policy(domain: str, policy: str, pct: str, remedy: str) -> Line:
    share = int(pct) if pct.isdecimal() else _WHOLE_PCT
    if policy == "reject" and share < _WHOLE_PCT:
        said = "Le DMARC de %(domain)s ne fait refuser que %(share)s %% des faux (pct=%(share)s)."
        return warning("dmarc", said, remedy, domain=domain, share=share)
    if policy == "reject":
        said = "Le DMARC de %(domain)s fait refuser les faux (p=reject)."
        return ready("dmarc", said, domain=domain)
    if policy == "quarantine":
        said = "Le DMARC de %(domain)s met les faux de côté sans les refuser (p=quarantine)."
        return warning("dmarc", said, remedy, domain=domain)
    if policy == "none":
        said = "Le DMARC de %(domain)s laisse passer les faux (p=%(policy)s)."
        return warning("dmarc", said, remedy, domain=domain, policy=policy)
    said = "Le DMARC de %(domain)s ne dit pas que faire des faux (p=%(policy)s)."
    return not_ready("dmarc", said, remedy, domain=domain, policy=policy)
