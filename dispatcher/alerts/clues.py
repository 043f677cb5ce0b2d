"""What shows that a message says which danger, where, what to do, until when, where to verify.

Vocabularies of the field in French and English, read in plain texts (`plain_reading`). They show
that something is said, never that it is true: what they miss is told to the author, not refused.
"""

import re
from dataclasses import dataclass
from typing import Final

from dispatcher.alerts.hours_said import hours_in

_DANGER_FR = r"""
  \b(?: crues? | inond\w+ | debord\w+ | montee?s?\ des\ eaux | submersion | submerg\w+ | tsunami
  | raz[\ -]de[\ -]maree | feux? | incendies? | fumees? | nuage | toxiques? | chimiques?
  | fuites?\ de\ gaz | explosi\w+ | explos\w+ | barrage | digue | ruptures? | canicule | chaleurs?
  | grand\ froid | neige | verglas | tempete | orages? | grele | vents?\ (?:violents?|forts?)
  | rafales? | tornade | cyclone | ouragan | avalanche | seismes? | tremblement
  | glissement | eboulement | coulees? | effondr\w+ | pollu\w+ | contamin\w+
  | eau\ (?:du\ robinet|potable) | coupures? | panne | radioacti\w+ | nucleaire
  | iode | attentat | attaque | tireur | colis\ suspect
  | bombe | munitions? | epidemie | virus | eruption | dangereux | accident | essai | exercice
  | fausse\ alerte | fin\ d[e']\ ?(?:l')?alerte | alerte\s[^.]{0,40}(?:terminee|levee)
  | levee\ d[eu]\w* | retour\ a\ la\ normale | de\ nouveau\ \w+ | danger\ est\ passe
  | disparu\w* | deminage
  )\b
  | \bmonte\b(?!\w|[\ -]vous)
  | \b(?:risque|danger|menace|alerte|cause|raison)\s(?:de\s|d'|du\s|des\s|a\sla\s|au\s|:\s)\w{4,}
"""
_DANGER_EN = r"""
  \b(?: flood\w* | rising | overflow\w* | tsunami | wild?fires? | wildfires? | fires? | smoke
  | toxic | chemical | gas\ leak | leak | explosion | dam | dyke | heatwave | heat | hot\ weather
  | cold | snow | ice | icy | storms? | thunder\w* | hail | high\ winds? | tornado
  | cyclone | hurricane | avalanche | earthquake | landslide | rockfall | collapse\w*
  | pollut\w+ | contaminat\w+ | tap\ water | drinking\ water | outage
  | radioactiv\w+ | nuclear | iodine | attack | shooter
  | bomb | epidemic | virus | eruption | dangerous | accident | test | exercise | drill
  | false\ alarm | alert\ (?:is\ )?over | all\ clear | danger\ has\ passed
  )\b
  | \b(?:risk|danger|threat|because)\s(?:of\s)\w{4,}
"""

# An imperative of the second person plural; not the verbs that only ask for an answer.
_ANSWERS_FR = (
    r"repondez|dites|confirmez|cliquez|tapez|appuyez|appelez|contactez|consultez|excusez"
    r"|telephonez|composez|joignez|renvoyez|chez|nez|rez|assez|avez|savez|rendez"
)
_ACT_FR = rf"""
  (?<!vous\s)(?<!vous\sne\s)(?<!-)\b(?!(?:{_ANSWERS_FR})\b)[a-z]{{3,}}ez\b
  | \bfaites\b | \brendez-vous\s(?:a|au|aux|dans|sur|vers)\b | \bveuillez\s(?:ne\s(?:pas|plus)\s)?\w+re?\b | \bne\s(?:pas|plus|jamais)\s(?:se\s|s'|y\s)?\w+re?\b
  | (?:^|[.:;!\n]\s{0, 3}|-\s)(?:evacuer|rester|fermer|couper|quitter|monter|rejoindre|eviter|se\smettre)\b
  | \b(?:evacuation|confinement)\s(?:immediate?|obligatoire|ordonnee?) | \bmise\sa\sl'abri\b
  | \bil\sfaut\b | \b(?:interdit|deconseill)\w* | \bon\sevacue\b
"""  # noqa: E501 - a pattern
_ACT_EN = r"""
  (?:^|[.:;!?,\n]\s{0,3}|-\s|\b(?:and|then|please|now|or|immediately)\s)
  (?: leave | evacuate | go | stay | shelter | close | shut | turn | switch | do\snot | don't
  | never | move | get | wait | avoid | keep | drink | boil | listen | take | walk | prepare
  | follow | check | help | climb | drive | remain | bring | pack | head | seek | lock | ignore
  | use | open | put | wear | come | return | gather | save | run | cover | store )\b
  | \bmust\s(?:not\s)?\w+ | \bis\s(?:forbidden|prohibited)\b
"""
_UNTIL_FR = r"""
  \bjusqu' | \bavant\s(?:un\s)?(?:nouvel|nouveau|avis|ordre|l'accord|l'ordre|\d) | \bnouvel\savis
  | \b(?:un|le)\s(?:second|autre|nouveau|prochain|deuxieme)\smessage\b
  | \b(?:un|notre)\smessage\svous\b | \bquand\sle\sdanger\b
  | \battend(?:ez|re)\s(?:l'|nos|notre|les|un|le|la)\s?\w+ | \bprochaine?s?\s(?:message|information|point)
  | \b(?:demain|ce\ssoir|cette\snuit|aujourd'hui|ce\smatin|cet\sapres-midi|ce\sweek-end)\b
  | \b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b
  | \b(?:pendant|durant|d'ici|dans|pour)\s(?:les\s|encore\s)?(?:\d+|une?|deux|trois|quelques|plusieurs)\s
    (?:prochaines?\s)?(?:h|min|jour|semaine)
  | \bquelques\s(?:heures|jours|minutes)\b | \bnous\svous\s(?:dirons|previendrons|tiendrons)
  | \bvous\sserez\s(?:prevenu|informe|averti) | \bfin\sde\sl'alerte\b | \ble\sjour\b
  | \b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b | \binformations?\s(?:a|vers)\s\d
"""  # noqa: E501 - a pattern
_UNTIL_EN = r"""
  \buntil\b | \btill\b | \bbefore\s\w+ | \bfurther\snotice\b
  | \b(?:a|the|our|another)\s(?:second|new|next|further)?\s?message\swill\b
  | \bwait\sfor\s(?:the|our|an?)\b | \bnext\s(?:message|update|information)
  | \b(?:tomorrow|tonight|today|this\s(?:morning|afternoon|evening|weekend))\b
  | \b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b
  | \b(?:for|within|in)\s(?:the\snext\s|another\s)?(?:\d+|an?|two|three|a\sfew|several)\s(?:h|min|day|week)
  | \bwe\swill\s(?:tell|let|inform|keep) | \byou\swill\sbe\s(?:told|informed) | \bduring\sthe\sday\b
  | \b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b
"""  # noqa: E501 - a pattern
_VERIFY_FR = r"""
  \b(?:radio|france\s(?:bleu|info|inter)|ici\s\w+\sfm|prefecture|panneaux?\s(?:lumineux|d'information))\b
  | \bsite\s(?:internet\s|web\s)?(?:de\s(?:la|votre)\s)?(?:mairie|commune|ville)\b
"""
_VERIFY_EN = r"""
  \b(?:radio|france\s(?:bleu|info|inter)|prefecture|message\sboards?)\b
  | \b(?:town\shall|council|municipal|city)(?:'s)?\s(?:web)?site\b
"""

