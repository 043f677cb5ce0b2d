"""Ready-made messages of a first plan, in French and English: an SMS of two segments at most."""

from collections.abc import Mapping
from dataclasses import dataclass

from plans.yaml_written import Value


@dataclass(frozen=True)
class Ready:
    """A message ready to be taken into a plan: its level, its CAP header, its texts."""

    ident: str
    level: str
    cap: Mapping[str, Value]
    sms: tuple[str, str]  # French, English
    voice: tuple[str, str]
    subject: tuple[str, str]


_NOW: Mapping[str, Value] = {"urgency": "Immediate", "severity": "Severe", "certainty": "Observed"}
_PAST: Mapping[str, Value] = {"urgency": "Past", "severity": "Minor", "certainty": "Observed"}

READY = (
    Ready(
        "danger_immediat",
        "alerte",
        {"category": ["Safety"], "event": "Danger immédiat", "responseType": ["Shelter"], **_NOW},
        (
            "Mairie de {commune}: DANGER IMMÉDIAT, {secteur}. Mettez-vous à l'abri tout de suite "
            "et suivez nos consignes. Ne prenez pas la voiture. Aide: {lien} ou {tel}. Urgence 112",
            "{commune} town hall: IMMEDIATE DANGER, {secteur}. Take shelter right now and follow "
            "our instructions. Do not drive. Help: {lien} or {tel}. Emergency 112",
        ),
        (
            "Message de la mairie de {commune}. Danger immédiat pour le secteur {secteur}. "
            "Mettez-vous à l'abri tout de suite. Ne prenez pas la voiture. Suivez nos consignes.",
            "This is a message from {commune} town hall. Immediate danger in {secteur}. Take "
            "shelter right now. Do not drive. Follow our instructions.",
        ),
        ("DANGER IMMÉDIAT - {secteur}", "IMMEDIATE DANGER - {secteur}"),
    ),
    Ready(
        "evacuation",
        "alerte",
        {"category": ["Safety"], "event": "Évacuation", "responseType": ["Evacuate"], **_NOW},
        (
            "Mairie de {commune}: ÉVACUEZ {secteur} maintenant. Prenez papiers et médicaments, "
            "coupez le gaz. Aide: {lien} ou {tel}. Urgence 112",
            "{commune} town hall: LEAVE {secteur} now. Take papers and medicines, turn off the "
            "gas. Help: {lien} or {tel}. Emergency 112",
        ),
        (
            "Message de la mairie de {commune}. Évacuez maintenant le secteur {secteur}. Prenez "
            "vos papiers et vos médicaments, coupez le gaz, fermez votre porte. {accueil}",
            "This is a message from {commune} town hall. Leave {secteur} now. Take your papers and "
            "medicines, turn off the gas, lock your door. {accueil}",
        ),
        ("ÉVACUEZ maintenant - {secteur}", "LEAVE now - {secteur}"),
    ),
    Ready(
        "confinement",
        "alerte",
        {"category": ["Safety"], "event": "Mise à l'abri", "responseType": ["Shelter"], **_NOW},
        (
            "Mairie de {commune}: {secteur}, ENFERMEZ-VOUS chez vous. Fermez portes, volets et "
            "aération. Laissez les enfants à l'école. Aide: {lien} ou {tel}. Urgence 112",
            "{commune} town hall: {secteur}, STAY INSIDE. Close doors, shutters and vents. Leave "
            "children at school. Help: {lien} or {tel}. Emergency 112",
        ),
        (
            "Message de la mairie de {commune}. Secteur {secteur} : enfermez-vous chez vous. "
            "Fermez portes, volets et aération. N'allez pas chercher les enfants à l'école.",
            "This is a message from {commune} town hall. {secteur}: stay inside. Close doors, "
            "shutters and vents. Do not fetch children from school.",
        ),
        ("ENFERMEZ-VOUS - {secteur}", "STAY INSIDE - {secteur}"),
    ),
    Ready(
        "fin_alerte",
        "levee",
        {"category": ["Safety"], "event": "Fin d'alerte", "responseType": ["AllClear"], **_PAST},
        (
            "Mairie de {commune}: FIN DE L'ALERTE pour {secteur}. Reprenez vos activités avec "
            "prudence. Renseignements: {tel}",
            "{commune} town hall: ALL CLEAR for {secteur}. You may resume your activities with "
            "care. Information: {tel}",
        ),
        (
            "Message de la mairie de {commune}. L'alerte est terminée pour le secteur {secteur}. "
            "Reprenez vos activités avec prudence.",
            "This is a message from {commune} town hall. The alert is over for {secteur}. You may "
            "resume your activities with care.",
        ),
        ("FIN DE L'ALERTE - {secteur}", "ALL CLEAR - {secteur}"),
    ),
    Ready(
        "fausse_alerte",
        "levee",
        {"category": ["Safety"], "event": "Fausse alerte", "responseType": ["AllClear"], **_PAST},
        (
            "Mairie de {commune}: FAUSSE ALERTE pour {secteur}. Notre message précédent était une "
            "erreur: il n'y a pas de danger. Renseignements: {tel}",
            "{commune} town hall: FALSE ALARM for {secteur}. Our previous message was a mistake: "
            "there is no danger. Information: {tel}",
        ),
        (
            "Message de la mairie de {commune}. Fausse alerte : notre message précédent était une "
            "erreur. Il n'y a pas de danger dans le secteur {secteur}.",
            "This is a message from {commune} town hall. False alarm: our previous message was a "
            "mistake. There is no danger in {secteur}.",
        ),
        ("FAUSSE ALERTE - {secteur}", "FALSE ALARM - {secteur}"),
    ),
)
SHELTER = ("Accueil : {centre}. ", "Shelter: {centre}. ")
"""Where evacuated people go, said only where the plan has such a centre.

Never in an SMS: the name of a « salle des fêtes » alone would make it leave the plain alphabet.
"""
HELP = ("Besoin d'aide : {lien} ou {tel}. Urgence : 112.", "Help: {lien} or {tel}. Emergency: 112.")
INFORMATION = ("Renseignements : {tel}.", "Information: {tel}.")

