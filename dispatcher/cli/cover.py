"""`residents cover`, `residents round`: how much is covered, and at which doors to knock."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import AlertRefused
from dispatcher.cli.call_list import private
from dispatcher.cli.failing import said
from dispatcher.cli.opening import NoCommune, opened_office
from dispatcher.cli.speaking import Json, refuse, say
from dispatcher.cover.counting import Share, cover_of
from dispatcher.cover.ground import Grounds
from dispatcher.cover.hiding import Shown, shown_of
from dispatcher.cover.rounds import Where, as_csv, take_round

CONSOLE = Actor("console", "administrator")


def cover(*, as_json: Json = False) -> None:
    """Tell which share of addresses and inhabitants has a confirmed contact, and where least.

    As on the page, no figure of fewer than five addresses is told: null.
    """

    async def counted() -> dict[str, Any]:
        async with opened_office() as office:
            found = shown_of(await cover_of(office, Grounds()))
            return {
                "commune": _share(found.whole),
                "sectors": [_told(one) for one in found.sectors],
                "streets": [_told(one) for one in found.streets],
                "people_elsewhere": found.elsewhere,
                "addresses_unlocated": found.unlocated,
            }

    try:
        answer = asyncio.run(counted())
    except NoCommune as error:
        refuse(said(error), as_json=as_json)
    if not answer["sectors"]:
        refuse(
            "La base d'adresses n'est pas chargée, on ne sait pas qui n'est pas couvert :"
            " « residents addresses FICHIER ».",
            as_json=as_json,
        )
    lowest = sorted(answer["sectors"], key=lambda one: (one["share"] is None, one["share"]))
    say(answer, as_json=as_json, lines=[_line("Commune", answer["commune"]),
                                        *(_line(_named(one), one) for one in lowest)])  # fmt: skip


def round_(
    file: Annotated[Path, typer.Argument(help="CSV file to write", show_default=False)],
    *,
    sector: Annotated[str, typer.Option(help="its id in the plan; - for outside all")] = "",
    street: Annotated[str, typer.Option(help="as the addresses name it")] = "",
    as_json: Json = False,
) -> None:
    """Write the addresses without a confirmed contact, in walking order; no name is in it."""

    async def taken() -> int:
        async with opened_office() as office:
            where = Where(sector, street)
            found = await take_round(office, Grounds(), where, actor=CONSOLE)
            await asyncio.to_thread(private, file)
            await asyncio.to_thread(file.write_bytes, as_csv(found).encode())
            return len(found.doors)

    try:
        doors = asyncio.run(taken())
    except (AlertRefused, NoCommune, OSError) as error:
        refuse(said(error), as_json=as_json)
    say(
        {"addresses": doors, "file": str(file)},
        as_json=as_json,
        lines=[f"{doors} adresses sans contact confirmé : {file}"],
    )


def _told(one: Shown) -> dict[str, object]:
    place = one.place
    names = {"sector": place.sector or None, "name": place.name, "estimate": place.source}
    if place.street is not None:
        names["street"] = place.street
    return {**names, **_share(one.share), "addresses": place.share.addresses}


def _share(one: Share | None) -> dict[str, object]:
    if one is None:
        return dict.fromkeys(("addresses", "covered", "share", "inhabitants", "reached"))
    return {
        "addresses": one.addresses,
        "covered": one.covered,
        "share": round(one.of_addresses, 4),
        "inhabitants": round(one.inhabitants),
        "reached": round(one.reached),
    }


def _named(one: Mapping[str, Any]) -> str:
    return str(one["name"] or "Hors secteur")


def _line(name: str, one: Mapping[str, Any]) -> str:
    if one["share"] is None:
        return f"{name} : non montré"
    return (
        f"{name} : {int(100 * one['share'])} % des adresses ({one['covered']} sur"
        f" {one['addresses']}), environ {one['reached']} habitants sur {one['inhabitants']}"
    )
