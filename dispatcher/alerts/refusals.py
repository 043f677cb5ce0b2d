"""Why an act on an alert was refused: a sentence for people; one table maps them to HTTP."""

from dispatcher.sentences import Sentence


class AlertRefused(Sentence):
    """An act on an alert that was not done; nothing was changed."""


class NotThere(AlertRefused):
    """There is no such alert, template, scenario or sector."""


class NotNow(AlertRefused):
    """The alert is not in the state that this act needs, or someone was faster."""


class NotYou(AlertRefused):
    """This act needs another person, or another function."""


class NotSo(AlertRefused):
    """What was asked does not make a sound alert: area, words, mode or expiry."""
