"""The files of a plan, form by form, gathered into one Plan with its defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from plans import sentences as say
from plans.alerting import AlertPolicy, MessageTemplate
from plans.case import SenderCheck, Written
from plans.commune import Level
from plans.faults import Findings, Spot
from plans.folder import CARDS, PREVENTS, REQUIRED, TEMPLATES, in_folder
from plans.forms_events import CARD, CENTRES, MEANS, RISKS, Centres, Means, Risks
from plans.forms_people import DIRECTORY, ORGANISATION, TEAMS, Directory, Organisation, Teams
from plans.forms_plan import MANIFEST, CommuneForm, Manifest
from plans.forms_policy import POLICY, PolicyForm
from plans.forms_templates import TEMPLATE, TemplateForm
from plans.layers import (
    GEOPACKAGE,
    LAYERS,
    Ground,
    Layer,
    layer_file,
    read_geopackage,
    read_ground,
    read_layer,
)
from plans.means import Card
from plans.plan import Plan
from plans.records import Record
from plans.senders import sender_of
from plans.words import WordsRefused, blanks_of
from plans.yaml_lines import read_yaml

DEFAULT_LEVELS = (
    Level("veille", 0, "Veille"),
    Level("vigilance", 1, "Vigilance renforcée"),
    Level("pre_alerte", 2, "Pré-alerte", command_post="reduced"),
    Level("alerte", 3, "PCS activé", command_post="full"),
)
"""The levels of a commune that named none (DOMAIN §1.4)."""

UNVERSIONED = "sans version"
_NOWHERE = CommuneForm("00000", "?")

_T = TypeVar("_T")


@dataclass(frozen=True)
class _Forms:
    """Everything as it was written, a faulty form left out or empty."""

    manifest: Manifest
    organisation: Organisation = field(default_factory=Organisation)
    directory: Directory = field(default_factory=Directory)
    risks: Risks = field(default_factory=Risks)
    means: Means = field(default_factory=Means)
    centres: Centres = field(default_factory=Centres)
    teams: Teams = field(default_factory=Teams)
    policy: PolicyForm | None = None
    cards: tuple[Card, ...] = ()
    templates: tuple[TemplateForm, ...] = ()


def gather(
    files: Mapping[str, bytes], findings: Findings, *, sender_fault: SenderCheck
) -> tuple[Plan, Written]:
    """Make the plan of its files, with what its author gave; the faults are in `findings`.

    Where a file is faulty the plan is made without it, so that the rest is still checked.
    """
    forms = _read_forms(files, findings)
    ground = read_ground(_read_layers(files, findings), findings)
    if not forms.manifest.levels:
        for level in DEFAULT_LEVELS:
            findings.define("level", level.code, Spot("pcs.yaml"))
    policy = _policy(forms, sender_fault)
    plan = _plan(forms, ground, policy=policy)
    written = Written(
        sender=forms.policy.sender if forms.policy else None,
        version=forms.manifest.plan.version is not None,
        levels=bool(forms.manifest.levels),
        policy=forms.policy is not None,
        outline_codes=ground.insee,
    )
    return plan, written


def _plan(forms: _Forms, ground: Ground, *, policy: AlertPolicy) -> Plan:
    manifest = forms.manifest
    levels = manifest.levels or DEFAULT_LEVELS
    return Plan(
        commune=manifest.commune.settled(),
        version=manifest.plan.version or UNVERSIONED,
        policy=policy,
        dates=manifest.plan.dates(),
        public=manifest.plan.public,
        listed_hazards=manifest.listed_hazards,
        outline=ground.outline,
        levels=tuple(sorted(levels, key=lambda level: level.order)),
        roles=forms.organisation.roles,
        cells=forms.organisation.cells,
        function_names=forms.organisation.function_names,
        contacts=forms.directory.contacts,
        outside_services=forms.directory.outside_services,
        on_call=forms.directory.on_call,
        hazards=forms.risks.hazards,
        scenarios=forms.risks.scenarios,
        sectors=ground.sectors,
        hazard_zones=ground.hazard_zones,
        assets=ground.assets,
        resources=forms.means.resources,
        centres=forms.centres.centres,
        centre_rules=forms.centres.rules,
        assembly_points=forms.centres.assembly_points,
        teams=forms.teams.teams,
        radio_codes={int(code): said for code, said in forms.teams.radio_codes.items()},
        watch=forms.teams.watch,
        cards=forms.cards,
        templates=tuple(_settled(form, policy.language) for form in forms.templates),
    )


def _policy(forms: _Forms, sender_fault: SenderCheck) -> AlertPolicy:
    form = forms.policy or PolicyForm()
    name = forms.manifest.commune.name
    return form.settled(form.sender or sender_of(name, sender_fault) or name)


def _settled(form: TemplateForm, language: str) -> MessageTemplate:
    return form.settled(language, blanks=_blanks(form))


def _blanks(form: TemplateForm) -> tuple[str, ...]:
    """List the blanks of a template that declares none."""
    texts = [text for text in form.own().texts if text]
    texts += [text for words in form.translations.values() for text in words.texts]
    try:
        return tuple(dict.fromkeys(name for text in texts for name in blanks_of(text)))
    except WordsRefused:
        return ()


def _read_forms(files: Mapping[str, bytes], findings: Findings) -> _Forms:
    def one(name: str, form: Record[_T]) -> _T | None:
        tree = read_yaml(name, files[name], findings) if name in files else None
        read = form.read(tree, findings) if tree is not None else None
        if tree is not None and read is None:
            findings.unread.add(name)
        return read

    def each(folder: str, form: Record[_T]) -> tuple[_T, ...]:
        read = [one(name, form) for name in in_folder(files, folder)]
        return tuple(thing for thing in read if thing is not None)

    manifest = one("pcs.yaml", MANIFEST)
    if manifest is None:
        findings.unread.add("pcs.yaml")
    return _Forms(
        manifest=manifest or Manifest(_NOWHERE),
        organisation=one("organisation.yaml", ORGANISATION) or Organisation(),
        directory=one("annuaire.yaml", DIRECTORY) or Directory(),
        risks=one("risques.yaml", RISKS) or Risks(),
        means=one("moyens.yaml", MEANS) or Means(),
        centres=one("centres.yaml", CENTRES) or Centres(),
        teams=one("equipes.yaml", TEAMS) or Teams(),
        policy=one("alerte/reglement.yaml", POLICY),
        cards=each(CARDS, CARD),
        templates=each(TEMPLATES, TEMPLATE),
    )


def _read_layers(files: Mapping[str, bytes], findings: Findings) -> dict[str, Layer]:
    """Read each layer from its own file, else from the GeoPackage."""
    layers = read_geopackage(files[GEOPACKAGE], findings) if GEOPACKAGE in files else {}
    for name in LAYERS:
        file = layer_file(name)
        if file in files and name in layers:
            findings.warn(Spot(file), say.TWIN_LAYER, other=GEOPACKAGE)
        layer = read_layer(file, files[file], findings) if file in files else layers.get(name)
        if layer is not None:
            layers[name] = layer
        whole = file in files or GEOPACKAGE in files
        if whole and not findings.unread & {file, GEOPACKAGE} and (layer is None or layer.empty):
            _tell_empty(name, layer, findings)
    return layers


def _tell_empty(name: str, layer: Layer | None, findings: Findings) -> None:
    file = layer.file if layer else GEOPACKAGE
    spot = Spot(file, 1, name if file == GEOPACKAGE else "")
    note = findings.fault if layer_file(name) in REQUIRED else findings.warn
    note(spot, say.EMPTY_LAYER, prevents=PREVENTS[layer_file(name)])
