"""Telephone numbers and mail boxes that belong to nobody, never the same twice."""

import itertools
import unicodedata
from collections.abc import Iterator

# The six blocks that Arcep keeps free for fiction, 10,000 numbers each.
MOBILE_BLOCK = "+3363998"
LANDLINE_BLOCKS = ("+3319900", "+3326191", "+3335301", "+3346571", "+3353649")
BLOCK_SIZE = 10_000
# The first hundred of each block are for the directory of the plan (contacts, services).
KEPT_FOR_DIRECTORY = 100
MAIL_HOST = "courriel.example"


def fiction_mobiles() -> Iterator[str]:
    """Each mobile number of the fiction block once, E.164, in a scattered order; then none."""
    return _scattered(MOBILE_BLOCK)


def fiction_landlines() -> Iterator[str]:
    """Each landline of the five fiction blocks once, E.164, the blocks in turn; then none."""
    blocks = zip(*map(_scattered, LANDLINE_BLOCKS), strict=True)
    return itertools.chain.from_iterable(blocks)


def one_contact_each() -> Iterator[tuple[str, str]]:
    """(column, contact) without end and never twice: mobiles, then landlines, then e-mails."""
    for number in fiction_mobiles():
        yield "tel_mobile", number
    for number in fiction_landlines():
        yield "tel_fixe", number
    for rank in itertools.count(1):
        yield "email", f"habitant-{rank}@{MAIL_HOST}"


def mail_box(prenom: str, nom: str, *, rank: int) -> str:
    """Give this person a mail box; the rank keeps namesakes apart."""
    return f"{_letters(prenom)}.{_letters(nom)}.{rank}@{MAIL_HOST}"


def _scattered(block: str) -> Iterator[str]:
    """Walk through a block in jumps, so that neighbours have no consecutive numbers.

    A step without common factor with the size visits each number once, with no list of what
    was given.
    """
    free = BLOCK_SIZE - KEPT_FOR_DIRECTORY  # 9,900 = 2² · 3² · 5² · 11
    for turn in range(free):
        yield f"{block}{KEPT_FOR_DIRECTORY + turn * 6_121 % free:04d}"


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(filter(str.isalpha, plain)).lower()
