"""What people answer by SMS or by ringing back: tied to the right alert, kept, answered.

What answers no alert (`tying.py`) is kept for the desk, which reads it.
"""

from channels.call_twiml import MISSION, keypad_answer, often_twiml, quiet_twiml, ring_twiml
from channels.reply_words import Meaning, coming_of
from channels.sms_answers import sms_answer
from channels.twilio_inbound import Rung, Texted
from dispatcher.alerts.meant import ALWAYS, COUNTED, counted_as, meant, stop_said
from dispatcher.alerts.tying import DEFAULT_LANGUAGE, Counter, Tie, received_by, tie_of
from dispatcher.delivery import tokens
from dispatcher.delivery.answers import KINDS
from dispatcher.delivery.calls import spoken
from dispatcher.delivery.content import Content
from dispatcher.store.open_alerts import Received
from dispatcher.store.replies import Reply, keep_reply, was_warned

OF_SUMMONS = ("coming", "unable", "come_or_not")


async def answer_text(counter: Counter, texted: Texted) -> str:
    """Keep an SMS, once, and return the words that answer it.

    They are empty where nobody could read them, and for who sends SMS without end: all are kept,
    and a request for help is always answered, as what STOP ends is always told.
    """
    tie = await tie_of(counter, texted.sender, to=texted.to, text=texted.text)
    meaning = meant(texted.text, tie.content)
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
    if not texted.sender or (often and told not in ALWAYS):  # two machines would answer each other
        return ""
    if tie.content is not None and tie.content.asks == MISSION and told in OF_SUMMONS:
        told = f"mission_{told}"
    return sms_answer(told, language=tie.language, issuer=tie.issuer, phone=tie.phone)


async def _said(counter: Counter, texted: Texted, *, tie: Tie, meaning: Meaning) -> str:
    """Choose the answer: acts on the registers first, then what the alert's own policy takes."""
    if meaning == "start":
        return "started"
    if meaning == "stop":
        again = await was_warned(counter.ledger, texted.sender)
        return stop_said(tie.known, again=again, danger=tie.danger)
    if tie.content is None:
        return "no_alert"
    if not tie.content.two_way:
        return "one_way"
    return counted_as(meaning, tie.content)


def _asks_to_come(content: Content | None) -> bool:
    return content is not None and content.is_summons and content.two_way


async def answer_ring(counter: Counter, rung: Rung) -> str:
    """Return the instructions of a call to our number: the message in force, or whom to ask.

    Nothing is written: a flood of calls at the alert costs a look-up each.
    """
    if not counter.switchboard.rings.passes(rung.caller):
        return often_twiml(DEFAULT_LANGUAGE)
    tie = await tie_of(counter, rung.caller, to=rung.to, text=None)
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
    found, mine = await received_by(counter, caller)
    alert = next((one.alert_id for one in found if one.version_id == heard.version_id), None)
    return next(
        (one for one in mine if (one.alert.commune, one.alert.alert_id) == (heard.commune, alert)),
        None,
    )


def _action(counter: Counter, heard: tokens.Rung) -> str:
    return f"{counter.hooks}/ringkey/{tokens.ring_token(counter.office.tokens, heard)}"
