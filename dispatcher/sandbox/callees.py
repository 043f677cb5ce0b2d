"""How the people at the other end behave: deterministic by number and seed.

Without failures (the default, and what the demo promises) every SMS and mail is delivered and
every call is taken; `acknowledge_share` of the callees press 1, `help_share` press 2, the others
listen and say nothing. With failures switched on, the shares of outcomes below apply as well, and
the magic numbers of the French fiction blocks (06 39 98, 01 99 00, 02 61 91, 03 53 01, 04 65 71,
05 36 49) always do what their last four digits say:

| ends in | SMS | call |
|---|---|---|
| 9900 | delivered | answered, presses 1 |
| 9901 | delivered | answered, presses 2 |
| 9902 | delivered | answered, presses nothing |
| 9903 | delivered | answered, presses 0 (again), then 1 |
| 9904 | delivered | busy |
| 9905 | delivered | no-answer |
| 9906 | delivered | voicemail: hears the words, presses nothing |
| 9907 | delivered | failed |
| 9911 | undelivered, 30003 unreachable handset | answered, presses 1 |
| 9912 | undelivered, 30005 unknown handset | answered, presses 1 |
| 9913 | undelivered, 30006 landline or unreachable carrier | answered, presses 1 |
| 9914 | failed, 30008 unknown error | answered, presses 1 |
| 9915 | sent, and never a last word | answered, presses 1 |
| 9916 | refused at once, 21610 unsubscribed | answered, presses 1 |
| 9917 | refused at once, 21211 invalid number | refused at once, 21211 |

Mail, with failures on, by the part before the @: `unknown` is refused with 550, `full` with 452.
"""

import re
from dataclasses import dataclass
from hashlib import blake2b

FICTION = re.compile(r"\+33(63998|19900|26191|35301|46571|53649)(\d{4})")
BLOCKED_MAIL = {
    "unknown": "550 5.1.1 No such mailbox here",
    "full": "452 4.2.2 Mailbox full",
}


@dataclass(frozen=True)
class Behaviour:
    """What the sandbox's public does; shares are of all numbers, from 0 to 1."""

    seed: int = 1
    failures: bool = False
    latency_s: float = 0.1
    acknowledge_share: float = 0.8
    help_share: float = 0.05
    undelivered_share: float = 0.03
    busy_share: float = 0.05
    no_answer_share: float = 0.1
    voicemail_share: float = 0.1


@dataclass(frozen=True)
class SmsFate:
    """How an SMS ends; `refused` is a code given at once instead of accepting."""

    status: str = "delivered"
    error_code: int | None = None
    refused: int | None = None


@dataclass(frozen=True)
class CallFate:
    """How a call goes: `outcome` answered, voicemail, busy, no-answer or failed; `keys` pressed."""

    outcome: str = "answered"
    keys: tuple[str, ...] = ()
    refused: int | None = None


ONE = CallFate(keys=("1",))
MAGIC_CALLS = {
    "9900": ONE,
    "9901": CallFate(keys=("2",)),
    "9902": CallFate(),
    "9903": CallFate(keys=("0", "1")),
    "9904": CallFate("busy"),
    "9905": CallFate("no-answer"),
    "9906": CallFate("voicemail"),
    "9907": CallFate("failed"),
    "9911": ONE,
    "9912": ONE,
    "9913": ONE,
    "9914": ONE,
    "9915": ONE,
    "9916": ONE,
    "9917": CallFate(refused=21211),
}
MAGIC_SMS = {
    **dict.fromkeys(
        ("9900", "9901", "9902", "9903", "9904", "9905", "9906", "9907"),
        SmsFate(),
    ),
    "9911": SmsFate("undelivered", 30003),
    "9912": SmsFate("undelivered", 30005),
    "9913": SmsFate("undelivered", 30006),
    "9914": SmsFate("failed", 30008),
    "9915": SmsFate("sent"),
    "9916": SmsFate(refused=21610),
    "9917": SmsFate(refused=21211),
}


def chance(*parts: object) -> float:
    """Draw from [0, 1), always the same for the same parts: dice that can be thrown again."""
    digest = blake2b(repr(parts).encode(), digest_size=7).digest()
    return int.from_bytes(digest) / 2**56


def sms_fate(behaviour: Behaviour, to: str) -> SmsFate:
    """Say how an SMS to this number ends."""
    if not behaviour.failures:
        return SmsFate()
    magic = MAGIC_SMS.get(_magic(to))
    if magic is not None:
        return magic
    if chance(behaviour.seed, "sms", to) < behaviour.undelivered_share:
        return SmsFate("undelivered", 30003)
    return SmsFate()


def call_fate(behaviour: Behaviour, to: str, *, attempt: str) -> CallFate:
    """Say how a call to this number goes.

    Whether someone picks up depends on the attempt too (a busy line frees itself); which key is
    pressed depends on the person only.
    """
    if behaviour.failures:
        magic = MAGIC_CALLS.get(_magic(to))
        if magic is not None:
            return magic
        outcome = _outcome(behaviour, chance(behaviour.seed, "line", to, attempt))
        if outcome != "answered":
            return CallFate(outcome)
    drawn = chance(behaviour.seed, "key", to)
    if drawn < behaviour.acknowledge_share:
        return ONE
    if drawn < behaviour.acknowledge_share + behaviour.help_share:
        return CallFate(keys=("2",))
    return CallFate()


def mail_refusal(behaviour: Behaviour, mailbox: str) -> str | None:
    """Give the SMTP refusal of a magic mailbox, or None where mail is welcome."""
    return BLOCKED_MAIL.get(mailbox.partition("@")[0]) if behaviour.failures else None


def _magic(to: str) -> str:
    matched = FICTION.fullmatch(to)
    return matched[2] if matched else ""


def _outcome(behaviour: Behaviour, drawn: float) -> str:
    shares = (
        ("busy", behaviour.busy_share),
        ("no-answer", behaviour.no_answer_share),
        ("voicemail", behaviour.voicemail_share),
    )
    for outcome, share in shares:
        if drawn < share:
            return outcome
        drawn -= share
    return "answered"
