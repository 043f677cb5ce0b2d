"""What an import says about a file, a line or a cell, in French and in English."""

_SHOWN = 200  # signs of a cell
_SENTENCES = {
    "phone_unreadable": (
        "« {value} » n'est pas un numéro de téléphone",
        '"{value}" is not a telephone number',
    ),
    "phone_short": (
        "« {value} » est trop court pour être le numéro d'une personne",
        '"{value}" is too short to be the number of a person',
    ),
    "phone_service": (
        "« {value} » est un numéro de service, pas celui d'une personne",
        '"{value}" is the number of a service, not of a person',
    ),
    "phone_unknown": (
        "« {value} » n'est pas un numéro attribué : vérifiez les chiffres",
        '"{value}" is not a number in use: check the digits',
    ),
    "fixed_as_mobile": (
        "{value} est une ligne fixe : elle sera appelée et ne recevra pas de SMS",
        "{value} is a landline: it will be called, and gets no SMS",
    ),
    "mobile_as_fixed": (
        "{value} est un mobile : il est classé comme tel",
        "{value} is a mobile: it is filed as such",
    ),
    "email_invalid": (
        "« {value} » n'est pas une adresse électronique",
        '"{value}" is not an e-mail address',
    ),
    "webhook_invalid": (
        "« {value} » n'est pas une adresse https sans mot de passe",
        '"{value}" is not an https address without a password',
    ),
    "language_unknown": (
        "la langue « {value} » n'est pas un code ISO 639 (fr, en…) : elle est laissée de côté",
        'the language "{value}" is not an ISO 639 code (fr, en…): it is left aside',
    ),
    "medium_unknown": (
        "le canal « {value} » n'est ni sms, ni voix, ni email, ni webhook : il est laissé de côté",
        'the medium "{value}" is not sms, voix, email or webhook: it is left aside',
    ),
    "date_unreadable": (
        "la date « {value} » n'est pas de la forme 2026-01-31 ou 31/01/2026 :"
        " elle est laissée de côté",
        'the date "{value}" is not written 2026-01-31 or 31/01/2026: it is left aside',
    ),
    "flag_unreadable": (
        "« {value} » n'est ni oui (1) ni non (0) : compté comme oui",
        '"{value}" is neither yes (1) nor no (0): counted as yes',
    ),
    "place_unreadable": (
        "les coordonnées « {value} » ne sont pas une longitude puis une latitude en degrés, en"
        " France : la personne est gardée, sans position",
        'the coordinates "{value}" are no longitude, then latitude in degrees, in France:'
        " the person is kept, without a place",
    ),
    "several_ids": (
        "« {value} » n'est pas un identifiant : 64 caractères au plus, un seul par ligne",
        '"{value}" is not an identifier: at most 64 characters, one to a line',
    ),
    "too_many_cells": (
        "la ligne a trop de cellules ({value}) : mettez entre guillemets celle qui contient"
        " le séparateur",
        "the line has too many cells ({value}): put quotes around a cell that holds the separator",
    ),
    "nobody": (
        "la ligne ne dit ni comment joindre la personne, ni où elle habite",
        "the line says neither how to reach the person nor where they live",
    ),
    "unreadable_line": (
        "la ligne ne peut pas être lue ({value}) : vérifiez les guillemets",
        "the line cannot be read ({value}): check its quotes",
    ),
    "beside_who_left": (
        "ce nom, à cette porte, est celui d'une personne qui a quitté les alertes, par un autre"
        " numéro : est-ce elle ? Répondez dans Habitants, Fiches en double",
        "this name, at this door, is that of a person who left the alerts, by another number: is"
        " it she? Answer under Residents, Possible duplicates",
    ),
    "empty_file": (
        "Le fichier est vide : il faut une première ligne avec les noms des colonnes.",
        "The file is empty: its first line must hold the names of the columns.",
    ),
    "workbook": (
        "« {value} » est un classeur (Excel ou LibreOffice), pas un CSV : ouvrez-le et enregistrez"
        " la feuille au format « CSV UTF-8 ».",
        '"{value}" is a workbook (Excel or LibreOffice), no CSV: open it and save the sheet as'
        ' "CSV UTF-8".',
    ),
    "file_changed": (
        "Le fichier a changé pendant qu'il était lu : rien n'a été écrit. Attendez qu'il soit"
        " enregistré, puis recommencez.",
        "The file changed while it was read: nothing was written. Wait until it is saved, then"
        " start again.",
    ),
    "no_known_column": (
        "Aucune colonne connue ne permet de joindre ou de situer une personne. Le fichier a :"
        " {value}. Renommez une colonne, ou ajoutez par exemple --map tel_mobile=Portable.",
        "No known column reaches or locates a person. The file has: {value}. Rename a column, or"
        " add for example --map tel_mobile=Portable.",
    ),
    "mapping_unknown": (
        "L'option --map dit {value} : à gauche il faut une colonne de Tocsin, à droite une colonne"
        " du fichier.",
        "The option --map says {value}: on its left goes a column of Tocsin, on its right a column"
        " of the file.",
    ),
    "column_twice": (
        "Deux colonnes disent la même chose : {value}. Retirez-en une.",
        "Two columns say the same thing: {value}. Remove one.",
    ),
}


def sentence(reason: str, language: str = "fr", *, value: object = "") -> str:
    """Return the sentence of a reason, French unless the language is `en`."""
    french, english = _SENTENCES[reason]
    # What a file holds is shown, never obeyed: no control sign reaches a terminal.
    shown = "".join(sign if sign.isprintable() else " " for sign in str(value)[: _SHOWN + 1])
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    return (english if language == "en" else french).format(value=shown)
