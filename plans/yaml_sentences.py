"""What is wrong where YAML cannot be read, said to somebody who never heard of its grammar."""

from plans.faults import Sentence

NOT_CLOSED = ("expected ',' or ']'", "expected ',' or '}'")
"""How the parser says that a bracket or a brace is open, or that a comma is missing in it."""

# How each problem that the parser names begins; the first that fits.
_PROBLEMS = (
    ("found character '\\t'", Sentence(
        "une tabulation : remplacez-la par des espaces",
        "a tab: replace it by spaces",
    )),
    ("found character", Sentence(
        "un signe qui ne peut pas commencer une valeur : mettez la valeur entre guillemets",
        "a sign that cannot begin a value: put the value between quotes",
    )),
    ("mapping values are not allowed", Sentence(
        "un deux-points en trop, ou un retrait qui ne va pas : un texte qui contient « : » se met "
        "entre guillemets",
        "one colon too many, or a wrong indent: a text that holds ': ' goes between quotes",
    )),
    ("could not find expected ':'", Sentence(
        "il manque le deux-points suivi d'une espace, comme dans « nom: Martin »",
        "the colon followed by a space is missing, as in 'nom: Martin'",
    )),
    (NOT_CLOSED[0], Sentence(
        "un crochet [ n'est pas fermé, ou il manque une virgule dans la liste",
        "a bracket [ is not closed, or a comma is missing in the list",
    )),
    (NOT_CLOSED[1], Sentence(
        "une accolade { n'est pas fermée, ou il y manque une virgule",
        "a brace { is not closed, or a comma is missing in it",
    )),
    ("expected <block end>", Sentence(
        "le retrait ne va pas avec les lignes du dessus, ou un texte avec une apostrophe, un tiret "
        "ou un crochet est à mettre entre guillemets \"…\"",
        "the indent does not fit the lines above, or a text with an apostrophe, a dash or a "
        "bracket is to be put between quotes \"…\"",
    )),
    ("found unexpected end of stream", Sentence(
        "un guillemet n'est pas fermé", "a quote is not closed",
    )),
    ("found unexpected document separator", Sentence(
        "un guillemet n'est pas fermé", "a quote is not closed",
    )),
    ("sequence entries are not allowed", Sentence(
        "un tiret n'est pas attendu ici : une liste commence sur sa propre ligne",
        "a dash is not expected here: a list begins on its own line",
    )),
    ("found unknown escape", Sentence(
        "une barre \\ dans un texte entre guillemets : doublez-la",
        "a backslash in a text between quotes: double it",
    )),
    ("expected alphabetic or numeric", Sentence(
        "un signe * ou & ne peut pas commencer une valeur : mettez la valeur entre guillemets",
        "a sign * or & cannot begin a value: put the value between quotes",
    )),
    ("expected the node content", Sentence("une valeur manque", "a value is missing")),
)  # fmt: skip
_OTHER = Sentence("une écriture inattendue", "something unexpected")
HARD_SPACE = Sentence(
    "une espace insécable en début de ligne : remplacez-la par des espaces simples",
    "a no-break space at the head of the line: replace it by plain spaces",
)


def said_of(problem: str) -> Sentence:
    """Say what the parser's problem means."""
    return next((said for head, said in _PROBLEMS if problem.startswith(head)), _OTHER)
