"""A refusal as a sentence of French and what fills its blanks, so that any language can tell it."""


class Sentence(Exception):
    """A sentence with the values of its {blanks}; `str` gives it in French."""

    def __init__(self, sentence: str, **values: object) -> None:
        """Keep both apart: who tells it translates the one and fills in the others."""
        super().__init__(sentence.format(**values) if values else sentence)
        self.sentence = sentence
        self.values = values
