"""What people answer by SMS or by ringing back: tied to the right alert, kept, answered.

An answer belongs to the newest alert in force that may have left for its number, in any commune of
the installation; a cry for help, to the newest real one that takes it: an exercise or information
that came since does not hide that one. All else is kept for the desk, which reads it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from channels.call_twiml import MISSION, keypad_answer, often_twiml, quiet_twiml, ring_twiml
from channels.reply_words import Meaning, coming_of, cries_out, meaning_of
from channels.sms_answers import sms_answer
from channels.twilio_inbound import Rung, Texted
from dispatcher.alerts.office import Office
from dispatcher.alerts.switchboard import NOWHERE, Switchboard, Town, towns_of_number
from dispatcher.delivery import tokens
from dispatcher.delivery.answers import KINDS
from dispatcher.delivery.calls import spoken
from dispatcher.delivery.content import SUMMONS, Content
from dispatcher.store.ledger import Ledger
from dispatcher.store.names import number_delivery
from dispatcher.store.open_alerts import OpenAlert, Received, received
from dispatcher.store.personal import contact_mark
from dispatcher.store.replies import Known, Reply, keep_reply, known_by, was_warned

DANGER_LANES = (0, 1)  # 2: tests and information
PUBLIC_MODES = ("real", "public_test")  # an exercise is its players' alone
DEFAULT_LANGUAGE = "fr"
OF_SUMMONS = ("coming", "unable", "come_or_not")
COUNTED = ("thanks", "help", "coming", "unable")  # what is kept as an answer to its message


@dataclass(frozen=True)
class Counter:
    """Where what comes in is answered; `account` is the provider's whose number it came to."""

    office: Office  # of any commune: what comes in says whose it is
    switchboard: Switchboard
    account: str
    hooks: str  # the address under which the provider finds us

    @property
    def ledger(self) -> Ledger:
        """The ledger of the installation."""
        return self.office.ledger


@dataclass(frozen=True)
class Tie:
    """Whose message it is: the alert, its number's own copies of it, the words for this reader.

    Without an alert, `town` alone is known, and nothing where no commune is. `danger`: some alert
    in force that the number received, this one or an older one, is of a danger.
    """

    commune: str
    language: str
    town: Town | None = None
    known: Sequence[Known] = ()
    alert: OpenAlert | None = None
    content: Content | None = None
    deliveries: tuple[str, ...] = ()
    danger: bool = False

    @property
    def issuer(self) -> str:
        """Who speaks."""
        if self.content is not None:
            return self.content.issuer
        return self.town.issuer if self.town else "Mairie"

    @property
    def phone(self) -> str:
        """Whom to ask; empty where the plan does not say."""
        return self.town.phone if self.town else ""

    @property
    def said_in(self) -> frozenset[str]:
        """The communes whose registers hold this number."""
        return frozenset(one.commune for one in self.known)


async def answer_text(counter: Counter, texted: Texted) -> str:
    """Keep an SMS, once, and return the words that answer it.

    They are empty where nobody could read them, and for who sends SMS without end: all are kept,
    and a request for help is always answered.
    """
    tie = await _tie(counter, texted.sender, to=texted.to, text=texted.text)
    meaning = _meant(texted.text, tie)
    coming = coming_of(texted.text) if _asks_to_come(tie.content) else None
    often = not counter.switchboard.texts.passes(texted.sender)
    said = coming or await _said(counter, texted, tie=tie, meaning=meaning)
    reply = Reply(
        commune=tie.commune,
        sid=texted.sid,
        kind=coming or meaning,
        medium="sms",
        account=counter.account,
        said=said,
        contact=texted.sender,
        body=texted.text,
        version_id=tie.alert.version_id if tie.alert else None,
        deliveries=tie.deliveries,
        counted=said in COUNTED,
        known_in=tie.said_in,
    )
    told = await keep_reply(counter.ledger, reply, key=counter.office.logbook_key)
    if not texted.sender or (often and told != "help"):  # two machines would answer each other
        return ""
    if tie.content is not None and tie.content.asks == MISSION and told in OF_SUMMONS:
        told = f"mission_{told}"
    return sms_answer(told, language=tie.language, issuer=tie.issuer, phone=tie.phone)


def _meant(text: str, tie: Tie) -> Meaning:
    """Return what an SMS says, a cry for help in somebody's own words included.

    Who is called to her duty says much of what she cannot do: of her the plain forms alone are one.
    """
    meaning = meaning_of(text)
    summoned = tie.content is not None and tie.content.is_summons
    return "help" if meaning == "unknown" and not summoned and cries_out(text) else meaning


async def _said(counter: Counter, texted: Texted, *, tie: Tie, meaning: Meaning) -> str:
    """Choose the answer: acts on the registers first, then what the alert's own policy takes."""
    if meaning == "start":
        return "started"
    if meaning == "stop":
        if not tie.danger or await was_warned(counter.ledger, texted.sender):
            return "stopped"
        return "stop_warned"
    if tie.content is None:
        return "no_alert"
    if not tie.content.two_way:
        return "one_way"
    return _counted(meaning, tie.content)


def _asks_to_come(content: Content | None) -> bool:
    return content is not None and content.is_summons and content.two_way


def _counted(meaning: Meaning, content: Content) -> str:
    if content.is_summons:
        return "no_help" if meaning == "help" else "come_or_not"
    if meaning == "understood":
        return "thanks"
    if meaning == "help":
        return "help" if content.offers_help else "no_help"
    return "unknown" if content.offers_help else "one_key"


