"""The form of alerte/reglement.yaml: who is alerted, in which order, by which means."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from plans.alerting import DEFAULT_ESCALATION_MIN, AlertPolicy, AlertTarget, MediumPolicy
from plans.faults import Sentence
from plans.figures import Flag, Whole
from plans.records import Key, ListOf, OneOf, Record
from plans.shapes import Affix, Choice, Ident, Ref, Text
from plans.wire import LANGUAGE, PHONE

MEDIUM_WORDS = {"sms": "sms", "voix": "voice", "email": "email", "webhook": "webhook"}
ASSET_KINDS = ("ecole", "creche", "ehpad", "camping", "erp", "industrie", "reseau")


@dataclass(frozen=True)
class _Selection:
    assets: tuple[str, ...] = ()
    sectors: str | tuple[str, ...] = ()


@dataclass(frozen=True)
class _Decision:
    approvers: tuple[str, ...] = ("DOS",)
    exercise_prefix: str = "EXERCICE "
    by_phone: bool = False


@dataclass(frozen=True)
class _Control:
    goal_reached_pct: int = 80
    goal_delay_min: int = 20
    confirmation: str = "acknowledged"


@dataclass(frozen=True)
class PolicyForm:
    """The alert policy as it is written: the sender may still be absent."""

    sender: str | None = None
    two_way: bool = False
    caller_number: str | None = None
    language: str = "fr"
    decision: _Decision = field(default_factory=_Decision)
    media: Mapping[str, MediumPolicy] | None = None
    targets: tuple[AlertTarget, ...] = ()
    information_every_min: int = 30
    sitrep_every_min: int = 60
    control: _Control = field(default_factory=_Control)
    escalation_min: tuple[int, ...] = DEFAULT_ESCALATION_MIN
    offers_help: bool = True

    def settled(self, sender: str) -> AlertPolicy:
        """Complete the policy with this sender, and with the defaults for what is absent."""
        default = AlertPolicy(sender)
        return AlertPolicy(
            sender,
            two_way=self.two_way,
            caller_number=self.caller_number,
            language=self.language,
            approvers=self.decision.approvers,
            exercise_prefix=self.decision.exercise_prefix,
            media=default.media if self.media is None else self.media,
            targets=self.targets or default.targets,
            information_every_min=self.information_every_min,
            sitrep_every_min=self.sitrep_every_min,
            goal_reached_pct=self.control.goal_reached_pct,
            goal_delay_min=self.control.goal_delay_min,
            confirmation=self.control.confirmation,
            escalation_min=self.escalation_min,
            offers_help=self.offers_help,
            approves_by_phone=self.decision.by_phone,
        )


def _target(
    ident: str, *, selection: _Selection, media: tuple[str, ...], priority: int = 9
) -> AlertTarget:
    assets, sectors = selection.assets, selection.sectors
    return AlertTarget(ident, priority, media=media, assets=assets, sectors=sectors)


def _waits(waits: tuple[int, ...] = DEFAULT_ESCALATION_MIN) -> tuple[int, ...]:
    return waits


def _media(**media: MediumPolicy) -> Mapping[str, MediumPolicy]:
    return media


_MEDIUM = Choice(MEDIUM_WORDS)
_DIGIT = Text(1, pattern="[0-9]", expected=Sentence("une touche de 0 à 9", "a key from 0 to 9"))
_SMS = Record(
    MediumPolicy,
    "SMS",
    (
        Key("actif", "active", Flag(), "le canal est employé"),
        Key(
            "encodage",
            "encoding",
            Choice({"gsm7_prefere": "gsm7_preferred", "libre": "any"}),
            "gsm7_prefere avertit des lettres qui coûtent un SMS de plus ; libre non",
        ),
        Key("segments_max", "segments_max", Whole(1, 10), "avertir au-delà de tant de SMS"),
    ),
)
_VOICE = Record(
    MediumPolicy,
    "Appel vocal",
    (
        Key("actif", "active", Flag(), "le canal est employé"),
        Key("repetitions", "repeats", Whole(1, 5), "combien de fois le message est dit"),
        Key("essais", "tries", Whole(1, 10), "combien de fois on rappelle"),
        Key("delai_entre_essais_s", "retry_delay_s", Whole(30, 86_400), "secondes entre appels"),
        Key("accuse_touche", "understood_key", _DIGIT, "touche « compris »"),
        Key("fixes_seulement", "landlines_only", Flag(), "n'appeler que les fixes"),
    ),
)
_EMAIL = Record(MediumPolicy, "E-mail", (Key("actif", "active", Flag(), "le canal est employé"),))
_WEBHOOK = Record(
    MediumPolicy,
    "Webhook",
    (
        Key("actif", "active", Flag(), "le canal est employé"),
        Key(
            "formats",
            "formats",
            ListOf(Choice({"json": "json", "cap12": "cap12"}), least=1, most=2),
            "json, cap12",
        ),
    ),
)
_MEDIA = Record(
    _media,
    "Canaux",
    (
        Key("sms", "sms", _SMS, "les SMS"),
        Key("voix", "voice", _VOICE, "les appels"),
        Key("email", "email", _EMAIL, "les e-mails"),
        Key("webhook", "webhook", _WEBHOOK, "les machines abonnées"),
    ),
)
_SELECTION = Record(
    _Selection,
    "Sélection",
    (
        Key(
            "enjeux",
            "assets",
            ListOf(Choice({kind: kind for kind in ASSET_KINDS}), least=1, most=20),
            "types d'enjeux dont on prévient les contacts",
        ),
        Key(
            "secteurs",
            "sectors",
            OneOf(Choice({"scenario": "scenario", "tous": "all"}), ListOf(Ref("sector"), least=1)),
            "scenario, tous, ou des ids de secteurs",
        ),
    ),
)
_TARGET = Record(
    _target,
    "Cible",
    (
        Key("id", "ident", Ident("target"), "identifiant qui ne change plus", required=True),
        Key("priorite", "priority", Whole(1, 99), "1 part d'abord"),
        Key("selection", "selection", _SELECTION, "qui", required=True),
        Key(
            "canaux",
            "media",
            ListOf(_MEDIUM, least=1, most=4),
            "par quoi, dans l'ordre",
            required=True,
        ),
    ),
)
_DECISION = Record(
    _Decision,
    "Décision",
    (
        Key("qui", "approvers", ListOf(Ref("role"), least=1, most=20), "fonctions qui approuvent"),
        Key("exercice_prefixe", "exercise_prefix", Affix(30), "mis devant tout message d'exercice"),
        Key(
            "validation_telephone",
            "by_phone",
            Flag(),
            "valider aussi par téléphone : le nombre, puis un code personnel (non par défaut)",
        ),
    ),
)
_CONTROL = Record(
    _Control,
    "Contrôle",
    (
        Key("objectif_joints_pct", "goal_reached_pct", Whole(1, 100), "part des gens à joindre"),
        Key("delai_min", "goal_delay_min", Whole(1, 1_440), "en combien de minutes"),
        Key(
            "confirmation",
            "confirmation",
            Choice({"accuse": "acknowledged", "remise": "delivered"}),
            "accuse : qui n'a pas répondu est relancé ; remise : le message remis suffit",
        ),
    ),
)
_ESCALATION = Record(
    _waits,
    "Escalade",
    (Key("delais_min", "waits", ListOf(Whole(1, 1_440), least=1, most=10), "minutes d'attente"),),
)
POLICY = Record(
    PolicyForm,
    "Règlement d'emploi des moyens d'alerte (alerte/reglement.yaml)",
    (
        Key("emetteur_sms", "sender", Text(20), "nom affiché sur les SMS, 3 à 11 lettres"),
        Key("emetteur_bidirectionnel", "two_way", Flag(), "l'émetteur reçoit les réponses"),
        Key("numero_appelant", "caller_number", PHONE, "numéro affiché lors des appels"),
        Key("langue", "language", LANGUAGE, "langue des modèles"),
        Key("decision", "decision", _DECISION, "qui décide"),
        Key("canaux", "media", _MEDIA, "les canaux employés"),
        Key("cibles", "targets", ListOf(_TARGET, least=1, most=100), "qui prévenir, dans l'ordre"),
        Key("information_periodique_min", "information_every_min", Whole(5, 1_440), "en minutes"),
        Key("point_de_situation_min", "sitrep_every_min", Whole(10, 1_440), "en minutes"),
        Key("controle", "control", _CONTROL, "vérifier que l'alerte est reçue"),
        Key("escalade", "escalation_min", _ESCALATION, "attente avant le canal suivant"),
        Key(
            "demande_aide",
            "offers_help",
            Flag(),
            "true : qui répond 2 demande de l'aide ; false : seul 1 est proposé",
        ),
    ),
    kind="policy",
)
