"""SPF, DKIM and DMARC of the domain that mails come from: asked of the DNS, then judged.

RFC 7208 (SPF), RFC 6376 (DKIM), RFC 7489 (DMARC). Without them mails land in spam, and anybody
writes in the town hall's name (SECURITY T30).
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address

import dns.asyncresolver
import dns.exception
import dns.resolver

from dispatcher.readiness.lines import Line, not_ready, ready, unknown, warning

WITHIN_S = 8.0
_FAULTS = (dns.exception.DNSException, OSError)
_SPF_END = re.compile(r"(?:^|\s)([-~?+]?)all(?:\s|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Records:
    """The texts found at a name; `asked` is False where the DNS did not answer."""

    texts: tuple[str, ...] = ()
    asked: bool = True


@dataclass(frozen=True)
class MailNames:
    """What the DNS says of a sender's domain.

    `selector` names the DKIM key, empty where it is not known; `inherited` that the DMARC record
    was found at a parent of the domain.
    """

    domain: str
    spf: Records
    dmarc: Records
    dkim: Records
    selector: str = ""
    inherited: bool = False


def resolver_at(server: str) -> dns.asyncresolver.Resolver:
    """Return a resolver: the machine's own, or at `address` or `address:port` of a server.

    Raises ValueError where that is no address, NoResolverConfiguration where the machine has none.
    """
    if not server:
        found = dns.asyncresolver.Resolver()
    else:
        host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "")
        found = dns.asyncresolver.Resolver(configure=False)
        found.nameservers = [str(ip_address(host))]
        found.port = int(port or 53)
    return found


async def ask_names(
    domain: str, *, selector: str, server: str = "", within_s: float = WITHIN_S
) -> MailNames:
    """Ask for the three records of a domain."""
    try:
        resolver = resolver_at(server)
        resolver.lifetime = within_s
    except _FAULTS:
        silent = Records(asked=False)
        return MailNames(domain, silent, silent, silent, selector)
    spf = await _texts(resolver, domain)
    dmarc, inherited = await _dmarc(resolver, domain)
    dkim = Records()
    if selector:
        dkim = await _texts(resolver, f"{selector}._domainkey.{domain}")
    return MailNames(domain, spf, dmarc, dkim, selector, inherited)


async def _dmarc(resolver: dns.asyncresolver.Resolver, domain: str) -> tuple[Records, bool]:
    """Find the record at the domain, else at its nearest parent that has one."""
    labels = domain.split(".")
    found = Records()
    for at in range(max(1, len(labels) - 1)):
        found = await _texts(resolver, f"_dmarc.{'.'.join(labels[at:])}")
        if not found.asked or _tagged(found, "v=dmarc1"):
            return found, at > 0
    return found, False


async def _texts(resolver: dns.asyncresolver.Resolver, name: str) -> Records:
    try:
        answer = await resolver.resolve(name, "TXT")
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return Records()
    except _FAULTS:
        return Records(asked=False)
    said = (b"".join(one.strings).decode("utf-8", "replace") for one in answer)
    return Records(tuple(said))


def judge_names(found: MailNames) -> list[Line]:
    """Judge the three."""
    return [_judge_spf(found), _judge_dkim(found), _judge_dmarc(found)]


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


def _judge_spf(found: MailNames) -> Line:
    remedy = (
        "Publiez un seul enregistrement TXT « v=spf1 … -all » pour %(domain)s, qui nomme votre "
        "serveur d'envoi."
    )
    domain = found.domain
    if not found.spf.asked:
        return _silent("spf", domain)
    records = _tagged(found.spf, "v=spf1")
    if not records:
        return not_ready("spf", "%(domain)s n'a pas de SPF.", remedy, domain=domain)
    if len(records) > 1:
        said = "%(domain)s a plusieurs SPF : ils ne valent rien (RFC 7208)."
        return not_ready("spf", said, remedy, domain=domain)
    end = _SPF_END.search(records[0])
    if end is None and "redirect=" in records[0].lower():
        return ready("spf", "%(domain)s renvoie son SPF à un autre domaine.", domain=domain)
    if end is None or end[1] in ("", "+", "?"):
        said = "Le SPF de %(domain)s laisse tout le monde écrire en son nom."
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
    keys = [_tags(one).get("p", "") for one in found.dkim.texts]
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
    records = _tagged(found.dmarc, "v=dmarc1")
    if len(records) != 1:
        said = "%(domain)s n'a pas de DMARC, ou en a plusieurs."
        return not_ready("dmarc", said, remedy, domain=domain)
    tags = _tags(records[0])
    policy = (tags.get("sp") if found.inherited else None) or tags.get("p", "")
    if policy.lower() == "reject":
        said = "Le DMARC de %(domain)s fait refuser les faux (p=reject)."
        return ready("dmarc", said, domain=domain)
    if policy.lower() == "quarantine":
        said = "Le DMARC de %(domain)s met les faux de côté sans les refuser (p=quarantine)."
        return warning("dmarc", said, remedy, domain=domain)
    said = "Le DMARC de %(domain)s laisse passer les faux (p=%(policy)s)."
    return not_ready("dmarc", said, remedy, domain=domain, policy=policy or "none")


def _tagged(records: Records, version: str) -> list[str]:
    begin = re.compile(rf"{re.escape(version)}(?:[\s;]|$)", re.IGNORECASE)
    return [one for one in records.texts if begin.match(one.replace("v = ", "v="))]


def _tags(record: str) -> dict[str, str]:
    pairs = (one.split("=", 1) for one in record.split(";") if "=" in one)
    return {name.strip().lower(): value.strip() for name, value in pairs}
