"""A call in progress: its words again, found from the token in its keypad's address."""

from dataclasses import replace

from sqlalchemy import and_, select

from channels.call_twiml import APPROVAL, DICTATED, ENROLMENT, MISSION, PROPOSAL, Spoken
from dispatcher.delivery.content import LINK_BLANK, Content
from dispatcher.delivery.mission_words import filled
from dispatcher.delivery.tokens import TokenKeys, read_attempt
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries, versions

_FOR_ANYBODY = ("", MISSION, ENROLMENT, PROPOSAL, DICTATED)  # the rest asks an approver


async def call_of(ledger: Ledger, keys: TokenKeys, token: str) -> Spoken | None:
    """Return the call that a token names; None when it is not ours."""
    named = read_attempt(keys, token)
    if named is None:
        return None
    wanted = (
        select(deliveries.c.language, versions.c.alert_id, versions.c.content)
        .join(
            versions,
            and_(
                versions.c.commune == deliveries.c.commune,
                versions.c.version_id == deliveries.c.version_id,
            ),
        )
        .where(deliveries.c.commune == named.commune, deliveries.c.delivery_id == named.delivery_id)
    )
    row = await ledger.read(lambda connection: connection.execute(wanted).first())
    if row is None:
        return None
    content = await filled(ledger, named.commune, row.alert_id, Content.of(row.content))
    return replace(spoken(content, row.language), asks=content.asks)


def spoken(content: Content, language: str) -> Spoken:
    """Return the words of an alert as a call says them in a reader's language.

    Who rings us is never asked to decide: an approval by telephone is ours to begin.
    """
    code, texts = content.words(language)
    text = texts.voice.replace(LINK_BLANK, "")
    asks = content.asks if content.asks in _FOR_ANYBODY else APPROVAL
    return Spoken(text, code, content.issuer, content.offers_help, content.is_summons, asks)