async def answer_ring(counter: Counter, rung: Rung) -> str:
    """Return the instructions of a call to our number: the message in force, or whom to ask.

    Nothing is written: a flood of calls at the alert costs a look-up each.
    """
    if not counter.switchboard.rings.passes(rung.caller):
        return often_twiml(DEFAULT_LANGUAGE)
    tie = await _tie(counter, rung.caller, to=rung.to, text=None)
    if tie.alert is None or tie.content is None:
        return quiet_twiml(language=tie.language, issuer=tie.issuer, phone=tie.phone)
    place = tokens.Rung(counter.account, tie.alert.commune, tie.alert.version_id)
    return ring_twiml(spoken(tie.content, tie.language), action_url=_action(counter, place))


async def answer_key(counter: Counter, rung: Rung, heard: tokens.Rung) -> str | None:
    """Keep a key pressed by who rang back, and return what answers it; None: no such alert.

    It counts where the alert that was heard may have left for the caller's number. Of anyone else
    it is kept for the desk, with what is known of her.
    """
    content = await counter.switchboard.content(counter.ledger, heard.commune, heard.version_id)
    if content is None:
        return None
    mine = await _received_of(counter, rung.caller, heard)
    language = mine.language if mine else content.language
    kind, twiml = keypad_answer(
        rung.digit,
        spoken(content, language),
        action_url=_action(counter, heard),
        hidden=not rung.caller,
    )
    if kind in KINDS:
        reply = Reply(
            commune=heard.commune,
            sid=rung.sid,
            kind=kind,
            medium="voice",
            account=counter.account,
            said="thanks" if kind == "understood" else kind,
            contact=rung.caller,
            version_id=heard.version_id,
            deliveries=mine.deliveries if mine else (),
            counted=mine is not None,
        )
        await keep_reply(counter.ledger, reply, key=counter.office.logbook_key)
    return twiml


async def _received_of(counter: Counter, caller: str, heard: tokens.Rung) -> Received | None:
    """Return the newest version of the alert heard that may have left for the caller."""
    found, mine = await _received(counter, caller)
    alert = next((one.alert_id for one in found if one.version_id == heard.version_id), None)
    return next(
        (one for one in mine if (one.alert.commune, one.alert.alert_id) == (heard.commune, alert)),
        None,
    )


async def _received(counter: Counter, number: str) -> tuple[list[OpenAlert], list[Received]]:
    mark = contact_mark(counter.ledger.ring, number)
    return await received(counter.ledger, partial(number_delivery, contact_mark=mark))


async def _tie(counter: Counter, number: str, *, to: str, text: str | None) -> Tie:
    """Find the alert that an SMS answers; without `text`, for a call, else the commune's own."""
    found, mine = await _received(counter, number)
    rings = text is None
    if mine:
        chosen = await _answered(counter, mine, text or "")
        tie = await _tied(counter, chosen, found, number="" if rings else number)
        return replace(tie, danger=any(one.alert.lane in DANGER_LANES for one in mine))
    towns = await counter.switchboard.towns(counter.office)
    meant = towns_of_number(towns, to)
    known = await _known(counter, number)
    own = [one for one in meant if any(one.commune == some.commune for some in known)] or [
        one for one in towns if any(one.commune == some.commune for some in known)
    ]
    among = own or list(meant)
    public = _public(found, among) if rings else None
    town = next((one for one in among if public is None or one.commune == public.commune), None)
    language = known[0].language if known else town.language if town else DEFAULT_LANGUAGE
    commune = town.commune if town else NOWHERE
    if public is None:
        return Tie(commune, language, town=town, known=known)
    content = await counter.switchboard.content(counter.ledger, public.commune, public.version_id)
    return Tie(public.commune, language, town=town, known=known, alert=public, content=content)


async def _answered(counter: Counter, mine: Sequence[Received], text: str) -> Received:
    """Return the message that an SMS answers: the newest; of a cry, the newest that takes it."""
    meaning = meaning_of(text)
    if meaning != "help" and not cries_out(text):
        return mine[0]
    for one in mine:
        content = await counter.switchboard.content(
            counter.ledger, one.alert.commune, one.alert.version_id
        )
        if content is None:
            continue
        if content.is_summons and (coming_of(text) or meaning != "help"):
            return one  # « 2 » is her answer to it
        if content.offers_help and not content.is_summons and one.alert.mode == "real":
            return one
    return mine[0]


async def _known(counter: Counter, number: str, *, also: str = "") -> Sequence[Known]:
    if not number:
        return ()
    towns = await counter.switchboard.towns(counter.office)
    communes = sorted({also, *(one.commune for one in towns)} - {""})
    return await known_by(counter.ledger, number, communes=communes)


def _public(found: Sequence[OpenAlert], towns: Sequence[Town]) -> OpenAlert | None:
    communes = {one.commune for one in towns}
    return next(
        (
            one
            for one in found
            if one.mode in PUBLIC_MODES and one.commune in communes and one.kind != SUMMONS
        ),
        None,
    )


async def _tied(
    counter: Counter, mine: Received, found: Sequence[OpenAlert], *, number: str
) -> Tie:
    """Take the current words of the alert: a correction may not have reached this number yet.

    With `number`, say also who has it: a call does not ask, since it may be one of a flood.
    """
    same = (mine.alert.commune, mine.alert.alert_id)
    current = next(one for one in found if (one.commune, one.alert_id) == same)
    content = await counter.switchboard.content(counter.ledger, current.commune, current.version_id)
    return Tie(
        current.commune,
        mine.language,
        known=await _known(counter, number, also=current.commune),
        alert=current,
        content=content,
        deliveries=mine.deliveries,
    )


def _action(counter: Counter, heard: tokens.Rung) -> str:
    return f"{counter.hooks}/ringkey/{tokens.ring_token(counter.office.tokens, heard)}"
