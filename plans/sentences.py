"""What a reader is told about a file or a value that cannot be taken, in French and English."""

from plans.faults import Sentence

YAML_LARGE = Sentence(
    "Le fichier dépasse {largest} ko : coupez-le ou allégez-le.",
    "The file is larger than {largest} kB: split it or make it lighter.",
)
YAML_TEXT = Sentence(
    "Le fichier n'est pas du texte UTF-8 lisible : enregistrez-le de nouveau en UTF-8.",
    "The file is not readable UTF-8 text: save it again as UTF-8.",
)
YAML_SYNTAX = Sentence(
    "La suite du fichier ne se lit pas : {problem}. Corrigez cette ligne, puis vérifiez.",
    "The rest of the file cannot be read: {problem}. Correct this line, then check again.",
)
YAML_MANY = Sentence(
    "Le fichier contient plusieurs documents (---) : un seul est lu, retirez les autres.",
    "The file holds several documents (---): only one is read, remove the others.",
)
YAML_ALIAS = Sentence(
    "Les ancres et les alias (&{name}, *{name}) sont refusés : recopiez la valeur.",
    "Anchors and aliases (&{name}, *{name}) are refused: write the value out.",
)
YAML_MERGE = Sentence(
    "La fusion (<<) est refusée : recopiez les clés.",
    "Merging (<<) is refused: write the keys out.",
)
YAML_TAG = Sentence(
    "L'étiquette YAML {tag} est refusée : retirez-la.",
    "The YAML tag {tag} is refused: remove it.",
)
YAML_TWIN = Sentence(
    "La clé « {name} » est déjà donnée à la ligne {first} : gardez-en une seule.",
    "The key '{name}' was already given on line {first}: keep only one.",
)
YAML_KEY = Sentence(
    "Une clé doit être un mot simple, suivi de deux-points.",
    "A key must be a plain word followed by a colon.",
)
YAML_DEEP = Sentence(
    "Plus de {deepest} niveaux d'imbrication : un plan n'en a pas besoin.",
    "More than {deepest} levels of nesting: a plan needs none of this.",
)
UNKNOWN_KEY = Sentence(
    "La clé « {name} » est inconnue et n'est pas lue{near}.",
    "The key '{name}' is unknown and is not read{near}.",
)
CUT_BY_COMMA = Sentence(
    "« {name} » suit une virgule qui coupe la valeur : écrivez un nombre avec un point (2.50), et "
    "un texte entre guillemets.",
    "'{name}' follows a comma that cuts the value: write a number with a point (2.50), and a text "
    "between quotes.",
)
MISSING_KEY = Sentence(
    "Il manque la clé « {name} » ({help}) : ajoutez-la.",
    "The key '{name}' is missing, and nothing can stand in for it: add it.",
)
EXPECTED_MAPPING = Sentence(
    "Il faut ici des clés et des valeurs (clé: valeur).",
    "Keys and values (key: value) are expected here.",
)
EXPECTED_LIST = Sentence(
    "Il faut ici une liste : [a, b], ou une ligne « - a » par élément.",
    "A list is expected here: [a, b], or one '- a' line for each item.",
)
EXPECTED_SCALAR = Sentence(
    "Il faut ici une seule valeur, ni liste ni clés.",
    "A single value is expected here, not a list and not keys.",
)
EMPTY_VALUE = Sentence(
    "La valeur est vide : écrivez-la.",
    "The value is empty: write it.",
)
LONG_LIST = Sentence(
    "La liste compte {count} éléments, {most} au plus sont lus.",
    "The list has {count} items, at most {most} are read.",
)
SHORT_LIST = Sentence(
    "La liste est vide : donnez au moins un élément.",
    "The list is empty: give at least one item.",
)
LONG_TEXT = Sentence(
    "Le texte compte {count} caractères, {most} au plus.",
    "The text has {count} characters, at most {most}.",
)
CONTROL_TEXT = Sentence(
    "Le texte contient un caractère invisible ou un retour à la ligne : retirez-le.",
    "The text holds an invisible character or a line break: remove it.",
)
BAD_PATTERN = Sentence(
    "« {value} » ne convient pas : il faut {expected}.",
    "'{value}' does not fit: {expected} is expected.",
)
BAD_NUMBER = Sentence(
    "« {value} » n'est pas {expected}.",
    "'{value}' is not {expected}.",
)
BAD_WHOLE = Sentence(
    "« {value} » ne convient pas : il faut un nombre entier de {least} à {most}, en chiffres, sans "
    "espace.",
    "'{value}' does not fit: a whole number from {least} to {most} is expected, in digits, without "
    "spaces.",
)
OUT_OF_RANGE = Sentence(
    "« {value} » est hors des bornes : de {least} à {most}.",
    "'{value}' is out of range: from {least} to {most}.",
)
BAD_FLAG = Sentence(
    "« {value} » ne convient pas : écrivez true (oui) ou false (non).",
    "'{value}' does not fit: write true or false.",
)
BAD_DATE = Sentence(
    "« {value} » n'est pas une date : écrivez-la AAAA-MM-JJ, par exemple 2026-02-10.",
    "'{value}' is not a date: write it YYYY-MM-DD, for example 2026-02-10.",
)
BAD_CHOICE = Sentence(
    "« {value} » ne convient pas{near} : choisissez parmi {choices}.",
    "'{value}' does not fit{near}: choose among {choices}.",
)
BAD_PLACE = Sentence(
    "Un point s'écrit [longitude, latitude], en degrés, par exemple [4.6000, 45.5250].",
    "A point is written [longitude, latitude] in degrees, for example [4.6000, 45.5250].",
)
TWIN_ID = Sentence(
    "L'identifiant « {ident} » est déjà pris ({file}, ligne {line}) : changez l'un des deux.",
    "The id '{ident}' is already taken ({file}, line {line}): change one of them.",
)
UNKNOWN_REFERENCE = Sentence(
    "« {ident} » n'existe pas parmi {kind}{near} : corrigez-le ou ajoutez-le.",
    "'{ident}' does not exist among {kind}{near}: correct it or add it.",
)
BAD_ZONE = Sentence(
    "« {value} » n'est pas un fuseau horaire connu, par exemple Europe/Paris.",
    "'{value}' is not a known time zone, for example Europe/Paris.",
)
REAL_NUMBER = Sentence(
    "« {value} » pourrait être un vrai numéro : une commune inventée n'emploie que les numéros "
    "réservés à la fiction (06 39 98, 01 99 00, 02 61 91, 03 53 01, 04 65 71, 05 36 49).",
    "'{value}' could be a real number: an invented commune uses only the numbers reserved for "
    "fiction (06 39 98, 01 99 00, 02 61 91, 03 53 01, 04 65 71, 05 36 49).",
)
REAL_ADDRESS = Sentence(
    "« {value} » pourrait être une vraie adresse : une commune inventée n'emploie que .example.",
    "'{value}' could be a real address: an invented commune uses only .example.",
)
EMPTY_LIST = Sentence(
    "La liste est vide ou manque : {prevents}.",
    "The list is empty or missing: {prevents}.",
)
MORE = Sentence(
    "Et {count} de plus, qui ne sont pas montrées : corrigez d'abord celles-ci.",
    "And {count} more that are not shown: correct these first.",
)
MISSING_FILE = Sentence(
    "Le fichier manque : {prevents}.",
    "The file is missing: {prevents}.",
)
UNKNOWN_FILE = Sentence(
    "Ce fichier ne fait pas partie d'un plan et n'est pas lu{near}.",
    "This file is no part of a plan and is not read{near}.",
)
TOO_MANY_FILES = Sentence(
    "Le dossier contient plus de {most} fichiers : ce n'est pas un plan.",
    "The folder holds more than {most} files: this is not a plan.",
)
UNREADABLE_FILE = Sentence(
    "Le fichier ou le dossier n'a pas pu être lu : vérifiez qu'il existe et vos droits.",
    "The file or the folder could not be read: check that it exists, and your rights.",
)
LINK_OUT = Sentence(
    "C'est un lien qui sort du dossier du plan, ou qui ne mène à rien : mettez ici le fichier "
    "lui-même.",
    "This is a link that leaves the plan's folder, or leads nowhere: put the file itself here.",
)
NOT_A_FILE = Sentence(
    "Il faut ici un fichier, et c'est autre chose (un dossier ?) : mettez-y le fichier.",
    "A file is expected here, and this is something else (a folder?): put the file here.",
)
NOT_A_FOLDER = Sentence(
    "Il faut ici un dossier, et c'est un fichier : renommez-le, puis créez le dossier.",
    "A folder is expected here, and this is a file: rename it, then create the folder.",
)
BAD_FILE_NAME = Sentence(
    "Le nom de ce fichier contient un signe illisible : renommez-le avec des lettres simples.",
    "The name of this file holds an unreadable sign: rename it with plain letters.",
)
UNKNOWN_DRAWING = Sentence(
    "Cette carte n'est pas lue : un plan lit geo/pcs.gpkg, ou un fichier .geojson par couche.",
    "This map is not read: a plan reads geo/pcs.gpkg, or one .geojson file for each layer.",
)
BAD_LAYER = Sentence(
    "Cette couche est refusée : {message}",
    "This layer is refused: {message}",
)
BAD_SHAPE = Sentence(
    "Il faut ici {expected}, pas {found}.",
    "{expected} is expected here, not {found}.",
)
EMPTY_LAYER = Sentence(
    "La couche manque ou est vide : {prevents}.",
    "The layer is missing or empty: {prevents}.",
)
TWIN_LAYER = Sentence(
    "Cette couche est aussi dans {other} : celle-ci est lue, l'autre non. Gardez-en une seule.",
    "This layer is in {other} too: this one is read, the other is not. Keep only one.",
)