# A kind of place and the name that follows it, in the text as it was written.
_STREET = re.compile(
    r"\b(?i:rues?|avenue|boulevard|bd|place|chemin|route|impasse|allée|quai|quartier|hameau"
    r"|lieu-dit|lotissement|résidence|cité|square|pont|école|gymnase|salle|secteur|zone|bourg|rive"
    r"|village|vallée)\s(?:(?:de|du|des|la|le|les)\s|de\sla\s|de\sl['’]|d['’]|l['’])*[A-ZÀ-Þ0-9]"
    r"|\b(?i:rue|route|chemin|avenue|quai|pont|impasse)\s(?:du|de\sla|des|de\sl['’])\s?\w{3,}"
    r"|\b[A-ZÀ-Þ][\w'’-]+\s(?i:street|road|avenue|square|lane|area|district|bridge|school|village)\b"
)
_WHOLE: Final = {
    "fr": re.compile(
        r"\b(?:toute?\s(?:la|le)|l'ensemble\s(?:de\sla|du)|dans\sla|sur\sla)\s"
        r"(?:commune|ville|village|territoire)\b|\ba\sdomicile\b"
    ),
    "en": re.compile(r"\b(?:whole|entire|all\sof\sthe|in\sthe)\s(?:commune|town|village|city)\b"),
}
SITE = re.compile(
    r"(?:https?://|www\.)\S+"
    # From the start of a word only, and no longer than names of hosts are: read once, not again.
    r"|(?<![a-z0-9.-])[a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){0,4}"
    r"\.(?:fr|com|org|net|eu|example)\b"
)
PHONE = re.compile(r"(?<!\d)(?:\+33[\s.]?|0)[1-9](?:[\s.-]?\d{2}){4}(?!\d)")


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(words, re.VERBOSE)


_DANGER: Final = {"fr": _pattern(_DANGER_FR), "en": _pattern(_DANGER_EN)}
_ACT: Final = {"fr": _pattern(_ACT_FR), "en": _pattern(_ACT_EN)}
_UNTIL: Final = {"fr": _pattern(_UNTIL_FR), "en": _pattern(_UNTIL_EN)}
_VERIFY: Final = {"fr": _pattern(_VERIFY_FR), "en": _pattern(_VERIFY_EN)}

READ: Final = tuple(_DANGER)
"""The languages whose words are known here."""


@dataclass(frozen=True)
class Said:
    """One text to look into: as written, and plain; `language` is one of `READ`."""

    written: str
    plain: str
    language: str

    def danger(self) -> bool:
        """Whether a danger is named, or that it was none, or that it is over."""
        return bool(_DANGER[self.language].search(self.plain))

    def act(self) -> bool:
        """Whether something is asked of people beyond an answer."""
        return bool(_ACT[self.language].search(self.plain))

    def until(self) -> bool:
        """Whether it says until when, or when more will be known."""
        found = _UNTIL[self.language].search(self.plain)
        return bool(found or hours_in(self.plain, self.language))

    def place(self) -> bool:
        """Whether it names a street, a district, or the whole commune."""
        whole = _WHOLE[self.language].search(self.plain)
        return bool(whole or _STREET.search(self.written))

    def verifies(self) -> bool:
        """Whether it names somewhere to verify: a radio, a site, the commune's own."""
        found = _VERIFY[self.language].search(self.plain)
        return bool(found or SITE.search(self.plain))


def digits_of(phone: str) -> str:
    """Return the nine digits that two ways of writing a French number share."""
    return re.sub(r"\D", "", phone)[-9:]
