"""Does everything that is named exist? Kinds of things, where they are written, who points."""

from plans.case import Case
from plans.faults import Sentence
from plans.sentences import UNKNOWN_REFERENCE

_SECTORS = ("geo/secteurs.geojson", "geo/pcs.gpkg")
KINDS = {
    "contact": (Sentence("les contacts", "the contacts"), ("annuaire.yaml",)),
    "role": (Sentence("les fonctions", "the roles"), ("organisation.yaml",)),
    "cell": (Sentence("les cellules", "the cells"), ("organisation.yaml",)),
    "level": (Sentence("les niveaux", "the levels"), ("pcs.yaml",)),
    "hazard": (Sentence("les risques", "the hazards"), ("risques.yaml",)),
    "scenario": (Sentence("les scénarios", "the scenarios"), ("risques.yaml",)),
    "resource": (Sentence("les moyens", "the resources"), ("moyens.yaml",)),
    "centre": (Sentence("les centres", "the centres"), ("centres.yaml",)),
    "assembly_point": (
        Sentence("les points de rassemblement", "the assembly points"),
        ("centres.yaml",),
    ),
    "sector": (Sentence("les secteurs", "the sectors"), _SECTORS),
    "card": (Sentence("les fiches", "the cards"), ("fiches/",)),
    "template": (Sentence("les modèles", "the templates"), ("alerte/modeles/",)),
}


def check_references(case: Case) -> None:
    """Report each id that nothing bears, with the close ones; not those of an unread form."""
    findings = case.findings
    for reference in findings.references:
        known = findings.definitions.get(reference.kind, {})
        name, files = KINDS[reference.kind]
        blurred = reference.kind in findings.unnamed or case.unread(*files)
        if reference.ident in known or blurred:
            continue
        near = findings.near(reference.ident, known)
        findings.fault(
            reference.spot, UNKNOWN_REFERENCE, ident=reference.ident, kind=name, near=near
        )
