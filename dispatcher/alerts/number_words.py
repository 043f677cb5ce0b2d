"""Whole numbers in words, as a person says them: a head-count read out is not misheard.

French as in France, with the hyphens of the 1990 spelling left out of « et onze »: soixante et
onze, quatre-vingts, deux cents. Up to 999,999,999.
"""

from typing import Final

MOST: Final = 999_999_999
_FR: Final = (
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
    "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
)  # fmt: skip
_FR_TENS: Final = ("", "", "vingt", "trente", "quarante", "cinquante", "soixante")
_EN: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_EN_TENS: Final = (
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"
)  # fmt: skip


def in_words(number: int, language: str = "fr") -> str:
    """Say a number in French, or in English for every other language; raises ValueError."""
    if not 0 <= number <= MOST:
        raise ValueError(f"{number} is not said in words here")
    return _french(number) if language.startswith("fr") else _english(number)


def _french(number: int) -> str:
    millions, rest = divmod(number, 1_000_000)
    thousands, units = divmod(rest, 1_000)
    said = []
    if millions:
        said.append(f"{_french_hundreds(millions)} million{'s' if millions > 1 else ''}")
    if thousands:
        # « mille » takes no « un », nor does what stands before it take its plural.
        before = "" if thousands == 1 else f"{_french_hundreds(thousands, plural=False)} "
        said.append(f"{before}mille")
    if units or not said:
        said.append(_french_hundreds(units))
    return " ".join(said)


def _french_hundreds(number: int, *, plural: bool = True) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _french_tens(rest, plural=plural)
    said = "cent" if hundreds == 1 else f"{_FR[hundreds]} cent"
    if not rest:
        return said + ("s" if hundreds > 1 and plural else "")
    return f"{said} {_french_tens(rest, plural=plural)}"


def _french_tens(number: int, *, plural: bool) -> str:
    if number < len(_FR):
        return _FR[number]
    if number >= 80:
        rest = number - 80
        return f"quatre-vingt-{_FR[rest]}" if rest else "quatre-vingt" + ("s" if plural else "")
    ten = min(number // 10, 6)  # soixante goes on to soixante-dix-neuf
    rest = number - 10 * ten
    if not rest:
        return _FR_TENS[ten]
    return f"{_FR_TENS[ten]}{' et ' if rest in (1, 11) else '-'}{_FR[rest]}"


def _english(number: int) -> str:
    millions, rest = divmod(number, 1_000_000)
    thousands, units = divmod(rest, 1_000)
    said = []
    if millions:
        said.append(f"{_english_hundreds(millions)} million")
    if thousands:
        said.append(f"{_english_hundreds(thousands)} thousand")
    if units and said and units < 100:
        said.append(f"and {_english_hundreds(units)}")
    elif units or not said:
        said.append(_english_hundreds(units))
    return " ".join(said)


def _english_hundreds(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _english_tens(rest)
    said = f"{_EN[hundreds]} hundred"
    return f"{said} and {_english_tens(rest)}" if rest else said


def _english_tens(number: int) -> str:
    if number < len(_EN):
        return _EN[number]
    ten, rest = divmod(number, 10)
    return f"{_EN_TENS[ten]}-{_EN[rest]}" if rest else _EN_TENS[ten]
