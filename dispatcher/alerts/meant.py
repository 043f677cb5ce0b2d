"""What an answer in words asks for, and how it is answered: by SMS and on the answering page."""

from collections.abc import Sequence

from channels.reply_words import Meaning, cries_out, meaning_of
from dispatcher.delivery.content import Content
from dispatcher.store.consents import CONSENTS, STOPPED
from dispatcher.store.replies import Known

ALWAYS = ("help", *CONSENTS)  # what is answered however often: no machine says STOP to another
COUNTED = ("thanks", "help", "coming", "unable")  # what is kept as an answer to its message


def meant(text: str, content: Content | None) -> Meaning:
    """Return what words say, a cry for help in somebody's own words included.

    Who is called to her duty says much of what she cannot do: of her the plain forms alone are one.
    """
    meaning = meaning_of(text)
    summoned = content is not None and content.is_summons
    return "help" if meaning == "unknown" and not summoned and cries_out(text) else meaning


def counted_as(meaning: Meaning, content: Content) -> str:
    """Choose how an answer is answered, by what its alert takes."""
    if content.is_summons:
        return "no_help" if meaning == "help" else "come_or_not"
    if meaning == "understood":
        return "thanks"
    if meaning == "help":
        return "help" if content.offers_help else "no_help"
    return "unknown" if content.offers_help else "one_key"


def stop_said(known: Sequence[Known], *, again: bool, danger: bool) -> str:
    """Choose what a STOP ends: information at once; danger at the second, its consequence told.

    `again`: she was told the consequence, and chooses it. Of whom nothing more is held, or who had
    left before, nothing is left to explain. `danger`: one is in force that she was told of.
    """
    if known and all(one.on_duty for one in known):
        return "stop_duty"
    warned = any(not one.left and not one.on_duty for one in known)
    if not warned or again:
        return STOPPED
    return "stop_warned" if danger else "stop_informed"
