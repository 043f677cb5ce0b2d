"""The form of alerte/modeles/*.yaml: a message with blanks, in one or several languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from plans.alerting import CapHeader, MessageTemplate, Sequels, Wording
from plans.faults import Sentence
from plans.figures import Flag
from plans.records import Key, ListOf, MapOf, Record
from plans.shapes import Choice, Ident, Ref, Text
from plans.wire import LANGUAGE
from plans.words import BLANK

END_OF_ALERT = "levee"
_CAP = {
    "category": "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other",
    "responseType": "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None",
    "urgency": "Immediate Expected Future Past Unknown",
    "severity": "Extreme Severe Moderate Minor Unknown",
    "certainty": "Observed Likely Possible Unlikely Unknown",
}
"""The words CAP 1.2 allows in each element (OASIS CAP 1.2 §3.2.2)."""


@dataclass(frozen=True)
class _Email:
    subject: str
    body: str


def _wording(
    sms: str | None = None, *, voice: str | None = None, email: _Email | None = None
) -> Wording:
    return Wording(
        sms=sms,
        voice=voice,
        email_subject=email.subject if email else None,
        email_body=email.body if email else None,
    )


@dataclass(frozen=True)
class TemplateForm:
    """A template as it is written: its own words are in the policy's language."""

    id: str
    level: str | None = None
    cap: CapHeader = field(default_factory=CapHeader)
    variables: tuple[str, ...] | None = None
    sms: str | None = None
    voice: str | None = None
    email: _Email | None = None
    translations: Mapping[str, Wording] = field(default_factory=dict)
    sequels: Sequels = field(default_factory=Sequels)
    preapproved: bool = False

    def own(self) -> Wording:
        """Give its words in the policy's language."""
        return _wording(self.sms, voice=self.voice, email=self.email)

    def settled(self, language: str, *, blanks: tuple[str, ...]) -> MessageTemplate:
        """Put the words of the policy's language first; `blanks` stand in for variables."""
        own = self.own()
        others = {code: words for code, words in self.translations.items() if code != language}
        texts = {language: own, **others} if own.texts or not others else others
        return MessageTemplate(
            self.id,
            texts=texts,
            level=self.level,
            cap=self.cap,
            variables=blanks if self.variables is None else self.variables,
            sequels=self.sequels,
            preapproved=self.preapproved,
        )


def _cap(element: str) -> Choice[str]:
    return Choice({word: word for word in _CAP[element].split()})


_EMAIL = Record(
    _Email,
    "E-mail",
    (
        Key("objet", "subject", Text(150), "objet, sur une ligne", required=True),
        Key("corps", "body", Text(10_000, lines=True), "texte du message", required=True),
    ),
)
_WORDS = (
    Key("sms", "sms", Text(1_000), "texte du SMS, blancs entre accolades : {secteur}"),
    Key("voix", "voice", Text(2_000, lines=True), "texte lu au téléphone"),
    Key("email", "email", _EMAIL, "objet et corps de l'e-mail"),
)
_CAP_HEADER = Record(
    CapHeader,
    "En-tête CAP 1.2",
    (
        Key("category", "category", ListOf(_cap("category"), least=1, most=12), "catégorie"),
        Key("event", "event", Text(100), "l'événement, en mots"),
        Key(
            "responseType",
            "response_type",
            ListOf(_cap("responseType"), least=1, most=9),
            "ce qu'il faut faire",
        ),
        Key("urgency", "urgency", _cap("urgency"), "urgence"),
        Key("severity", "severity", _cap("severity"), "gravité"),
        Key("certainty", "certainty", _cap("certainty"), "certitude"),
    ),
)
_SEQUELS = Record(
    Sequels,
    "Suites",
    (
        Key(
            "fausse_alerte",
            "false_alarm",
            Ref("template"),
            "modèle qui dit que ce message était une erreur",
        ),
        Key("correction", "correction", Ref("template"), "modèle qui change les consignes"),
        Key("levee", "all_clear", Ref("template"), "modèle qui dit la fin de l'alerte"),
    ),
)
_VARIABLE = Text(
    40,
    pattern=BLANK,
    expected=Sentence("un mot en minuscules sans accent, tel que secteur", "a lower-case word"),
)
TEMPLATE = Record(
    TemplateForm,
    "Modèle de message (alerte/modeles/*.yaml)",
    (
        Key("id", "id", Ident("template"), "identifiant qui ne change plus", required=True),
        Key("niveau", "level", Ref("level", besides=(END_OF_ALERT,)), "code d'un niveau, ou levee"),
        Key("cap", "cap", _CAP_HEADER, "en-tête CAP 1.2"),
        Key("variables", "variables", ListOf(_VARIABLE, most=40), "les blancs du texte"),
        *_WORDS,
        Key("pre_approuve", "preapproved", Flag(), "validé d'avance, pour l'urgence : oui ou non"),
        Key("suites", "sequels", _SEQUELS, "modèles prêts pour la suite : ids"),
        Key(
            "traductions",
            "translations",
            MapOf(LANGUAGE, Record(_wording, "Traduction", _WORDS), most=20),
            "les mêmes textes, par langue : en, de…",
        ),
    ),
)
