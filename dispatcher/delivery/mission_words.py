"""What an order says of its mission is put in as each message leaves: it stands with the mission.

A message has blanks for the words of a mission, which may name a door: what is kept of the message
says nobody's, and what the mission's own words come to is all there is to protect and to end.
"""

from dataclasses import asdict, replace

from dispatcher.delivery.content import Content, Texts
from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_rows import mission_of
from dispatcher.store.mission_tellings import telling_by

TITLE_BLANK, TEXT_BLANK = "{mission}", "{consignes}"
LONGEST_TITLE, LONGEST_TEXT = 80, 100


async def filled(ledger: Ledger, commune: str, alert_id: str, content: Content) -> Content:
    """Return the content of an order with its mission's words, as they stand; any other as it is.

    The words are cut to what an SMS holds. A mission whose words had their time says none.
    """
    if not content.is_summons or TITLE_BLANK not in content.words(content.language)[1].voice:
        return content
    telling = await telling_by(ledger, commune, alert_id)
    found = await mission_of(ledger, commune, telling.mission) if telling else None
    title, text = (found.title, found.text) if found else ("", "")
    said = {
        f" {TEXT_BLANK}": f" {_cut(' '.join(text.split()), LONGEST_TEXT)}" if text.strip() else "",
        TITLE_BLANK: _cut(title, LONGEST_TITLE),
    }
    return replace(content, texts={code: _said(one, said) for code, one in content.texts.items()})


def _said(texts: Texts, said: dict[str, str]) -> Texts:
    values = asdict(texts)
    for blank, words in said.items():
        values = {name: value.replace(blank, words) for name, value in values.items()}
    return Texts(**values)


def _cut(said: str, most: int) -> str:
    return said if len(said) <= most else f"{said[: most - 1]}…"