RISKS: Mapping[str, str] = {
    "inondation": "Inondation",
    "ruissellement": "Ruissellement, coulée de boue",
    "feu_foret": "Feu de forêt",
    "mouvement_terrain": "Mouvement de terrain",
    "seisme": "Séisme",
    "tempete": "Tempête",
    "neige_verglas": "Neige, verglas, grand froid",
    "canicule": "Canicule",
    "submersion": "Submersion marine",
    "avalanche": "Avalanche",
    "cyclone": "Cyclone",
    "volcan": "Volcan",
    "rupture_barrage": "Rupture de barrage",
    "industriel": "Accident industriel",
    "nucleaire": "Accident nucléaire",
    "tmd": "Transport de matières dangereuses",
    "eau_potable": "Eau potable coupée ou polluée",
}
"""Risks that a commune may have (the families of the DDRM), by the code that its plan gives."""


def texts_of(ready: Ready, *, shelter: bool) -> dict[str, Value]:
    """Give a message as the file of a template holds it, with its sequels."""

    def texts(place: int) -> dict[str, Value]:
        said = SHELTER[place] if shelter else ""
        voice = ready.voice[place].replace("{accueil}", said).strip()
        foot = (INFORMATION if ready.level == "levee" else HELP)[place]
        mail = {"objet": ready.subject[place], "corps": f"{voice}\n\n{foot}\n"}
        return {"sms": ready.sms[place], "voix": voice, "email": mail}

    sequels: dict[str, Value] = {"fausse_alerte": "fausse_alerte", "levee": "fin_alerte"}
    whole: dict[str, Value] = {"id": ready.ident, "niveau": ready.level, "cap": ready.cap}
    whole |= texts(0)
    whole |= {"suites": sequels} if ready.level != "levee" else {}
    whole["traductions"] = {"en": texts(1)}
    return whole
