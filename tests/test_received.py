"""What is shown of a call and of a mail is what the channels make of them, sign for sign."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape

import pytest

from channels.call_twiml import Spoken, call_twiml
from channels.contract import AttemptToken, Message
from channels.mime import Envelope, mail_bytes
from channels.segments import measure
from dispatcher.alerts.received import SAMPLE_LINK, bubble_of, call_of, mail_of
from dispatcher.delivery.content import LINK_CHARS, Texts, page_of

URL = "https://alerte.vaubrenne.example"
TEXTS = Texts(
    sms="Crue à Prairie. {lien} " + "Montez à l'étage. " * 12,
    voice="La Sérolle déborde. Montez.",
    email_subject="Crue & <orage>",
    email_body="La Sérolle déborde.\nMontez.\n\n- Coupez le gaz & l'eau.\n\nInfos : {lien}\n",
)
ISSUER = "Mairie de Vaubrenne-sur-Sérolle"


def test_a_sample_link_is_as_long_as_those_of_readers() -> None:
    assert len(SAMPLE_LINK) == LINK_CHARS


def test_the_bubble_holds_what_is_sent_and_counts_it() -> None:
    bubble = bubble_of(TEXTS, public_url=URL)
    sent = TEXTS.sms.replace("{lien}", page_of(URL, SAMPLE_LINK))
    assert "".join(bubble.pieces) == sent
    assert len(bubble.pieces) == measure(sent).segments == bubble.measured.segments == 2
    assert bubble.room == 2 * 153


@pytest.mark.parametrize(("words", "room"), [("é" * 160, 160), ("ê" * 70, 70), ("ê" * 71, 134)])
def test_the_room_is_that_of_the_alphabet_and_the_segments(words: str, room: int) -> None:
    texts = Texts(words, "", "", "")
    assert bubble_of(texts, public_url=URL).room == room


@pytest.mark.parametrize("language", ["fr", "en", "de"])
@pytest.mark.parametrize("offers_help", [True, False])
def test_the_call_shown_says_what_the_channel_says(language: str, *, offers_help: bool) -> None:
    call = call_of(TEXTS, language, issuer=ISSUER, offers_help=offers_help)
    spoken = Spoken(TEXTS.voice, language, ISSUER, offers_help)
    twiml = call_twiml(spoken, action_url="https://x.example")
    gathered = re.search(r"<Gather.*?</Gather>", twiml)
    assert gathered is not None
    said = " ".join(re.findall(r"<Say[^>]*>(.*?)</Say>", gathered[0]))
    once = said if call.times == 2 and said.count(call.menu) == 1 else said[: len(said) // 2]
    assert unescape(once).strip() == call.said
    assert ("2" in dict(call.keys)) == offers_help


def test_the_mail_shown_has_the_paragraphs_of_the_one_that_leaves() -> None:
    link = page_of(URL, SAMPLE_LINK)
    message = Message(
        alert="a",
        text=TEXTS.email_body.replace("{lien}", link),
        issuer=ISSUER,
        expires_at=datetime(2027, 1, 1, tzinfo=UTC),
        language="fr",
        subject=TEXTS.email_subject,
        sender="Vaubrenne",
        answer_url=link,
    )
    raw = mail_bytes(
        message, "a@b.example", attempt=AttemptToken("d-1-x", "d"), envelope=Envelope("m@v.example")
    )
    read = message_from_bytes(raw, policy=policy.default)
    assert isinstance(read, EmailMessage)
    page = read.get_body(("html",))
    assert page is not None
    body = page.get_content().split("<main", 1)[1]
    parts = [
        [unescape(re.sub(r"<[^>]+>", "", line)) for line in re.split(r"<br>", part)]
        for part in re.findall(r"<(?:p|h1)[^>]*>(.*?)</(?:p|h1)>", body, re.DOTALL)
    ]
    shown = mail_of(TEXTS, issuer=ISSUER, public_url=URL)
    assert parts == [[shown.subject], *(list(lines) for lines in shown.paragraphs), [shown.issuer]]
