"""`binder …`: the crisis binder's key, a binder made now, a binder opened without the server."""

import asyncio
import io
import os
import zipfile
from pathlib import Path
from typing import Annotated

import typer

from dispatcher.alerts.refusals import NotThere
from dispatcher.binder.envelope import EnvelopeRefused, new_key, unseal
from dispatcher.binder.making import build
from dispatcher.binder.shelving import NotShelved, shelve
from dispatcher.cli.failing import said
from dispatcher.cli.opening import NoCommune, opened_office
from dispatcher.cli.speaking import Json, refuse, say
from dispatcher.logbook.typesetting import NotPrinted
from dispatcher.settings import BinderSettings

app = typer.Typer(help="The crisis binder, for when the server is gone.", no_args_is_help=True)
REFUSED = (NoCommune, NotThere, EnvelopeRefused, NotShelved, NotPrinted, OSError)


@app.command()
def key(
    file: Annotated[Path, typer.Argument(help="where the private key is written")],
    *,
    as_json: Json = False,
) -> None:
    """Make the key pair of the binders; the private half never stays on the server."""
    private, recipient = new_key()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as written:
            written.write(f"{private}\n")
    except OSError as error:
        refuse(said(error), as_json=as_json)
    say(
        {"recipient": recipient, "file": str(file)},
        as_json=as_json,
        lines=[
            f"TOCSIN_BINDER_RECIPIENT={recipient}",
            f"Clé privée : {file}. Copiez-la sur deux clés USB gardées hors du serveur,"
            " imprimez-la, puis effacez-la d'ici : elle seule ouvre les classeurs.",
        ],
    )


@app.command(name="build")
def build_now(
    folder: Annotated[Path | None, typer.Argument(help="default: TOCSIN_BINDER_TO")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Make the binder now, sealed for TOCSIN_BINDER_RECIPIENT."""
    settings = BinderSettings()
    to = str(folder) if folder else settings.to.get_secret_value()
    if not to:
        refuse("Nommez un dossier, ou TOCSIN_BINDER_TO.", as_json=as_json)

    async def made() -> dict[str, object]:
        async with opened_office() as office:
            binder = await build(office, recipient=settings.recipient, by="console")
            where = await shelve(binder, to, keep_days=settings.keep_days)
            return {"file": where, "people": binder.people, "sha256": binder.sha256}

    try:
        answer = asyncio.run(made())
    except REFUSED as error:
        refuse(said(error), as_json=as_json)
    say(answer, as_json=as_json)


@app.command(name="open")
def open_one(
    file: Annotated[Path, typer.Argument(help="the sealed binder")],
    *,
    private: Annotated[Path, typer.Option("--key", help="file of the private key")],
    to: Annotated[
        Path | None, typer.Option("--to", help="folder; default: beside the file")
    ] = None,
    as_json: Json = False,
) -> None:
    """Open a binder with the private key alone: no server, no ledger, no password."""
    folder = to or file.with_suffix("")
    try:
        content = unseal(file.read_bytes(), private.read_text("ascii"))
        os.umask(0o077)  # the whole register: for who opens it, and nobody else here
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(folder)
            names = archive.namelist()
    except (EnvelopeRefused, OSError, UnicodeDecodeError, zipfile.BadZipFile) as error:
        refuse(said(error), as_json=as_json)
    say({"folder": str(folder), "files": names}, as_json=as_json)
