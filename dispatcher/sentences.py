"""A refusal as a sentence of French and what fills its blanks, so that any language can tell it."""

from collections.abc import Callable

Tongue = Callable[[str], str]  # French as it is written here, in another language


class Word(str):
    """Words of ours that fill a blank, and are told in the reader's language as the rest is."""

    __slots__ = ()


class Sentence(Exception):
    """A sentence with the values of its {blanks}; `str` gives it in French.

    A value may be a `Word`, a sentence itself, or several of these, parted by semicolons.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        """Keep both apart: who tells it translates the one and fills in the others."""
        self.sentence = sentence
        self.values = values
        super().__init__(self.told(str))

    def told(self, tongue: Tongue) -> str:
        """Return it in a language."""
        if not self.values:
            return tongue(self.sentence)
        filled = {name: _told(value, tongue) for name, value in self.values.items()}
        return tongue(self.sentence).format(**filled)


def _told(value: object, tongue: Tongue) -> object:
    if isinstance(value, Word):
        return tongue(value)
    if isinstance(value, Sentence):
        return value.told(tongue)
    if isinstance(value, tuple):
        return " ; ".join(str(_told(one, tongue)) for one in value)
    return value
