"""A first plan, written step by step from what a village has at hand; each step is pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from plans.drawn import sectors_of
from plans.faults import Findings
from plans.folder import POLICY, TEMPLATES, in_folder
from plans.forms_plan import CommuneForm
from plans.sections import BY_NAME, Files, plain, records_of
from plans.senders import sender_of
from plans.starter_words import READY, RISKS, texts_of
from plans.yaml_lines import read_yaml
from plans.yaml_written import Value, document

STEPS = (
    "commune",
    "personnes",
    "fonctions",
    "risques",
    "secteurs",
    "centres",
    "messages",
    "relire",
)
MOST_DEPUTIES = 3
_FILES = {
    "pcs.yaml": "commune",
    "annuaire.yaml": "personnes",
    "organisation.yaml": "fonctions",
    "risques.yaml": "risques",
    "geo/secteurs.geojson": "secteurs",
    "centres.yaml": "centres",
}


@dataclass(frozen=True)
class Duties:
    """Who holds the functions that a commune cannot do without, by their ids in the directory."""

    mayor: str = ""
    deputies: tuple[str, ...] = ()
    rac: str = ""
    rac_deputy: str = ""


def step_of(file: str) -> str:
    """Return the step that writes a file."""
    return _FILES.get(file, "messages")


def done_of(files: Files) -> frozenset[str]:
    """Tell which steps have been taken."""
    done = {step for file, step in _FILES.items() if file in files}
    if len(records_of(files, BY_NAME["annuaire"])) < 2:
        done.discard("personnes")
    if not sectors_of(files):
        done.discard("secteurs")
    if in_folder(files, TEMPLATES):
        done.add("messages")
    return frozenset(done)


def next_of(files: Files) -> str:
    """Return the first step that is left."""
    done = done_of(files)
    return next(step for step in STEPS if step not in done)


def zone_of(insee: str) -> str:
    """Return the clock that a commune lives by, from its code."""
    return CommuneForm(insee, "").settled().timezone


def with_commune(files: Files, insee: str, *, name: str, phone: str) -> dict[str, bytes]:
    """Write who the commune is."""
    commune: dict[str, Value] = {"code_insee": insee, "nom": name, "fuseau": zone_of(insee)}
    commune |= {"telephone": phone} if phone else {}
    about = "Plan communal de sauvegarde, commencé sur la console."
    whole: dict[str, Value] = {"schema": "pcs/1", "commune": commune, "plan": {"version": "1"}}
    return {**files, "pcs.yaml": document(whole, about=about)}


def commune_of(files: Files) -> dict[str, str]:
    """Give what was said of the commune, by the keys of its form."""
    held = _held(files, "pcs.yaml").get("commune")
    return {key: str(value) for key, value in held.items()} if isinstance(held, Mapping) else {}


def with_duties(files: Files, duties: Duties) -> dict[str, bytes]:
    """Write who decides and who replaces; the mayor and deputies approve alerts."""
    dos: dict[str, Value] = {
        "code": "DOS",
        "libelle": "Directeur des opérations de secours",
        "titulaire": duties.mayor,
        "suppleants": list(duties.deputies),
        "approuve_alertes": True,
    }
    rac: dict[str, Value] = {
        "code": "RAC",
        "libelle": "Responsable des actions communales",
        "titulaire": duties.rac,
        **({"suppleants": [duties.rac_deputy]} if duties.rac_deputy else {}),
    }
    roles = [dos, rac] if duties.rac else [dos]
    about = "Qui décide. Les noms sont dans annuaire.yaml."
    return {**files, "organisation.yaml": document({"fonctions": roles}, about=about)}


def duties_of(files: Files) -> Duties:
    """Give the functions as they were chosen."""
    held = records_of(files, BY_NAME["fonctions"])
    dos, rac = held.get("DOS", {}), held.get("RAC", {})
    return Duties(
        str(dos.get("titulaire", "")),
        tuple(_texts(dos.get("suppleants"))),
        str(rac.get("titulaire", "")),
        next(iter(_texts(rac.get("suppleants"))), ""),
    )


def with_risks(files: Files, codes: Sequence[str]) -> dict[str, bytes]:
    """Write the risks that were ticked, those of the list alone."""
    chosen = [code for code in RISKS if code in codes]
    risks: list[Value] = [{"code": code, "libelle": RISKS[code], "ddrm": True} for code in chosen]
    return {**files, "risques.yaml": document({"risques": risks}, about="Les risques.")}


def with_centres(
    files: Files, *, post: str, shelter: str, capacity: Value | None
) -> dict[str, bytes]:
    """Write where the command sits, and where people are received if there is a place."""
    centres: list[Value] = []
    if post:
        centres.append({"id": "pcc", "type": "PCC", "libelle": post})
    if shelter:
        room: dict[str, Value] = {} if capacity is None else {"capacite_accueil": capacity}
        centres.append({"id": "accueil", "type": "CARE", "libelle": shelter, **room})
    about = "Poste de commandement et lieux d'accueil."
    return {**files, "centres.yaml": document({"centres": centres}, about=about)}


def with_messages(
    files: Files, idents: Sequence[str], *, sender: str, caller: str
) -> dict[str, bytes]:
    """Write the messages that were ticked, and who they come from."""
    kept = {name: raw for name, raw in files.items() if not name.startswith(f"{TEMPLATES}/")}
    shelter = "accueil" in records_of(files, BY_NAME["centres"])
    wanted = {*idents, "fin_alerte", "fausse_alerte"}
    for ready in READY:
        if ready.ident in wanted:
            texts = texts_of(ready, shelter=shelter)
            kept[f"{TEMPLATES}/{ready.ident}.yaml"] = document(texts)
    rules: dict[str, Value] = {"emetteur_sms": sender} if sender else {}
    rules |= {"numero_appelant": caller} if caller else {}
    rules |= {"langue": "fr", "decision": {"qui": ["DOS"], "exercice_prefixe": "EXERCICE "}}
    about = "Règlement d'emploi des moyens d'alerte."
    return {**kept, POLICY: document(rules, about=about)}


def policy_of(files: Files) -> dict[str, str]:
    """Give the sender and the caller's number as they were chosen."""
    held = _held(files, POLICY)
    return {key: str(held.get(key, "")) for key in ("emetteur_sms", "numero_appelant")}


def sender_for(files: Files, fault: Callable[[str], str | None]) -> str:
    """Propose a sender's name that operators let through."""
    return sender_of(commune_of(files).get("nom", ""), fault) or ""


def _held(files: Files, name: str) -> Mapping[str, Value]:
    tree = read_yaml(name, files[name], Findings()) if name in files else None
    held = plain(tree) if tree is not None else None
    return held if isinstance(held, Mapping) else {}


def _texts(value: Value | None) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
