"""What the ground says of a faulty layer, in French: each English sentence with its blanks."""

import re

_TOLD = (
    ("The feature has no geometry: draw it or remove it.",
     "cet objet n'a pas de tracé : dessinez-le ou supprimez-le."),
    ("A geometry of type {kind} is not read here: use {wanted}.",
     "un tracé de type {kind} n'est pas lu ici : dessinez un polygone, ou un point."),
    ("The collection is empty: draw at least one polygon.",
     "la collection est vide : dessinez au moins un polygone."),
    ("The polygon is empty: draw it or remove it.",
     "le polygone est vide : dessinez-le ou supprimez-le."),
    ("The {kind} is empty: draw it or remove it.",
     "le tracé ({kind}) est vide : dessinez-le ou supprimez-le."),
    ("The area has {count} {what}; at most {most} are read. Draw it simpler.",
     "le tracé compte {count} points ou polygones, et {most} au plus sont lus : simplifiez-le."),
    ("The area has {parts} polygons and {points} points; at most {most} and {most_points} are "
     "read. Draw it simpler.",
     "le tracé compte {parts} polygones et {points} points, et {most} et {most_points} au plus "
     "sont lus : simplifiez-le."),
    ("The layer {name} has more than {most} points. Draw it simpler.",
     "la couche {name} a plus de {most} points : simplifiez-la."),
    ("Positions must be a list of [longitude, latitude] pairs.",
     "les positions sont une liste de paires [longitude, latitude]."),
    ("A ring needs at least {least} positions; {count} here.",
     "un contour demande au moins {least} positions, il y en a {count} ici."),
    ("A line needs at least {least} positions; {count} here.",
     "une ligne demande au moins {least} positions, il y en a {count} ici."),
    ("A point needs at least {least} positions; {count} here.",
     "il manque la position du point."),
    ("A {kind} needs at least {least} positions; {count} here.",
     "un tracé ({kind}) demande au moins {least} positions, il y en a {count} ici."),
    ("The ring is not closed: repeat its first position at its end.",
     "le contour n'est pas fermé : répétez sa première position à la fin."),
    ("A position must be [longitude, latitude], with at most an altitude.",
     "une position s'écrit [longitude, latitude], avec au plus une altitude."),
    ("Longitude and latitude must be plain numbers, without quotes.",
     "la longitude et la latitude sont des nombres, sans guillemets."),
    ("The position is not finite: give real numbers.",
     "la position n'est pas un nombre fini : corrigez-la."),
    ("Longitude {lon}, latitude {lat} is not on Earth: give degrees in WGS 84, longitude first.",
     "longitude {lon}, latitude {lat} : ce n'est pas sur la Terre. Donnez des degrés (WGS 84), "
     "la longitude d'abord."),
    ("{called}: {said} near longitude {lon}, latitude {lat}; correct the drawing.",
     "{called} : {said} près de longitude {lon}, latitude {lat} ; corrigez le tracé."),
    ("{called}: {said}; correct the drawing.", "{called} : {said} ; corrigez le tracé."),
    ("{called} is not a Feature: export the layer again as GeoJSON.",
     "{called} n'est pas un objet de carte : exportez de nouveau la couche en GeoJSON."),
    ("{called}: the geometry is missing or empty; draw it or remove it.",
     "{called} : il n'a pas de tracé ; dessinez-le ou supprimez-le."),
    ("{called}: the geometry is missing or empty, or damaged; draw it or remove it.",
     "{called} : son tracé manque, est vide ou abîmé ; dessinez-le ou supprimez-le."),
    ("{called}: the outline spans more than half of the Earth; where it crosses the 180th "
     "meridian, draw a polygon on each side.",
     "{called} : le contour s'étend sur plus de la moitié de la Terre ; s'il passe le 180e "
     "méridien, dessinez un polygone de chaque côté."),
    ("This part is in {own}, the document in {crs}: use one for all.",
     "cette partie est en {own}, le document en {crs} : prenez le même système pour tout."),
    ("The layer {name} is in a coordinate reference system that has no place on Earth: export it "
     "again in WGS 84 or Lambert 93.",
     "la couche {name} est dans un système de coordonnées sans lieu sur la Terre : exportez-la de "
     "nouveau en WGS 84 ou en Lambert 93."),
    ("A text of the layer is not in the encoding that the file announces (a Shapefile in its "
     ".cpg): export it again as a GeoPackage.",
     "un texte de la couche n'est pas dans l'encodage annoncé (le .cpg d'un Shapefile) : "
     "exportez-la de nouveau en GeoPackage."),
    ("{called}: a {kind} is not read here.",
     "{called} : un tracé de type {kind} n'est pas lu ici."),
    ("{called}: Longitude {lon}, latitude {lat} is not on Earth: give degrees in WGS 84, "
     "longitude first.",
     "{called} : longitude {lon}, latitude {lat} n'est pas sur la Terre. Vérifiez le système de "
     "coordonnées de la couche."),
    ("{called}: it cannot be drawn.", "{called} : il ne peut pas être dessiné."),
    ("{called}: The position is not finite: give real numbers.",
     "{called} : la position n'est pas un nombre fini ; corrigez-la."),
    ("The outline is too tangled: too many of its edges run side by side over each other. "
     "Draw it simpler.",
     "le tracé est trop emmêlé : trop de ses côtés se chevauchent. Simplifiez-le."),
    ("The file has {size} bytes; at most {most} are read.",
     "le fichier fait {size} octets, {most} au plus sont lus."),
    ("The file is not UTF-8 text: export it again as GeoJSON in UTF-8.",
     "le fichier n'est pas du texte UTF-8 : exportez-le de nouveau en GeoJSON, en UTF-8."),
    ("The file is not JSON ({why}): export it again.",
     "le fichier n'est pas du GeoJSON bien écrit à partir d'ici : exportez-le de nouveau."),
    ("The file nests deeper than {most} levels: this is not GeoJSON.",
     "le fichier a plus de {most} niveaux d'imbrication : ce n'est pas du GeoJSON."),
    ("The file holds {name}, which is not a number in JSON: remove it.",
     "le fichier contient {name}, qui n'est pas un nombre : retirez-le."),
    ("The key {name} stands twice in one object: which one counts?",
     "la clé {name} est donnée deux fois dans le même objet : gardez-en une seule."),
    ("The file holds far more points or polygons than the {points} and {parts} that are read. "
     "Draw it simpler.",
     "le fichier contient bien plus que les {points} points et {parts} polygones qui sont lus : "
     "simplifiez le tracé."),
    ("The crs member names no coordinate reference system: remove it for WGS 84.",
     "« crs » ne nomme aucun système de coordonnées : retirez-le pour WGS 84."),
    ("GeoJSON is an object with a type: this is something else.",
     "ce n'est pas du GeoJSON : exportez de nouveau la couche."),
    ("The file holds no feature: draw at least one.",
     "la couche ne contient aucun objet : dessinez-en au moins un."),
    ("The coordinate reference system {name} is not known: export the layer in WGS 84 "
     "(EPSG:4326) or Lambert 93 (EPSG:2154).",
     "le système de coordonnées {name} n'est pas connu : exportez la couche en WGS 84 "
     "(EPSG:4326) ou en Lambert 93 (EPSG:2154)."),
    ("The positions cannot be brought from {source} to {target}.",
     "les positions ne peuvent pas être ramenées de {source} à {target} : exportez la couche en "
     "WGS 84 (EPSG:4326)."),
    ("The layer cannot be read: export it again as a GeoPackage.",
     "la couche ne se lit pas : exportez-la de nouveau en GeoPackage."),
    ("The layer {name} does not say its coordinate reference system (a Shapefile needs its .prj "
     "file): export it again in WGS 84 or Lambert 93.",
     "la couche {name} ne dit pas son système de coordonnées : exportez-la de nouveau en WGS 84 "
     "ou en Lambert 93."),
    ("The file cannot be read: it is not a GeoPackage.",
     "le fichier n'est pas un GeoPackage : exportez-le de nouveau."),
    ("The file cannot be read: the GeoPackage is damaged: export it again.",
     "le GeoPackage est abîmé : exportez-le de nouveau."),
    ("The file cannot be read: it holds views or virtual tables: export plain layers.",
     "le GeoPackage contient des vues ou des tables virtuelles : exportez des couches simples."),
    ("The file cannot be read: it is not a file: save it to one first.",
     "ce n'est pas un fichier : enregistrez-y d'abord la couche."),
    ("The file cannot be read: it has {size} bytes; at most {most} are read.",
     "le fichier fait {size} octets, {most} au plus sont lus."),
    ("The area is in {crs}: give longitude and latitude in WGS 84.",
     "la zone est en {crs} : donnez la longitude et la latitude, en WGS 84."),
    ("A {metric} of {given} m is not possible: give {low} to {high} metres.",
     "{metric} de {given} m, ce n'est pas possible : donnez de {low} à {high} mètres."),
    ("There is no line to follow: draw one of two points or more.",
     "il n'y a pas de ligne à suivre : tracez-en une, de deux points au moins."),
    ("The line has {count} points; at most {most} are followed.",
     "la ligne a {count} points, et {most} au plus sont suivis : simplifiez-la."),
    ("The line is longer than 50 km: draw a shorter one.",
     "la ligne fait plus de 50 km : tracez-en une plus courte."),
    ("The line is too winding for this width: draw it simpler.",
     "la ligne a trop de virages pour cette largeur : simplifiez-la."),
    ("None of these addresses has coordinates: draw the area on the map.",
     "aucune de ces adresses n'a de position connue : dessinez la zone sur la carte."),
    ("More than {most} addresses at once: choose fewer streets.",
     "plus de {most} adresses à la fois : choisissez moins de voies."),
    ("The two areas have more than {most} points together: draw them simpler.",
     "les deux zones ont plus de {most} points à elles deux : simplifiez-les."),
    ("Nothing would be left of the area: draw another one instead.",
     "il ne resterait rien de la zone : remplacez-la plutôt par une autre."),
    ("No metric grid is known at longitude {lon}, latitude {lat}: a margin in metres needs an "
     "area in metropolitan or overseas France (longitude comes first).",
     "longitude {lon}, latitude {lat} : ce lieu n'est pas en France. Donnez la longitude d'abord."),
    ("A shape spans several territories: draw one in each.",
     "le tracé s'étend sur plusieurs territoires : dessinez-en un dans chacun."),
)  # fmt: skip
_WORDS = {
    "the outline crosses or touches itself": "le contour se croise ou se touche lui-même",
    "a ring crosses or touches itself": "un contour se croise ou se touche lui-même",
    "a hole lies outside its outline": "un trou est hors de son contour",
    "a hole lies inside another hole": "un trou est dans un autre trou",
    "a polygon lies inside another one of the same feature":
        "un polygone est dans un autre du même objet",
    "two rings are the same": "deux contours sont les mêmes",
    "the holes cut the inside into pieces": "les trous coupent l'intérieur en morceaux",
    "a ring encloses nothing": "un contour n'enferme aucune surface",
    "radius": "un rayon",
    "half width": "une demi-largeur",
    "margin": "une marge",
}  # fmt: skip
_CALLED = re.compile(r"Feature (\d+) of (\d+)(?: in layer '(.*)')?", re.DOTALL)
_BLANK = re.compile(r"\\{(\w+)\\}")


def _matcher(english: str) -> re.Pattern[str]:
    return re.compile(_BLANK.sub(r"(?P<\1>.+?)", re.escape(english)), re.DOTALL)


_MATCHERS = tuple((_matcher(english), french) for english, french in _TOLD)


def in_french(message: str) -> str:
    """Say the sentence in French; one that is not known here stays as it is, said to be English."""
    for matcher, french in _MATCHERS:
        found = matcher.fullmatch(message)
        if found:
            blanks = {name: _word(name, value) for name, value in found.groupdict().items()}
            return french.format(**blanks)
    return f"{message} (détail en anglais)"


def _word(name: str, value: str) -> str:
    if name == "called":
        found = _CALLED.fullmatch(value)
        if found is None:
            return "le tracé"
        of = f" de la couche « {found[3]} »" if found[3] else ""
        return f"objet {found[1]} sur {found[2]}{of}"
    return _WORDS.get(value, value.replace(",", " ") if name in _COUNTS else value)


_COUNTS = frozenset({"count", "parts", "points", "most", "most_points", "size"})
