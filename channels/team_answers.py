"""What a team's SMS is answered: what was understood, when, and where the team stands; one segment.

All is GSM-7, in French and English; what is put into the blanks is cut and plain enough for it.
"""

import unicodedata
from collections.abc import Mapping
from typing import Final

from channels.call_words import primary
from channels.segments import measure

LONGEST_NAME: Final = 24
_FRENCH: Final[Mapping[str, str]] = {
    "state": "{team}: {state}, noté à {hour}.",
    "done": "{team}: mission terminée, {state}, noté à {hour}.",
    "accept": "{team}: mission acceptée, noté à {hour}.",
    "refuse": "{team}: mission refusée, noté à {hour}. La cellule est prévenue.",
    "why": "{team}: mission refusée, noté à {hour}. Dites pourquoi: MSG et le motif.",
    "reinforcement": "{team}: demande de renfort transmise à {hour}. La cellule vous rappelle.",
    "distress": "{team}: DETRESSE entendue à {hour}, la cellule est alertée. En danger: 112.",
    "distress_of": "{team} ou {other}: DETRESSE entendue à {hour}, la cellule est alertée. "
    "En danger: 112.",
    "message": "{team}: message transmis à {hour}.",
    "urgent_message": "{team}: message URGENT transmis à {hour}.",
    "strength": "{team}: {number} dans l'équipe, noté à {hour}.",
    "unknown": "{team}: message transmis à la cellule. Mots: ROUTE SURPLACE FIN RETOUR DISPO REPOS "
    "RENFORT SOS, MSG et votre texte.",
    "which": "Pour quelle équipe ? Répondez par exemple: {word} {team}.",
    "no_mission": "{team}: aucune mission ne vous attend. Pour écrire: MSG et votre texte.",
    "not_yet": "{team}: pas noté {needed}. Répondez {first} d'abord, ou {word}! pour le dire sans "
    "cela.",
    "too_few": "{team}: vous partez à {number}, il faut au moins {least}. Répondez EQUIPE et votre "
    "nombre, ou {word}! pour partir ainsi.",
    "read": " (lu {word})",
    "else": " Sinon: {word} {team}.",
}
_ENGLISH: Final[Mapping[str, str]] = {
    "state": "{team}: {state}, noted at {hour}.",
    "done": "{team}: mission done, {state}, noted at {hour}.",
    "accept": "{team}: mission accepted, noted at {hour}.",
    "refuse": "{team}: mission refused, noted at {hour}. The cell is told.",
    "why": "{team}: mission refused, noted at {hour}. Say why: MSG and the reason.",
    "reinforcement": "{team}: request for reinforcement passed on at {hour}. You are called back.",
    "distress": "{team}: DISTRESS received at {hour}, the cell is alerted. In danger: call 112.",
    "distress_of": "{team} or {other}: DISTRESS received at {hour}, the cell is alerted. "
    "In danger: call 112.",
    "message": "{team}: message passed on at {hour}.",
    "urgent_message": "{team}: URGENT message passed on at {hour}.",
    "strength": "{team}: {number} in the team, noted at {hour}.",
    "unknown": "{team}: message passed on to the cell. Words: LEAVING ARRIVED DONE RETURN "
    "AVAILABLE REST BACKUP SOS, MSG and your text.",
    "which": "For which team? Reply for instance: {word} {team}.",
    "no_mission": "{team}: no mission awaits you. To write: MSG and your text.",
    "not_yet": "{team}: not noted {needed}. Reply {first} first, or {word}! to say it without.",
    "too_few": "{team}: you leave with {number}, it takes {least} at least. Reply TEAM and your "
    "number, or {word}! to leave so.",
    "read": " (read {word})",
    "else": " If not: {word} {team}.",
}
SAID: Final = tuple(_FRENCH)


def team_answer(said: str, *, language: str, **blanks: object) -> str:
    """Return the words of an answer of `SAID`: GSM-7 and one segment, whatever the blanks hold."""
    words = (_FRENCH if primary(language) == "fr" else _ENGLISH)[said]
    filled = words.format(**{name: plain(str(value)) for name, value in blanks.items()})
    while measure(filled).segments > 1:
        filled = filled[:-1]
    return filled


def plain(value: str) -> str:
    """Return a name as it goes into an SMS: no sign outside GSM-7, not too long."""
    shown = " ".join(value.split())[:LONGEST_NAME]
    if not _is_plain(shown):
        shown = unicodedata.normalize("NFKD", shown)
    return "".join(sign for sign in shown if _is_plain(sign)).strip() or "?"


def _is_plain(words: str) -> bool:
    return words.isprintable() and measure(words).encoding == "GSM-7"
