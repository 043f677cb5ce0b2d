"""Why a partner's request was refused; one table maps each to HTTP, and says whether to retry."""


class TooMuch(Exception):
    """The body is longer than this door takes."""


class OutOfScope(Exception):
    """A partner asks what it was not given: another's team, or a verb that is not among its own."""


class Unreadable(Exception):
    """The body does not say what this door needs; the sentence names each place."""


class IdUsed(Exception):
    """The webhook-id was used before, over another body."""


class CursorAhead(Exception):
    """A cursor beyond the last event: a backup was put back since it was given out."""

    def __init__(self, cursor: int, *, end: int) -> None:
        """Say from where to go on."""
        self.members = {"restart_after": end}
        super().__init__(
            f"Votre curseur ({cursor}) est plus loin que notre dernière ligne ({end}) : une"
            f" sauvegarde a été remise en place depuis. Reprenez avec after={end}."
        )


class LedgerAway(Exception):
    """Nothing could be written down just now, and nothing was."""

    wait_s = 5.0

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "Rien n'a pu être enregistré : renvoyez ce message dans quelques secondes, avec le même"
            " webhook-id et une nouvelle signature."
        )
