"""`plan check`, `plan load`, `plan schema`."""

from pathlib import Path
from typing import Annotated

import typer

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.office import Actor
from dispatcher.cli.opening import opened_office
from dispatcher.cli.speaking import Json, coroutine, refuse, say
from plans.folder import Found, look_into
from plans.publish import described_files, file_schema, json_schema
from plans.reading import Reading

app = typer.Typer(help="The commune's safeguard plan.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(help="folder of the plan", show_default=False)]


def _look(folder: Path, *, as_json: bool) -> Found:
    """Find the files of the plan; refuses a folder that is none or cannot be opened."""
    if not folder.is_dir():
        refuse(f"« {folder} » n'est pas un dossier : donnez celui du plan.", as_json=as_json)
    try:
        return look_into(folder)
    except OSError:
        refuse(f"« {folder} » n'a pas pu être lu : vérifiez vos droits.", as_json=as_json)


def _answer(reading: Reading) -> dict[str, object]:
    return {
        "valid": reading.plan is not None and not reading.faults,
        "faults": [fault.as_dict() for fault in reading.faults],
        "warnings": [warning.as_dict() for warning in reading.warnings],
    }


def _lines(reading: Reading, *, sound: str, faulty: str) -> list[str]:
    told = [f"✗ {one.file}:{one.line}  {one.path}  {one.message}" for one in reading.faults]
    told += [f"· {one.file}:{one.line}  {one.path}  {one.message}" for one in reading.warnings]
    counts = f"Fautes (✗) : {len(reading.faults)}. Avertissements (·) : {len(reading.warnings)}."
    return [*told, counts, faulty if reading.faults else sound]


@app.command()
def check(folder: Folder, *, as_json: Json = False) -> None:
    """Validate a plan folder: every fault and warning at once, with file, line and path."""
    reading = plan_in_force.judge(_look(folder, as_json=as_json))
    verdicts = {"sound": "Le plan est valide.", "faulty": "Le plan n'est pas valide."}
    say(_answer(reading), as_json=as_json, lines=_lines(reading, **verdicts))
    if reading.faults:
        raise typer.Exit(1)


@app.command()
@coroutine
async def load(folder: Folder, *, as_json: Json = False) -> None:
    """Make a plan current; a faulty one is refused and the plan in force stays."""
    found = _look(folder, as_json=as_json)
    reading = plan_in_force.judge(found)
    if reading.plan is not None and not reading.faults:
        async with opened_office(reading.plan.commune.insee) as office:
            await plan_in_force.load(office, found.files, actor=Actor("console", "administrator"))
    verdicts = {
        "sound": "Le plan est valide : il est maintenant en vigueur.",
        "faulty": "Le plan n'est pas valide : il n'est pas chargé, et rien d'autre ne change.",
    }
    say(_answer(reading), as_json=as_json, lines=_lines(reading, **verdicts))
    if reading.faults:
        raise typer.Exit(1)


@app.command()
def schema(
    file: Annotated[str, typer.Argument(help="one file: pcs.yaml, fiches/*.yaml…")] = "",
    *,
    as_json: Json = True,
) -> None:
    """Print the JSON Schema of a plan's folder, or of one of its files for an editor."""
    try:
        say(file_schema(file) if file else json_schema(), as_json=True)
    except KeyError:
        known = ", ".join(described_files())
        refuse(
            f"« {file} » n'est pas un fichier du plan : choisissez parmi {known}.", as_json=False
        )
