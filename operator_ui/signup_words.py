"""The words of those who enrol by themselves."""

from collections.abc import Mapping

SIGNUP_WORDS: Mapping[str, Mapping[str, str]] = {
    "home": {  # what a place is to who wants to be alerted there
        "home": "Domicile",
        "work": "Travail",
        "school": "École, crèche",
        "parent": "Chez un proche",
    },
}
