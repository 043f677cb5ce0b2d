"""Does a text invite an answer by SMS? A sender that is a name receives none (DOMAIN §4.1)."""

import re

# What takes the answer elsewhere, or forbids it: such words are no invitation.
_ELSEWHERE = re.compile(
    r"""
      \bne\s+(?:\w+\s+)?(?:r[ée]pond\w*|renvoy\w*)(?:\s+(?:pas|jamais))?
    | \bne\s+pas\s+(?:r[ée]pondre|renvoyer)\b
    | \b(?:do\s+not|don['’]?t|never|please\s+do\s+not)\s+(?:reply|respond|text)\b
    | \bno[\s-]?reply\b
    | \b(?:r[ée]pondez|r[ée]pondre|reply|respond|answer)\b
        (?:\s+(?:ici|en\ ligne|sur|par|via|au|à|à\ l['’]adresse|here|online|at|by|on|to))*
        \s*:?\s*\{(?:lien|tel)\}
    """,
    re.IGNORECASE | re.VERBOSE,
)

_WORD = r"(?:[1-9]|oui|non|ok|aide|stop|ici|yes|no|help|safe)"
_INVITATION = re.compile(
    rf"""
      \br[ée]pond(?:ez|re|s)\b
    | \brenvoy(?:ez|er)\b
    | \b(?:envoy|tap)ez\s+["«'“]?\s*{_WORD}\b
    | \b(?:reply|respond|text\s+back)\b
    | \b(?:send|text)\s+["'“]?\s*{_WORD}\b
    | \bretour\s+de\s+sms\b | \bpar\s+retour\b
    | \bstop\s+(?:au|to|sms|par\s+sms)\b | \bstop\s*:?\s*\d{{4,5}}\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def invitation_in(text: str) -> str | None:
    """Find the words that invite an answer by SMS; None where there are none.

    "Répondez : {lien}" takes the answer elsewhere and "ne répondez pas" takes none: both pass.
    """
    found = _INVITATION.search(_ELSEWHERE.sub(" ", text))
    return found.group().strip() if found else None


_KEY_TWO = re.compile(
    r"""
      \b(?:tapez|appuyez\s+sur|composez|r[ée]pondez|envoyez|press|dial|reply|send|text)
        (?:\s+(?:la\s+touche|le|par|au|key|with))?\s*["«'“]?\s*2\b(?!\s*\d)
    """,
    re.IGNORECASE | re.VERBOSE,
)


def help_offer_in(text: str) -> str | None:
    """Find the words that offer answer 2, "I need help"; None where there are none."""
    found = _KEY_TWO.search(text)
    return found.group().strip() if found else None
