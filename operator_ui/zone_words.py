"""Words of the map and of the zone: layers, what an act does, by which tool, what is said."""

from collections.abc import Mapping

ZONE_WORDS: Mapping[str, Mapping[str, str]] = {
    "layer": {
        "alerte": "Zone de l'alerte",
        "secteurs": "Secteurs",
        "zones": "Zones d'aléa",
        "enjeux": "Enjeux",
        "centres": "Centres",
        "rassemblement": "Points de rassemblement",
        "commune": "Commune",
        "adresses": "Adresses",
        "personnes": "Foyers inscrits",
    },
    "zone_op": {"replace": "D'abord", "add": "On ajoute", "take": "On retire"},
    "zone_tool": {
        "sectors": "des secteurs",
        "streets": "des rues",
        "address": "autour d'une adresse",
        "circle": "autour d'un point",
        "corridor": "le long d'une ligne",
        "drawing": "un tracé",
        "margin": "une marge",
        "commune": "toute la commune",
    },
}

DRAW_WORDS: Mapping[str, str] = {  # said by the map, by the keys of frontend/src/draw.ts
    "polygon": "Polygone : posez ses points un à un.",
    "circle": "Cercle : posez le centre, puis un point du bord.",
    "line": "Couloir : posez les points de la ligne à suivre.",
    "keys": "Au clavier : flèches pour déplacer le viseur (Majuscule : plus loin, Alt : plus fin), "
    "Entrée pose un point, deux fois au même endroit termine. Retour arrière retire le dernier. "
    "Espace saisit un point pour le déplacer, N va au suivant. Échap arrête.",
    "first": "Point 1 posé.",
    "next": "Point {n} posé, à {m} m du précédent.",
    "removed": "Dernier point retiré, il en reste {n}.",
    "few": "Il faut {n} points au moins.",
    "width": "Donnez une largeur de 10 mètres au moins.",
    "left": "Dessin arrêté, rien n'est gardé.",
    "held": "Point {n} saisi : les flèches le déplacent, Espace le repose.",
    "dropped": "Point reposé.",
    "nothing": "Aucun point sous le viseur.",
    "at": "Point {n} sur {all}.",
    "far": "À {m} m du dernier point",
    "nowhere": "Rien de nommé ici",
}
