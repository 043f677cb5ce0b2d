"""What somebody writes on her answering page: read as an SMS is, tied to the page's own alert."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from channels.reply_words import Meaning
from dispatcher.alerts.meant import COUNTED, counted_as, meant, stop_said
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow
from dispatcher.delivery.answers import record_to
from dispatcher.delivery.content import Content
from dispatcher.store.alert_lines import Question
from dispatcher.store.help_calls import HELP
from dispatcher.store.information import topics_of
from dispatcher.store.replies import Reply, keep_reply, known_by
from dispatcher.store.written import PAGE, address_of, written_lately

MOST, WITHIN_S = 20, 3600.0  # of one contact's pages: more is no person
MOST_CRIES = 100  # of which the words are kept all the same
LATE_S = 24 * 3600.0  # after the end, somebody may still need help
LONGEST = 1000  # signs
STOP_ALL = "stop_all"  # the button beside which stands what it ends: danger too
_SID_CHARS = 40


@dataclass(frozen=True)
class Written:
    """What was sent: `kind` is the button (`write`, `help`, `stop`, `STOP_ALL` or `start`).

    `once` names the form, so that the same form sent twice is kept once.
    """

    kind: str
    words: str
    once: str


async def answer_written(office: Office, asked: Question, written: Written) -> None:
    """Keep what was written on a page, once, with all that follows from it.

    Raises NotNow past `MOST` an hour: a cry for help alone is still kept, in its words.
    """
    meaning = _meaning(asked, written)
    ledger, commune = office.ledger, asked.commune
    lately = await written_lately(ledger, asked.contact_mark, within_s=WITHIN_S)
    if lately >= MOST and meaning != HELP:
        raise NotNow("Vous avez envoyé beaucoup de messages : appelez la mairie.")
    if lately >= MOST_CRIES:
        await record_to(ledger, commune, asked.delivery_id, kind=HELP, via=PAGE)
        return
    contact = await address_of(ledger, commune, asked.delivery_id)
    known = await known_by(ledger, contact, communes=[commune]) if contact else []
    if meaning == "stop":
        said = stop_said(known, again=_again(asked, written), danger=of_danger(asked))
    elif meaning == "start":
        said = "started"
    else:
        said = counted_as(meaning, Content.of(asked.line.content))
    counts = said in COUNTED and (meaning == HELP or runs(asked))
    reply = Reply(
        commune=commune,
        sid=_sid(asked, written),
        kind=meaning,
        medium=PAGE,
        account=PAGE,
        said=said,
        contact=contact,
        body=written.words or None,
        version_id=asked.line.version_id,
        deliveries=(asked.delivery_id,),
        counted=counts,
        known_in=frozenset({commune} if known else ()),
    )
    await keep_reply(ledger, reply, key=office.logbook_key)


def _again(asked: Question, written: Written) -> bool:
    """Whether she chose to end danger too: by its own button, after that of information.

    Each button says what it ends. Pressed twice, by two of a household, the first still ends
    information only: what stood beside it is kept.
    """
    return written.kind == STOP_ALL and asked.told_of == "danger"


def runs(asked: Question) -> bool:
    """Whether the alert of a page is in force."""
    return asked.line.runs_at(_now())


def heard_late(asked: Question) -> bool:
    """Whether a cry, or words, are still taken: while the alert runs, and for a day after it."""
    ended = asked.line.cancelled_at or asked.line.expires_at
    return runs(asked) or _now() - ended < LATE_S


def _meaning(asked: Question, written: Written) -> Meaning:
    if written.kind == HELP:
        return "help"
    if written.kind in ("stop", STOP_ALL):
        return "stop"
    if written.kind == "start":
        return "start"
    return meant(written.words, Content.of(asked.line.content))


def of_danger(asked: Question) -> bool:
    """Whether the alert of a page is in force, and of a danger."""
    line = asked.line
    tells = line.kind in ("alert", "update") and line.mode == "real"
    return tells and runs(asked) and topics_of(line.content) is None


def _sid(asked: Question, written: Written) -> str:
    whole = "\n".join((asked.delivery_id, written.once, written.kind, written.words))
    digest = hashlib.sha256(whole.encode(errors="surrogatepass")).hexdigest()
    return f"{PAGE}-{digest}"[:_SID_CHARS]


def _now() -> float:
    return datetime.now(UTC).timestamp()
