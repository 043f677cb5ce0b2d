"""The form of pcs.yaml: the commune, the legal dates, the levels."""

from dataclasses import dataclass, field
from datetime import date

from plans.commune import Adoption, Commune, Epci, Exercise, LegalDates, Level
from plans.faults import Sentence
from plans.figures import Day, Flag, Whole
from plans.records import Key, ListOf, Record
from plans.shapes import Choice, Ident, Text
from plans.wire import SERVICE_PHONE, TimeZone

SCHEMA_VERSION = "pcs/1"

# Overseas departments and collectivities keep their own time (IANA names).
_ZONES = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}


@dataclass(frozen=True)
class CommuneForm:
    """A commune as it is written: what can be derived may be absent."""

    insee: str
    name: str
    department: str | None = None
    timezone: str | None = None
    population: int | None = None
    epci: Epci | None = None
    information_phone: str | None = None

    def settled(self) -> Commune:
        """Derive the department and the time zone from the INSEE code where they are absent."""
        department = self.department or department_of(self.insee)
        return Commune(
            self.insee,
            self.name,
            department=department,
            timezone=self.timezone or _ZONES.get(department, "Europe/Paris"),
            population=self.population,
            epci=self.epci,
            information_phone=self.information_phone,
        )


@dataclass(frozen=True)
class PlanForm:
    """The `plan` part of pcs.yaml."""

    version: str | None = None
    adoption: Adoption | None = None
    notified_on: date | None = None
    revised_on: date | None = None
    evaluated_on: date | None = None
    exercise: Exercise | None = None
    public: bool = False

    def dates(self) -> LegalDates:
        """Gather the dates the law counts from."""
        return LegalDates(
            adoption=self.adoption,
            notified_on=self.notified_on,
            revised_on=self.revised_on,
            evaluated_on=self.evaluated_on,
            exercise=self.exercise,
        )


@dataclass(frozen=True)
class Manifest:
    """The whole of pcs.yaml."""

    commune: CommuneForm
    written_for: str = SCHEMA_VERSION
    plan: PlanForm = field(default_factory=PlanForm)
    listed_hazards: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()


def department_of(insee: str) -> str:
    """Find the department in an INSEE code: 2A, 2B, three digits overseas, else two."""
    return insee[:3] if insee[:2] in ("97", "98") else insee[:2]


_INSEE = Text(
    5,
    pattern=r"(0[1-9]|[1-9][0-9]|2[AB])[0-9]{3}",
    expected=Sentence("un code INSEE de 5 signes (35047, 2A004)", "an INSEE code of 5 signs"),
)
_DEPARTMENT = Text(
    3,
    pattern=r"[0-9]{2}|2[AB]|9[78][0-9]",
    expected=Sentence("un département : 42, 2A, 974", "a department: 42, 2A, 974"),
)
_SIREN = Text(
    9,
    pattern=r"[0-9]{9}",
    expected=Sentence("un numéro SIREN de 9 chiffres, sans espace", "9 digits without spaces"),
)
_EPCI = Record(
    Epci,
    "Intercommunalité",
    (
        Key("siren", "siren", _SIREN, "numéro SIREN, 9 chiffres"),
        Key("nom", "name", Text(), "nom de l'intercommunalité"),
    ),
)
_COMMUNE = Record(
    CommuneForm,
    "Commune",
    (
        Key("code_insee", "insee", _INSEE, "code INSEE de la commune", required=True),
        Key("nom", "name", Text(100), "nom de la commune", required=True),
        Key("departement", "department", _DEPARTMENT, "département, pour la vigilance météo"),
        Key("epci", "epci", _EPCI, "intercommunalité"),
        Key("population", "population", Whole(0, 10_000_000), "nombre d'habitants"),
        Key("fuseau", "timezone", TimeZone(), "fuseau horaire, Europe/Paris"),
        Key("telephone", "information_phone", SERVICE_PHONE, "numéro d'information des habitants"),
    ),
    kind="commune",
)
_ADOPTION = Record(
    Adoption,
    "Arrêté d'adoption",
    (
        Key("numero", "number", Text(60), "numéro de l'arrêté"),
        Key("date", "signed_on", Day(), "date de l'arrêté"),
        Key("signataire", "signatory", Text(), "qui l'a signé"),
    ),
)
_EXERCISE = Record(
    Exercise,
    "Dernier exercice",
    (
        Key("date", "held_on", Day(), "date de l'exercice", required=True),
        Key("type", "kind", Text(60), "cadre ou terrain"),
        Key("theme", "theme", Text(), "risque joué"),
        Key("evenement_reel", "real_event", Flag(), "un événement réel en a tenu lieu"),
    ),
)
_PLAN = Record(
    PlanForm,
    "Plan",
    (
        Key("version", "version", Text(40), "version du plan, par exemple 2026.1"),
        Key("arrete", "adoption", _ADOPTION, "arrêté d'adoption"),
        Key("notification_prefet", "notified_on", Day(), "le plan est dû 2 ans après"),
        Key("derniere_revision", "revised_on", Day(), "le plan est à revoir 5 ans après"),
        Key("derniere_evaluation", "evaluated_on", Day(), "une évaluation est due 5 ans après"),
        Key("dernier_exercice", "exercise", _EXERCISE, "un exercice est dû 5 ans après"),
        Key(
            "diffusion",
            "public",
            Choice({"restreinte": False, "publique": True}),
            "restreinte, ou publique si rien n'y est personnel",
        ),
    ),
    kind="plan",
)
_LEVEL = Record(
    Level,
    "Niveau",
    (
        Key("code", "code", Ident("level"), "code du niveau", required=True),
        Key("ordre", "order", Whole(0, 100), "du plus calme (0) au plus grave", required=True),
        Key("libelle", "label", Text(), "nom du niveau", required=True),
        Key(
            "pcc",
            "command_post",
            Choice({"ferme": "closed", "reduit": "reduced", "complet": "full"}),
            "poste de commandement : ferme, reduit, complet",
        ),
    ),
)
MANIFEST = Record(
    Manifest,
    "Plan communal de sauvegarde (pcs.yaml)",
    (
        Key("schema", "written_for", Choice({SCHEMA_VERSION: SCHEMA_VERSION}), "pcs/1"),
        Key("commune", "commune", _COMMUNE, "la commune", required=True),
        Key("plan", "plan", _PLAN, "version, dates légales, diffusion"),
        Key("risques_recenses", "listed_hazards", ListOf(Text(60), most=100), "codes de risques"),
        Key("niveaux", "levels", ListOf(_LEVEL, most=20), "niveaux de la montée en puissance"),
    ),
    kind="manifest",
)
